import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import { beforeAll, expect } from 'vitest'
import { buildGateway } from '#gateway/gateway.ts'
import { readConfig } from '#shop/config.ts'
import { serveHealth } from '../../bin/lib/health.ts'
import { reservePort } from '../lib/port.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

// What the gateway accepts from a caller who has not said yet who they are.

let shop: Shop
let port: number
let server: Awaited<ReturnType<typeof buildGateway>>['server']
beforeAll(async () => {
  shop = await openShop({ workers: [], mode: 'webhook', gateway: false })
  const app = await buildGateway({ ...shop.shared, db: shop.db, bots: new Map() })
  shop.onClose(() => app.close())
  server = app.server
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})

/** @returns the first line of the server's answer, '' when the server hangs up without one */
async function ask(socket: Socket, head: string): Promise<string> {
  socket.write(`${head.trim().replaceAll('\n', '\r\n')}\r\nhost: x\r\n\r\n`)
  const said = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])])
  return String(said[0]).split('\r\n')[0]!
}
const open = async () => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

test('F82 whoever only holds connections keeps nobody out: at the limit those without a request are closed', async () => {
  const most = server.maxConnections
  expect(most).toBe(10_000)
  server.maxConnections = 3
  const held = await Promise.all([1, 2, 3].map(open))
  for (const socket of held) expect(await ask(socket, 'GET /healthz HTTP/1.1')).toContain('200')
  const late = await open()
  await ask(late, 'GET /healthz HTTP/1.1')
  await eventually(() => held.every(({ closed }) => closed), { what: 'the idle connections are gone' })
  const next = await open()
  expect(await ask(next, 'GET /healthz HTTP/1.1')).toContain('200')
  server.maxConnections = most
  next.destroy()
})

test.each([
  ['POST /webhooks/heleket', 64],
  ['POST /webhooks/mulenpay/path', 64],
  ['POST /webhooks/yookassa/path', 64],
  ['POST /webhooks/fragment/token', 32],
  ['POST /webhooks/images/token', 256],
  ['POST /telegram/main', 1_024],
  ['PUT /v1/users/1/session', 512],
  ['POST /v1/users/1/entries', 512],
  ['POST /app/api/session', 16],
  ['POST /app/api/packs', 16],
  ['POST /panel/api/session', 64],
  ['POST /panel/api/settings/star-price/save', 64],
])('F82 %s reads no more than its %i KiB, whoever asks', async (route, limit) => {
  // The server answers only after a body that is within the limit has come, so the body is announced and not sent.
  const head = `${route} HTTP/1.1\ncontent-type: application/json\ncontent-length: ${limit * 1_024 + 1}`
  const socket = await open()
  expect(await ask(socket, head)).toMatch(/ (413|400) /)
  socket.destroy()
})

test('F81 a worker’s figures do not go through a proxy either, and its port listens on this machine unless told otherwise', async () => {
  expect(readConfig({ DATA_DIR: shop.config.dataDir }).gateway.host).toBe('127.0.0.1')
  const healthPort = await reservePort()
  const health = await serveHealth({ ...shop.shared, config: { ...shop.config, healthPort } }, [])
  const ask = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(`http://127.0.0.1:${healthPort}${path}`, { headers })).status
  expect(await ask('/metrics')).toBe(200)
  for (const proxy of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    expect([proxy, await ask('/metrics', { [proxy]: '10.0.0.9' })]).toEqual([proxy, 404])
  expect(await ask('/healthz', { via: '1.1 proxy' })).toBe(200)
  await health.close()
})
