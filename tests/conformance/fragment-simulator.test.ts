import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { reset } from '../../sandbox/fragment/control.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'

let simulator: Awaited<ReturnType<typeof startFragment>>
const called: { id: string; status: string }[] = []
const shop = http.createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
  request.on('end', () => {
    called.push(JSON.parse(body) as { id: string; status: string })
    response.end('{}')
  })
})
let callback: string

beforeAll(async () => {
  simulator = await startFragment({ settings: { stepMs: 5 } })
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  callback = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/`
})
afterAll(async () => {
  await simulator.close()
  shop.closeAllConnections()
  shop.close()
})
afterEach(() => {
  reset(simulator.state, { stepMs: 5 })
  called.length = 0
})

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(simulator.url + path, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, unknown> }
}

async function token(): Promise<Record<string, string>> {
  const { apiKey, phoneNumber, mnemonics } = simulator.state.settings
  const body = { api_key: apiKey, phone_number: phoneNumber, mnemonics }
  const { token } = (await call('POST', '/auth/authenticate/', body)).json()
  return { authorization: `JWT ${String(token)}` }
}

const order = { username: 'alice', quantity: 50 }

test('a path without its final slash is 404 for POST and a redirect for GET', async () => {
  expect((await call('POST', '/order/stars', order, await token())).status).toBe(404)
  expect((await call('GET', '/misc/prices')).status).toBe(301)
})

test('only a valid token behind the prefix JWT is let in', async () => {
  const { authorization } = await token()
  const bearer = { authorization: authorization!.replace('JWT', 'Bearer') }
  expect((await call('GET', '/misc/wallet/', undefined, bearer)).status).toBe(401)
  const apiKey = { authorization: `JWT ${simulator.state.settings.apiKey}` }
  expect((await call('GET', '/misc/wallet/', undefined, apiKey)).json()).toHaveProperty('detail')
})

test('the same order posted twice is bought and charged twice', async () => {
  const headers = await token()
  const before = simulator.state.wallet.ton
  const body = { ...order, response_url: callback }
  const [one, two] = [
    await call('POST', '/order/stars/', body, headers),
    await call('POST', '/order/stars/', body, headers),
  ]
  expect(one.json()).toMatchObject({ status: 'CREATED', success: null, price: { amount: '0.3750000000' } })
  expect(one.json().id).not.toBe(two.json().id)
  expect(before - simulator.state.wallet.ton).toBe(2n * 3_950_000_000n)
  await expect.poll(() => called.length).toBe(2)
  expect(called.every((sent) => sent.status === 'COMPLETED')).toBe(true)
})

test('callbacks can be made to come twice, never, or before the reply', async () => {
  const headers = await token()
  const body = { ...order, response_url: callback }
  simulator.state.settings.callbacks = 'twice'
  await call('POST', '/order/stars/', body, headers)
  await expect.poll(() => called.length).toBe(2)
  simulator.state.settings.callbacks = 'before-reply'
  const early = await call('POST', '/order/stars/', body, headers)
  expect(called).toHaveLength(3)
  expect(early.json()).toMatchObject({ status: 'CREATED', id: called[2]!.id })
  simulator.state.settings.callbacks = 'never'
  await call('POST', '/order/stars/', body, headers)
  await expect.poll(() => simulator.state.deliveries.length).toBe(3)
  expect(called).toHaveLength(3)
})

test.each([
  [{ username: '@alice', quantity: 50 }, 'username'],
  [{ username: 'alice', quantity: 49 }, 'quantity'],
  [{ username: 'alice', quantity: 1_000_001 }, 'quantity'],
  [{ username: 'alice', quantity: '50' }, 'quantity'],
  [{ username: 'alice', quantity: 50, show_sender: 'false' }, 'show_sender'],
  [{ username: 'alice', quantity: 50, currency: 'TON' }, 'currency'],
  [{ quantity: 50 }, 'username'],
])('the body %j is refused with the name of its wrong field', async (body, field) => {
  const answer = await call('POST', '/order/stars/', body, await token())
  expect(answer.status).toBe(400)
  expect(answer.json()).toHaveProperty(field)
  expect(simulator.state.orders.size).toBe(0)
})

test('too little money is code 0 with the balance in its text', async () => {
  simulator.state.wallet.ton = 0n
  const answer = await call('POST', '/order/stars/', order, await token())
  expect(answer.json()).toMatchObject({ errors: [{ code: '0', error: expect.stringContaining("'0 TON'") }] })
})

test('tests steer the simulator over HTTP routes that are no part of the reseller’s API', async () => {
  const control = (action: string, body: unknown) =>
    fetch(`${simulator.state.url}/control/${action}`, { method: 'POST', body: JSON.stringify(body) })
  await control('faults', [{ on: 'order', what: { kind: 'status-after', status: 502, html: true } }])
  const bad = await call('POST', '/order/premium/', { username: 'alice', months: 3 }, await token())
  expect(bad).toMatchObject({ status: 502, text: expect.stringContaining('<html>') })
  const state = (await (await control('state', {})).json()) as { orders: unknown[]; requests: unknown[] }
  expect(state.orders).toHaveLength(1)
  expect(state.requests).toHaveLength(2)
  await control('reset', {})
  expect(simulator.state.orders.size).toBe(0)
})

test('an order can fail after the money has left, and its charge need not come back', async () => {
  const headers = await token()
  simulator.state.faults.push({ on: 'order', what: { kind: 'fail-later', afterSent: true } })
  const before = simulator.state.wallet.ton
  const answer = await call('POST', '/order/stars/', { username: 'alice', quantity: 50 }, headers)
  expect(answer.json()).toMatchObject({ status: 'FAILED', success: false })
  expect(simulator.state.wallet.ton).toBeLessThan(before)
  expect(simulator.state.deliveries).toHaveLength(0)
})
