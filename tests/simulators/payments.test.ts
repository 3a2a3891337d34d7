import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYS, startPayment, type VendorName } from '../../sandbox/payments/start.ts'
import type { Running, StartOptions } from '../../sandbox/payments/start-vendor.ts'

const running: Running[] = []
let shop: http.Server
let shopUrl: string
let events: string[]
let answers: number[]

beforeEach(async () => {
  events = []
  answers = []
  shop = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      events.push(Buffer.concat(chunks).toString('utf8'))
      response.writeHead(answers.shift() ?? 200).end()
    })
  })
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hook`
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
  shop.closeAllConnections()
  shop.close()
})

async function start(name: VendorName, options: StartOptions = {}): Promise<Running> {
  const fast = { retryBaseMs: 10, retryMaxMs: 20, webhookUrl: shopUrl }
  const vendor = await startPayment(name, { ...options, settings: { ...fast, ...options.settings } })
  running.push(vendor)
  return vendor
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

async function engine(
  vendor: Running,
  path: string,
  fields: object,
  key: string = KEYS.cryptomus.paymentKey,
) {
  const body = JSON.stringify(fields)
  const sign = md5(Buffer.from(body).toString('base64') + key)
  const headers = { merchant: KEYS.cryptomus.merchant, sign }
  const response = await fetch(`${vendor.url}/v1/${path}`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as Record<string, Record<string, string>> }
}
const ORDER = { amount: '15.00', currency: 'USD', order_id: 'ord_1' }

async function mulen(vendor: Running, method: string, path: string, fields?: object) {
  const response = await fetch(`${vendor.url}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${KEYS.mulenpay.apiKey}` },
    ...(fields ? { body: JSON.stringify(fields) } : {}),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const item = { description: 'x', quantity: 1, price: 10.5, vat_code: 0, payment_subject: 4, payment_mode: 4 }
const MULEN = {
  currency: 'rub',
  amount: '10.50',
  shopId: 5,
  uuid: 'u-1',
  description: 'x',
  items: [item],
  sign: sha1(`rub10.505${KEYS.mulenpay.secretKey}`),
}

async function crypto(vendor: Running, method: string, fields: object, token: string = KEYS.cryptopay.token) {
  const headers = { 'crypto-pay-api-token': token, 'content-type': 'application/json' }
  const response = await fetch(`${vendor.url}/api/${method}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(fields),
  })
  type Result = { ok: boolean; result: Record<string, never>; error?: { name: string } }
  return { status: response.status, body: (await response.json()) as Result }
}

test('the engine checks the merchant and the sign over the raw bytes', async () => {
  const vendor = await start('cryptomus')
  expect((await engine(vendor, 'payment', ORDER, 'wrong')).status).toBe(401)
  const body = '{ "amount":"1.00", "currency":"USD","order_id":"spaced" }'
  const sign = md5(Buffer.from(body).toString('base64') + KEYS.cryptomus.paymentKey)
  const post = (merchant: string) =>
    fetch(`${vendor.url}/v1/payment`, { method: 'POST', headers: { merchant, sign }, body })
  expect((await post('somebody')).status).toBe(401)
  expect((await post(KEYS.cryptomus.merchant)).status).toBe(200)
})

test('the engine refuses what its rules do not allow with 422', async () => {
  const vendor = await start('cryptomus')
  const wrong = [
    { ...ORDER, amount: 15 },
    { ...ORDER, order_id: 'a b' },
    { ...ORDER, order_id: 'x'.repeat(129) },
    { ...ORDER, lifetime: 299 },
    { ...ORDER, lifetime: 43_201 },
    { ...ORDER, url_callback: 'x' },
    { ...ORDER, additional_data: 'x'.repeat(256) },
    { ...ORDER, currency: 'XXX' },
  ]
  for (const one of wrong) {
    expect(await engine(vendor, 'payment', one)).toMatchObject({ status: 422, body: { state: 1 } })
  }
})

test('one order_id is one invoice for ever, whatever else is asked for', async () => {
  const vendor = await start('cryptomus')
  const first = await engine(vendor, 'payment', ORDER)
  await vendor.vendor.pay(first.body['result']?.['uuid'] ?? '', 'decline', {})
  const second = await engine(vendor, 'payment', { ...ORDER, amount: '99.00' })
  const same = { uuid: first.body['result']?.['uuid'], amount: '15.00', status: 'cancel' }
  expect(second.body['result']).toMatchObject(same)
  const info = await engine(vendor, 'payment/info', { order_id: 'ord_1' })
  expect(info.body['result']?.['amount']).toBe('15.00000000')
})

test('the engine speaks as PHP does: escaped slashes, raw Cyrillic, nulls, sums as text, sign last', async () => {
  const vendor = await start('cryptomus')
  await engine(vendor, 'payment', { ...ORDER, additional_data: 'a/b тест' })
  await vendor.vendor.pay('ord_1', 'exact', {})
  const last = events.at(-1) ?? ''
  expect(last).toContain('"additional_data":"a\\/b тест"')
  expect(last).toContain('"wallet_address_uuid":null')
  expect(last).toMatch(/"payment_amount":"15\.00000000".*"sign":"[0-9a-f]{32}"\}$/)
  expect(events.map((one) => (JSON.parse(one) as { status: string }).status)).toEqual([
    'confirm_check',
    'paid',
  ])
})

test('an event is sent again until it is answered with exactly 200', async () => {
  const vendor = await start('cryptomus')
  await engine(vendor, 'payment', ORDER)
  answers = [200, 500, 404, 201, 204]
  await vendor.vendor.pay('ord_1', 'exact', {})
  await expect.poll(() => vendor.deliveries.at(-1)?.state).toBe('delivered')
  expect(vendor.deliveries.at(-1)?.attempts.map((one) => one.answer)).toEqual([500, 404, 201, 204, 200])
})

test('events can be doubled, swapped, lost and late', async () => {
  const vendor = await start('cryptomus')
  await engine(vendor, 'payment', ORDER)
  vendor.faults.replace([
    { on: 'webhook', name: 'confirm_check', do: { swap: true } },
    { on: 'webhook', name: 'paid', do: { duplicate: 1 } },
  ])
  await vendor.vendor.pay('ord_1', 'exact', {})
  await expect.poll(() => events.length).toBe(3)
  expect(events.map((one) => (JSON.parse(one) as { status: string }).status)).toEqual([
    'paid',
    'paid',
    'confirm_check',
  ])
  await engine(vendor, 'payment', { ...ORDER, order_id: 'ord_2' })
  vendor.faults.replace([{ on: 'webhook', times: 0, do: { lose: true } }])
  await vendor.vendor.pay('ord_2', 'exact', {})
  expect(vendor.deliveries.filter((one) => one.state === 'lost')).toHaveLength(2)
  expect(events).toHaveLength(3)
})

test('a test webhook is signed with the live key while its order is not paid', async () => {
  const vendor = await start('cryptomus')
  await engine(vendor, 'payment', ORDER)
  await engine(vendor, 'test-webhook/payment', { url_callback: shopUrl, order_id: 'ord_1', status: 'paid' })
  await expect.poll(() => events.length).toBe(1)
  expect(JSON.parse(events[0] ?? '')).toMatchObject({ order_id: 'ord_1', status: 'paid' })
  const info = await engine(vendor, 'payment/info', { order_id: 'ord_1' })
  expect(info.body['result']?.['status']).toBe('check')
})

test('an invoice that nobody pays is cancelled at its deadline, and can still be paid', async () => {
  const vendor = await start('cryptomus')
  await engine(vendor, 'payment', { ...ORDER, lifetime: 300 })
  vendor.clock.advance(301_000)
  await expect.poll(() => events.length).toBe(1)
  await vendor.vendor.pay('ord_1', 'exact', {})
  const statuses = events.map((one) => (JSON.parse(one) as { status: string }).status)
  expect(statuses).toEqual(['cancel', 'confirm_check', 'paid'])
})

test('MulenPay makes a second payment of the same uuid and checks sign, shop and items', async () => {
  const vendor = await start('mulenpay')
  const [one, two] = [
    await mulen(vendor, 'POST', 'payments', MULEN),
    await mulen(vendor, 'POST', 'payments', MULEN),
  ]
  expect([one.status, two.status]).toEqual([201, 201])
  expect(one.body['id']).not.toBe(two.body['id'])
  const wrong = [
    { ...MULEN, sign: 'x' },
    { ...MULEN, amount: '10.5' },
    { ...MULEN, items: [] },
    { ...MULEN, items: [{ ...item, vat_code: undefined }] },
    { ...MULEN, uuid: '' },
    { ...MULEN, shopId: '5' },
  ]
  for (const fields of wrong) expect((await mulen(vendor, 'POST', 'payments', fields)).status).toBe(422)
  const foreign = await fetch(`${vendor.url}/api/v2/payments`, { headers: { authorization: 'Bearer x' } })
  expect(foreign.status).toBe(401)
})

test('a MulenPay callback has a number for the sum, no signature by default, and may come before the reply', async () => {
  const vendor = await start('mulenpay')
  vendor.faults.add({ on: 'call', name: 'POST payments', do: { pay_first: true } })
  const made = await mulen(vendor, 'POST', 'payments', MULEN)
  expect(events).toEqual([
    `{"id":${String(made.body['id'])},"amount":10.50,"currency":"RUB","uuid":"u-1","payment_status":"success"}`,
  ])
  const refund = await mulen(vendor, 'PUT', `payments/${String(made.body['id'])}/refund`)
  expect(refund).toEqual({ status: 200, body: { success: true } })
  expect((await mulen(vendor, 'PUT', `payments/${String(made.body['id'])}/refund`)).status).toBe(422)
})

async function yoo(vendor: Running, path: string, key?: string, fields?: object) {
  const login = Buffer.from(`${KEYS.yookassa.shopId}:${KEYS.yookassa.secretKey}`).toString('base64')
  const response = await fetch(`${vendor.url}/v3/${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Basic ${login}`, ...(key !== undefined && { 'idempotence-key': key }) },
    ...(fields && { body: JSON.stringify(fields) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}
const YOO = {
  amount: { value: '10.50', currency: 'RUB' },
  capture: true,
  confirmation: { type: 'redirect', return_url: 'https://t.me/shop' },
  metadata: { reference: 'y-1' },
}

test('YooKassa remembers a key for a day, refuses another body under it, and a payment without a key', async () => {
  const vendor = await start('yookassa')
  const create = (key: string | undefined, fields: object = YOO) => yoo(vendor, 'payments', key, fields)
  const first = await create('k-1')
  expect([await create('k-1'), await create('k-1')]).toEqual([first, first])
  const wrong: [string | undefined, object?][] = [
    ['k-1', { ...YOO, description: 'another' }],
    [undefined],
    [''],
    ['k'.repeat(65)],
    ['k-2', { ...YOO, amount: { value: '10.5', currency: 'RUB' } }],
    ['k-2', { ...YOO, amount: { value: '10.50', currency: 'USD' } }],
    ['k-2', { ...YOO, confirmation: { type: 'redirect' } }],
    ['k-2', { ...YOO, description: 'x'.repeat(129) }],
  ]
  for (const one of wrong)
    expect(await create(...one)).toMatchObject({ status: 400, body: { type: 'error' } })
  vendor.clock.advance(86_400_001)
  expect((await create('k-1')).body['id']).not.toBe(first.body['id'])
  expect((await fetch(`${vendor.url}/v3/payments`)).status).toBe(401)
})

test('YooKassa takes the whole sum or nothing, ends unpaid pages after an hour, and gives back in parts', async () => {
  const vendor = await start('yookassa')
  const made = async (key: string) => (await yoo(vendor, 'payments', key, YOO)).body['id']!
  const [paid, left] = [await made('k-1'), await made('k-2')]
  expect(vendor.vendor.invoices()[0]?.ways).toEqual(['exact', 'late', 'twice', 'decline'])
  await vendor.vendor.pay(paid, 'twice', {})
  expect(events.map((one) => (JSON.parse(one) as { event: string }).event)).toEqual([
    'payment.succeeded',
    'payment.succeeded',
  ])
  vendor.clock.advance(3_600_001)
  expect((await yoo(vendor, `payments/${left}`)).body).toMatchObject({
    status: 'canceled',
    cancellation_details: { reason: 'expired_on_confirmation' },
  })
  const back = (key: string, value: string) =>
    yoo(vendor, 'refunds', key, { payment_id: paid, amount: { value, currency: 'RUB' } })
  const part = await back('r-1', '4.00')
  expect(part.body).toMatchObject({ status: 'succeeded' })
  expect(await back('r-1', '4.00')).toEqual(part)
  expect((await back('r-2', '6.51')).status).toBe(400)
  vendor.settings['refundFails'] = true
  expect((await back('r-3', '6.50')).body).toMatchObject({ status: 'canceled' })
  vendor.settings['refundFails'] = false
  await back('r-4', '6.50')
  expect((await yoo(vendor, `payments/${paid}`)).body).toMatchObject({ refunded_amount: { value: '10.50' } })
})

test('Crypto Pay makes another invoice each time, and its events tell of payments only, never of an invoice that expired', async () => {
  const vendor = await start('cryptopay')
  const fields = { currency_type: 'fiat', fiat: 'RUB', amount: '100.00', payload: 'p-1', expires_in: 60 }
  const [one, two] = [
    await crypto(vendor, 'createInvoice', fields),
    await crypto(vendor, 'createInvoice', fields),
  ]
  expect(one.body.result['invoice_id']).not.toBe(two.body.result['invoice_id'])
  await vendor.vendor.pay(String(one.body.result['invoice_id']), 'exact', {})
  vendor.clock.advance(61_000)
  const list = await crypto(vendor, 'getInvoices', {})
  const statuses = (list.body.result['items'] as unknown as { status: string }[]).map((each) => each.status)
  expect(statuses).toEqual(['expired', 'paid'])
  expect(events).toHaveLength(1)
  await vendor.vendor.pay(String(two.body.result['invoice_id']), 'exact', {})
  expect(events).toHaveLength(1)
})

test('Crypto Pay refuses by name', async () => {
  const vendor = await start('cryptopay')
  const fields = { asset: 'USDT', amount: '1' }
  expect((await crypto(vendor, 'getMe', {}, 'wrong:network')).body.error?.name).toBe('UNAUTHORIZED')
  for (const [change, name] of [
    [{ amount: 1 }, 'AMOUNT_INVALID'],
    [{ asset: 'DOGE' }, 'ASSET_INVALID'],
    [{ expires_in: 0 }, 'EXPIRES_IN_INVALID'],
    [{ description: 'x'.repeat(1025) }, 'DESCRIPTION_TOO_LONG'],
    [{ payload: 'ж'.repeat(2049) }, 'PAYLOAD_TOO_LONG'],
    [{ paid_btn_name: 'callback' }, 'PAID_BTN_URL_REQUIRED'],
  ] as const) {
    expect((await crypto(vendor, 'createInvoice', { ...fields, ...change })).body.error?.name).toBe(name)
  }
})

test('the pay page says that there is no real money and pays in the way that its visitor picks', async () => {
  const vendor = await start('cryptomus')
  const made = await engine(vendor, 'payment', { ...ORDER, additional_data: '<b>"x"</b>' })
  const url = made.body['result']?.['url'] ?? ''
  const html = await (await fetch(`${url}?lang=en`)).text()
  expect(html).toContain('There is no real money here')
  expect(html).not.toContain('<b>"x"')
  const press = (way: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ way }), redirect: 'manual' })
  await press('less')
  await expect.poll(() => vendor.vendor.invoices()[0]?.status).toBe('wrong_amount_waiting')
  await press('rest')
  await expect.poll(() => vendor.vendor.invoices()[0]?.status).toBe('paid')
  await press('exact')
  expect(vendor.vendor.invoices()[0]?.status).toBe('paid')
})

test('invoices outlive a restart of the imitation where a file is given', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vendor-'))
  const file = join(folder, 'cryptopay.json')
  const first = await start('cryptopay', { file })
  await crypto(first, 'createInvoice', { asset: 'USDT', amount: '1', payload: 'kept' })
  await first.close()
  running.length = 0
  const second = await start('cryptopay', { file })
  expect(second.vendor.invoices()[0]?.reference).toBe('kept')
  await rm(folder, { recursive: true })
})
