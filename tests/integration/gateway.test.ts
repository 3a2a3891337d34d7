import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { buildGateway } from '#gateway/gateway.ts'
import { webhookSecrets } from '#shared/telegram/webhook-secret.ts'
import { eventually } from '../lib/eventually.ts'
import { startPrivateRedis, testOnRedis as test } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ workers: [], mode: 'webhook' })
})

type Body = string | Buffer | ReadableStream
const secretOf = (of: Shop, name = 'main') =>
  webhookSecrets(
    of.config,
    of.config.bots.find((bot) => bot.name === name)!,
  )[0]
const post = (path: string, body: Body, headers: Record<string, string> = {}, of = shop) =>
  fetch(`${of.url}${path}`, {
    method: 'POST',
    body,
    headers,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })
const telegram = (body: Body, secret = secretOf(shop), of = shop, bot = 'main') =>
  post(`/telegram/${bot}`, body, { 'x-telegram-bot-api-secret-token': secret }, of)
let updates = 1_000_000
const update = (content: object = {}) => JSON.stringify({ update_id: ++updates, ...content })
const waiting = async (of: Shop) => {
  const queues = [...of.shared.producer.queues.values()].flat()
  const counts = await Promise.all(
    queues.map((queue) => queue.getJobCountByTypes('wait', 'prioritized', 'delayed')),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

describe('POST /telegram/:bot', () => {
  test('takes an update with the right secret, once per update id (F45)', async () => {
    const before = await waiting(shop)
    const body = update({ message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' }, text: 'hi' } })
    const answers = await Promise.all(Array.from({ length: 10 }, () => telegram(body)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200))
    expect(await waiting(shop)).toBe(before + 1)
  })

  test('a missing or wrong secret is 401, one of another bot too, and nothing is kept (F17)', async () => {
    const before = await waiting(shop)
    const right = secretOf(shop)
    const wrong = [
      '',
      'x',
      right.slice(0, -1),
      `${right}x`,
      right.toUpperCase(),
      secretOf(shop, 'second'),
      'ю'.repeat(right.length),
    ]
    for (const secret of wrong.slice(0, -1))
      expect((await telegram(update(), secret)).status, secret).toBe(401)
    expect((await post('/telegram/main', update())).status).toBe(401)
    expect(await waiting(shop)).toBe(before)
  })

  test('an unknown bot is 404, what is no update 400, over 1 MiB 413', async () => {
    expect((await telegram(update(), secretOf(shop), shop, 'nobody')).status).toBe(404)
    const noUpdates = [
      '',
      'null',
      '[]',
      '{}',
      '"x"',
      '{"update_id":-1}',
      '{"update_id":1.5}',
      '{"update_id":"1"}',
      '{"update_id":9223372036854775808}',
      '{"update_id":1',
      '\u0000',
    ]
    for (const body of noUpdates) expect((await telegram(body)).status, body).toBe(400)
    expect((await telegram('x'.repeat(1024 * 1024))).status).toBe(400)
    expect((await telegram('x'.repeat(1024 * 1024 + 1))).status).toBe(413)
    // The stream ends after 64 MiB: a client that goes on reading it must not fill the memory of this machine.
    let pulled = 0
    const endless = new ReadableStream({
      pull: (stream) => (++pulled > 1024 ? stream.close() : stream.enqueue(new Uint8Array(65_536))),
    })
    const status = await telegram(endless).then(
      (answer) => answer.status,
      () => 413,
    )
    expect(status).toBe(413)
    expect(pulled, 'the gateway has closed the connection long before').toBeLessThan(1024)
  })

  test('an update of a shape that nobody has seen is taken, not refused for ever', async () => {
    const shapes = [
      { message: 'text' },
      { message: null },
      { message: { successful_payment: { currency: 'XTR' } } },
      { message: { refunded_payment: { currency: 'XTR', total_amount: -5 }, chat: null } },
      { pre_checkout_query: 5 },
      { callback_query: [] },
      { brand_new_kind: { deep: { deeper: [1, 2, { three: null }] } } },
      { message: { chat: { id: 'x' }, from: { id: {} } } },
    ]
    for (const shape of shapes)
      expect((await telegram(update(shape))).status, JSON.stringify(shape)).toBe(200)
    const nested = `{"update_id":${++updates},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect([200, 400]).toContain((await telegram(nested)).status)
  })
})

test('a mebibyte of garbage on every route is answered with a status below 500, without a stack', async () => {
  const garbage = Buffer.alloc(1024 * 1024 - 1, '\u00ff{"[\n')
  const app = await buildGateway({ ...shop.shared, db: shop.db })
  const routes = [...app.printRoutes({ commonPrefix: false }).matchAll(/(\/[^\s(]*) \(([A-Z, ]+)\)/g)]
  await app.close()
  const paths = [
    '/',
    '/healthz',
    '/readyz',
    '/metrics',
    '/ops',
    '/ops/queues',
    '/sandbox',
    '/v1/users/1',
    '/webhooks/heleket',
    '/webhooks/cryptomus',
    '/webhooks/cryptopay',
    '/webhooks/mulenpay/x',
    '/webhooks/images/x',
    '/webhooks/fragment/x',
    '/telegram/main',
    `/${'x'.repeat(5000)}`,
    '/%00',
    '/%ff',
    ...routes.map((route) => route[1]!.replaceAll(/:\w+/g, 'x')),
  ]
  for (const path of new Set(paths)) {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await fetch(`${shop.url}${path}`, {
        method,
        body: garbage,
        headers: { 'content-type': 'application/json' },
      })
      const text = await answer.text()
      expect(answer.status, `${method} ${path} ${text}`).toBeLessThan(500)
      expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(300)
      expect(text).not.toMatch(/at .*\.(ts|js):\d+/)
    }
  }
  expect((await fetch(`${shop.url}/healthz`)).status).toBe(200)
})

test('a client that dribbles its request is cut off, and others are served meanwhile (F23)', async () => {
  const { hostname, port } = new URL(shop.url)
  const slow = connect(Number(port), hostname)
  let ended = false
  slow.on('close', () => (ended = true))
  slow.on('error', () => {})
  slow.write(
    `POST /telegram/main HTTP/1.1\r\nhost: x\r\ncontent-length: 500000\r\nx-telegram-bot-api-secret-token: ${secretOf(shop)}\r\n\r\n`,
  )
  const dribble = setInterval(() => slow.writable && slow.write('x'), 300)
  expect((await telegram(update())).status).toBe(200)
  await eventually(() => ended, { what: 'the slow client is cut off' })
  clearInterval(dribble)
  expect((await telegram(update())).status).toBe(200)
})

describe('/readyz and /ops', () => {
  test('/readyz names what fails, and without a database the doors stay open', async () => {
    expect(await (await fetch(`${shop.url}/readyz`)).json()).toMatchObject({
      ready: true,
      degraded: false,
      parts: { queue: 'ok', database: 'ok' },
    })
    shop.proxy.be('down')
    const answer = await eventually(async () => {
      const body = (await (await fetch(`${shop.url}/readyz`)).json()) as {
        ready: boolean
        degraded: boolean
        parts: Record<string, string>
      }
      return body.degraded ? body : undefined
    })
    expect(answer.ready).toBe(true)
    expect(answer.parts.database).not.toBe('ok')
    expect((await telegram(update())).status).toBe(200)
    shop.proxy.be('up')
    await eventually(
      async () =>
        ((await (await fetch(`${shop.url}/readyz`)).json()) as { degraded: boolean }).degraded === false,
    )
  })

  const open = (gateway: Partial<Shop['config']['gateway']> = {}) =>
    buildGateway({
      ...shop.shared,
      config: { ...shop.config, gateway: { ...shop.config.gateway, publicUrl: undefined, ...gateway } },
      db: shop.db,
    })

  test('F81 without a password /ops answers on this machine only, by its own name, whatever the headers say', async () => {
    const app = await open()
    const ask = async (remoteAddress: string, headers: Record<string, string> = {}, url = '/ops/queues') =>
      (await app.inject({ url, remoteAddress, headers: { host: '127.0.0.1:8080', ...headers } })).statusCode
    expect(await ask('127.0.0.1')).toBe(200)
    expect(await ask('::1', { host: '[::1]:8080' })).toBe(200)
    expect(await ask('127.0.0.1', { host: 'localhost' })).toBe(200)
    expect(await ask('10.0.0.7')).toBe(403)
    expect(await ask('10.0.0.7', { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' })).toBe(403)
    for (const proxy of ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'])
      expect(await ask('127.0.0.1', { [proxy]: '203.0.113.9' }), proxy).toBe(403)
    for (const host of ['shop.example', 'localhost.evil.example', '127.0.0.1.evil.example:8080'])
      expect(await ask('127.0.0.1', { host }), host).toBe(403)
    expect(await ask('10.0.0.7', {}, '/ops/queues/api/queues')).toBe(403)
    await app.close()
  })

  test('F81 with a public address and no password there is no board at all, and figures do not go through a proxy', async () => {
    const app = await open({ publicUrl: 'https://shop.example' })
    const headers = { host: '127.0.0.1:8080' }
    expect((await app.inject({ url: '/ops/queues', headers })).statusCode).toBe(403)
    expect((await app.inject({ url: '/metrics', headers })).statusCode).toBe(200)
    for (const proxy of ['x-forwarded-for', 'forwarded'])
      expect(
        (await app.inject({ url: '/metrics', headers: { ...headers, [proxy]: '203.0.113.9' } })).statusCode,
      ).toBe(404)
    await app.close()
  })

  test('F79 the board shows, and changes nothing, unless OPS_WRITE lets it pause and resume', async () => {
    const app = await open()
    for (const path of ['/exports/pause', '/exports/resume', '/pause', '/resume']) {
      const url = `/ops/queues/api/queues${path}`
      const answer = await app.inject({ method: 'PUT', url, headers: { host: 'localhost' } })
      expect([answer.statusCode, answer.body], path).toEqual([405, expect.stringContaining('OPS_WRITE=true')])
    }
    const exports = shop.shared.producer.queues.get('exports')![0]!
    expect(await exports.isPaused()).toBe(false)
    const { queues } = (
      await app.inject({ url: '/ops/queues/api/queues', headers: { host: 'localhost' } })
    ).json<{ queues: { readOnlyMode: boolean }[] }>()
    expect(new Set(queues.map(({ readOnlyMode }) => readOnlyMode))).toEqual(new Set([true]))
    await app.close()
  })

  test('F79 the board that may write pauses and resumes queues; it makes, repeats, changes and removes no job', async () => {
    const app = await open({ opsWrite: true })
    const ask = (method: 'PUT' | 'POST' | 'PATCH', path: string) =>
      app.inject({
        method,
        url: `/ops/queues/api/queues${path}`,
        headers: { host: 'localhost', 'content-type': 'application/json' },
        payload: '{"name":"stars.paid","data":{},"options":{}}',
      })
    expect((await ask('PUT', '/exports/pause')).statusCode).toBe(200)
    expect((await ask('PUT', '/exports/resume')).statusCode).toBe(200)
    const refused: [method: 'PUT' | 'POST' | 'PATCH', path: string][] = [
      ['POST', '/billing/add'],
      ['PUT', '/billing/1/retry'],
      ['PUT', '/billing/1/promote'],
      ['PUT', '/billing/retry/failed'],
      ['PUT', '/billing/empty'],
      ['PUT', '/billing/obliterate'],
      ['PATCH', '/billing/1/update-data'],
      ['PUT', '/billing/1/retry?x=/exports/pause'],
    ]
    for (const [method, path] of refused) expect((await ask(method, path)).statusCode, path).toBe(405)
    const billing = shop.shared.producer.queues.get('billing')![0]!
    expect(await billing.getJobCountByTypes('waiting', 'delayed', 'active')).toBe(0)
    await app.close()
  })

  test('a queue board with a password asks everybody for the password, on this machine too', async () => {
    const config = {
      ...shop.config,
      gateway: { ...shop.config.gateway, opsUser: 'ops', opsPassword: 'correct horse' },
    }
    const app = await buildGateway({ ...shop.shared, config, db: shop.db })
    const ask = (authorization?: string) =>
      app.inject({ url: '/ops/queues', headers: authorization ? { authorization } : {} })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect((await ask()).statusCode).toBe(401)
    expect((await ask()).headers['www-authenticate']).toContain('Basic')
    for (const wrong of ['ops:', 'ops:correct hors', ':', 'ops', 'OPS:correct horse'])
      expect((await ask(basic(wrong))).statusCode, wrong).toBe(401)
    expect((await ask(basic('ops:correct horse').replace('Basic', 'Bearer'))).statusCode).toBe(401)
    expect((await ask(basic('ops:correct horse'))).statusCode).toBe(200)
    const page = await ask(basic('ops:correct horse'))
    expect(page.headers['content-security-policy']).toContain("default-src 'self'")
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    await app.close()
  })

  test('F81 after ten wrong passwords from an address it takes none for a while, the right one included', async () => {
    const app = await open({ opsUser: 'ops', opsPassword: 'correct horse' })
    const ask = (password: string, remoteAddress: string) =>
      app.inject({
        url: '/ops/queues',
        remoteAddress,
        headers: { authorization: `Basic ${Buffer.from(`ops:${password}`).toString('base64')}` },
      })
    for (let guess = 0; guess < 10; guess++)
      expect((await ask(`guess ${guess}`, '10.9.9.9')).statusCode).toBe(401)
    expect((await ask('one more', '10.9.9.9')).statusCode).toBe(429)
    const waiting = await ask('correct horse', '10.9.9.9')
    expect(waiting.statusCode).toBe(429)
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('correct horse', '10.9.9.8')).statusCode).toBe(200)
    await app.close()
  })
})

test('at its start the gateway tells Telegram the address and secret of every bot, and one dead token stops nobody (F50)', async () => {
  const calls = (await shop.calls('setWebhook')).filter((call) => call.ok)
  expect(calls.map((call) => String(call.params['url'])).toSorted()).toEqual([
    `${shop.url}/telegram/main`,
    `${shop.url}/telegram/second`,
  ])
  for (const call of calls) expect(String(call.params['secret_token'])).toMatch(/^[\w-]{20,}$/)
  expect(new Set(calls.map((call) => call.params['secret_token'])).size).toBe(2)
})

describe('Redis is stopped (F22, F30)', () => {
  let redis: PrivateRedis
  let down: Shop
  beforeAll(async () => {
    redis = await startPrivateRedis()
    down = await openShop({ workers: [], mode: 'webhook', redis: redis.url })
  })
  afterAll(async () => {
    await down.close()
    await redis.stop()
  })

  test('every door says 503 and Retry-After at once, /readyz names the queue, and the repeat after its return is taken once', async () => {
    await redis.kill()
    const body = update({ message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' }, text: 'hi' } })
    await eventually(async () => (await telegram(body, secretOf(down), down)).status === 503)
    const startedAt = performance.now()
    const answer = await telegram(body, secretOf(down), down)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    const ready = await fetch(`${down.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(((await ready.json()) as { parts: { queue: string } }).parts.queue).not.toBe('ok')
    await redis.start()
    await eventually(async () => (await telegram(body, secretOf(down), down)).status === 200)
    expect((await telegram(body, secretOf(down), down)).status).toBe(200)
    expect(await waiting(down)).toBe(1)
  })
})

test('polling confirms to Telegram only what is on the queue: Redis stopped in between loses nothing (F30)', async () => {
  const redis = await startPrivateRedis()
  const polling = await openShop({ workers: [], mode: 'polling', redis: redis.url })
  try {
    const anna = await polling.person()
    await anna.say('one')
    await eventually(async () => (await waiting(polling)) === 1)
    await redis.kill()
    await sleep(100)
    for (const word of ['two', 'three', 'four']) await anna.say(word)
    await eventually(async () => (await polling.control<unknown[]>('GET', '/updates')).length >= 3)
    await sleep(500)
    expect(await polling.control<unknown[]>('GET', '/updates')).toHaveLength(3)
    await redis.start()
    await eventually(async () => (await waiting(polling)) === 4)
    await eventually(async () => (await polling.control<unknown[]>('GET', '/updates')).length === 0)
  } finally {
    await polling.close()
    await redis.stop()
  }
})

test('a bot whose token is revoked is parked, and the other one goes on (F50)', async () => {
  const two = await openShop({ workers: ['bot'], mode: 'polling' })
  await two.fault({ on: 'call', bot: 'second_bot', times: 0, do: { revoke: true } })
  const anna = await two.person()
  await anna.start()
  await anna.hears('Hello')
  const states = () => two.db.rows(q`select name, state, state_reason as reason from bots order by name`)
  await eventually(
    async () =>
      expect(await states()).toEqual([
        { name: 'main', state: 'active', reason: null },
        { name: 'second', state: 'parked', reason: 'Telegram refused the token (401)' },
      ]) ?? true,
  )
  await two.close()
})
