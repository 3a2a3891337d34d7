import { createServer } from 'node:net'

/** @returns why nothing can listen on the port, and what to do; undefined = the port is free, or the system picks one */
export function portProblem(host: string, port: number, variable: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === 'EADDRINUSE' ? 'something else listens there' : message
      resolve(
        `port ${port} of ${host} cannot be used (${why}). Set another one, like ${variable}=${port + 1}.`,
      )
    })
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}
