import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An import would name all that the module exports, and its WebSocket would load undici: 14 MiB and 30 ms for
 * nothing.
 */
export const http = process.getBuiltinModule('node:http')

export interface Listening {
  url: string
  close(): Promise<void>
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Starts a server on a port (0 = any free one). `close` also ends the connections that are still open. */
export async function listen(
  handler: Handler,
  at: { port?: number; host?: string } = {},
): Promise<Listening> {
  const server = http.createServer((request, response) => {
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => {
        if (response.headersSent) return response.destroy()
        if (error instanceof TooLarge) return sendJson(response, 413, { error: 'the body is too large' })
        console.error(error)
        sendJson(response, 500, { error: String(error) })
      })
  })
  server.keepAliveTimeout = 30_000
  const host = at.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export class TooLarge extends Error {}

/** The raw bytes of a request. @throws TooLarge over `maxBytes` */
export async function readBody(request: IncomingMessage, maxBytes = 1024 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new TooLarge()
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string | number> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}
