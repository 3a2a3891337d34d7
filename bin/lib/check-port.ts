import { createServer } from 'node:net'

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
      const why = code === 'EADDRINUSE' ? 'something else listens there' : message
      resolve(
        `port ${port} of ${host} cannot be used (${why}). Set another one, like ${variable}=${port + 1}.`,
      )
    })
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}
