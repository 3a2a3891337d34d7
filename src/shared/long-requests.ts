import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Connections whose present request may take longer than the server's limit. */
const allowed = new WeakSet<Duplex>()

/**
 * Lets the request on this connection take up to so many milliseconds; then the connection is cut.
 * @returns ends the permission: the next request on the connection has the server's limit again
 */
export function takeLonger(socket: Duplex, ms: number): () => void {
  allowed.add(socket)
  const late = setTimeout(() => socket.destroy(), ms).unref()
  return () => {
    clearTimeout(late)
    allowed.delete(socket)
  }
}

/** Keeps the server from cutting off requests that may take longer. Node knows one limit for all requests of a server. */
export function spareLongRequests(server: Server): void {
  const refuse = server.listeners('clientError')[0] as (error: Error, socket: Duplex) => void
  server.removeListener('clientError', refuse)
  server.on('clientError', (error, socket) => {
    const isLate = (error as NodeJS.ErrnoException).code === 'ERR_HTTP_REQUEST_TIMEOUT'
    if (!isLate || !allowed.has(socket)) refuse(error, socket)
  })
}
