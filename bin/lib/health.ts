import { createServer } from 'node:http'
import type { Shared } from '../../src/shared/context.ts'

/** `/healthz`, `/readyz` and `/metrics` of a worker process, on HEALTH_PORT; without one there are none. */
export async function serveHealth(shared: Shared): Promise<{ close(): Promise<void> } | undefined> {
  const port = shared.config.healthPort
  if (port === 0) return undefined
  const server = createServer((request, response) => {
    void answer(shared, request.url ?? '').then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, resolve)
  })
  return { close: () => new Promise((resolve) => server.close(() => resolve())) }
}

async function answer(shared: Shared, path: string): Promise<{ status: number; type: string; body: string }> {
  const text = 'application/json'
  if (path === '/healthz') return { status: 200, type: text, body: '{"ok":true}' }
  if (path === '/metrics') {
    const { registry } = shared.metrics
    return { status: 200, type: registry.contentType, body: await registry.metrics() }
  }
  if (path !== '/readyz') return { status: 404, type: text, body: '{"title":"No such route"}' }
  try {
    await shared.backend.ping()
    return { status: 200, type: text, body: '{"ready":true}' }
  } catch (error) {
    return {
      status: 503,
      type: text,
      body: JSON.stringify({ ready: false, queue: (error as Error).message }),
    }
  }
}
