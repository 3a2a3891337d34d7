/** autocannon comes without types; these describe what the benches use of it. */
declare module 'autocannon' {
  interface Options {
    url: string
    connections: number
    duration: number
    method: string
    headers: Record<string, string>
    requests: { setupRequest(request: object): object }[]
  }
  interface Outcome {
    non2xx: number
    errors: number
    requests: { average: number; total: number }
  }
  export default function autocannon(options: Options): Promise<Outcome>
}
