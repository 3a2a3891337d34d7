import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { addressBelow, type HttpCall, readRetryAfter, retrySafe, sendCall } from '#shared/http.ts'
import { localServer } from '../lib/local-server.ts'

const seen: string[] = []
const base = localServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    seen.push(Buffer.concat(chunks).toString('utf8'))
    const path = request.url ?? ''
    if (path === '/silent') return
    if (path === '/reset') return void request.socket.destroy()
    if (path === '/redirect') return void response.writeHead(302, { location: '/ok' }).end()
    if (path === '/throttled') return void response.writeHead(429, { 'retry-after': '3s' }).end()
    if (path === '/huge') return void response.end('x'.repeat(2 * 1024 * 1024))
    if (path === '/odd')
      return void response.writeHead(422).end('{"why":"a\\u0000b \\ud83d \\ud83d\\ude00","raw":"\u0000"}')
    if (path === '/odd-fine') return void response.end('{"why":["a\\u0000b \\ud83d \\ud83d\\ude00"]}')
    if (path === '/html') return void response.end('<html>')
    const status = /^\/status\/(\d+)/.exec(path)?.[1]
    response.writeHead(Number(status ?? 200)).end('{"answer":42}')
  })
})

function call(path: string, more: Partial<HttpCall> = {}): HttpCall {
  return {
    name: 'test',
    method: 'POST',
    url: base() + path,
    body: '{}',
    changes: true,
    // The time limit is short only for a server that never answers.
    timeoutMs: path.startsWith('/silent') ? 300 : 60_000,
    ...more,
  }
}
const verdict = (path: string, more: Partial<HttpCall> = {}) =>
  sendCall(call(path, more)).catch((error: unknown) => error)

test('a body is sent byte for byte', async () => {
  const body = '{ "a":"x\\/y",  "я":1.0 }'
  await sendCall(call('/ok', { body }))
  expect(seen.at(-1)).toBe(body)
})

test('a changing call whose reply is lost has an unknown outcome, a reading one is transient', async () => {
  for (const path of ['/silent', '/reset', '/status/500', '/status/503', '/status/408', '/huge']) {
    expect(await verdict(path), path).toBeInstanceOf(UnknownOutcome)
    expect(await verdict(path, { changes: false }), path).toBeInstanceOf(Transient)
  }
})

test('a changing call that never connected is transient', async () => {
  const free = http.createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  await once(free, 'close')
  expect(await verdict('', { url: `http://127.0.0.1:${port}/` })).toBeInstanceOf(Transient)
})

test('too many requests is transient and carries the pause that was asked for', async () => {
  expect(await verdict('/throttled')).toMatchObject({ name: 'Transient', retryAfterMs: 3000 })
})

test('a refusal is rejected with its status unless the caller reads it, a redirect is never followed', async () => {
  expect(await verdict('/status/422')).toMatchObject({ name: 'Rejected', code: 'http.422' })
  expect(await verdict('/redirect')).toBeInstanceOf(Rejected)
  expect((await sendCall(call('/status/422', { expect: [422] }))).status).toBe(422)
})

test('a success in an unexpected shape has the verdict of a lost reply', async () => {
  const html = await sendCall(call('/html'))
  expect(() => html.parse(z.object({ answer: z.number() }))).toThrow(UnknownOutcome)
  const ok = await sendCall(call('/ok'))
  expect(ok.parse(z.object({ answer: z.number() }))).toEqual({ answer: 42 })
  expect(() => ok.parse(z.object({ answer: z.string() }))).toThrow(UnknownOutcome)
})

test('F71 an error shows neither headers nor body nor URL of the call', async () => {
  for (const path of ['/silent?token=PLANTED', '/reset?token=PLANTED', '/status/500?token=PLANTED']) {
    const error = await verdict(path, { headers: { authorization: 'PLANTED' }, body: 'PLANTED' })
    expect(inspect(error, { depth: 10 })).not.toContain('PLANTED')
  }
})

test('only transient failures are repeated, unknown ones when the caller says that it is safe', async () => {
  const run = async (error: Error, unknownToo: boolean) => {
    let times = 0
    await retrySafe(() => ((times += 1), Promise.reject(error)), {
      retries: 2,
      minWaitMs: 1,
      unknownToo,
    }).catch(() => undefined)
    return times
  }
  expect(await run(new Transient('x'), false)).toBe(3)
  expect(await run(new Transient('x', { retryAfterMs: 60_000 }), false)).toBe(1)
  expect(await run(new UnknownOutcome('x'), false)).toBe(1)
  expect(await run(new UnknownOutcome('x'), true)).toBe(3)
  expect(await run(new Rejected('no', 'x'), true)).toBe(1)
})

test('Retry-After is read as seconds, with a unit, or as a date', () => {
  expect(readRetryAfter('120')).toBe(120_000)
  expect(readRetryAfter('500ms')).toBe(500)
  expect(readRetryAfter('2m')).toBe(120_000)
  expect(readRetryAfter('soon')).toBeUndefined()
  expect(readRetryAfter(new Date(0).toUTCString())).toBe(0)
})

test('texts of a reply, and of an error that quotes it, are such as PostgreSQL stores', async () => {
  const reply = await sendCall(call('/odd-fine'))
  expect(reply.parse(z.object({ why: z.array(z.string()) }))).toEqual({ why: ['a\ufffdb \ufffd \u{1f600}'] })
  const refused = await verdict('/odd')
  expect(refused).toBeInstanceOf(Rejected)
  expect((refused as Error).message).toContain('"raw":"\ufffd"')
  expect((refused as Error).message).not.toContain('\u0000')
  expect((await sendCall(call('/odd', { expect: [422] }))).text()).not.toContain('\u0000')
})

test.each([
  ['https://shop.example', 'https://shop.example/webhooks/images'],
  ['https://shop.example/', 'https://shop.example/webhooks/images'],
  ['https://shop.example/telekassa', 'https://shop.example/telekassa/webhooks/images'],
  ['https://shop.example/webhooks/images', 'https://shop.example/webhooks/images'],
  ['https://shop.example/webhooks/images/', 'https://shop.example/webhooks/images'],
  [undefined, undefined],
  ['', undefined],
])('a callback setting of %j means %j, whether or not it holds the route', (base, address) => {
  expect(addressBelow(base, '/webhooks/images')).toBe(address)
})
