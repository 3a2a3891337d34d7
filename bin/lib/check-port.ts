import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

const LAST = 65_535
const NO_ADDRESS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL', 'EAFNOSUPPORT'])

/** @returns why nothing can listen on the port, and what to do; undefined = the port is free, or the system picks one */
export function portProblem(host: string, port: number, variable: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      if (NO_ADDRESS.has(code ?? '')) {
        resolve(
          `HOST is "${host}", which is no address of this machine (${code}): set HOST=127.0.0.1, or HOST=0.0.0.0 for every address of it.`,
        )
        return
      }
      const why =
        code === 'EADDRINUSE'
          ? 'something else listens there'
          : code === 'EACCES'
            ? 'only root may listen there'
            : message
      // The next port needs root as well, and after the last one there is none.
      const other = code === 'EACCES' || port === LAST ? 8080 : port + 1
      resolve(`port ${port} of ${host} cannot be used (${why}). Set another one, like ${variable}=${other}.`)
    })
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}

/** @returns a port that is free now */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
