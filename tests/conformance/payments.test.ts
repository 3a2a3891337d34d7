import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { environment, startPayment, type VendorName, webhookPath } from '../../sandbox/payments/start.ts'
import type { Running } from '../../sandbox/payments/start-vendor.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { paymentProblems, paymentProviders, PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import { askEngine } from '#shop/payments/providers/cryptomus-engine/client.ts'
import { invoiceShape } from '#shop/payments/providers/cryptomus-engine/reading.ts'
import { sources } from '../lib/sources.ts'
import type { WebhookCall, Invoice, PaymentProvider, Reading } from '#shop/payments/providers/port.ts'

const NAMES = Object.keys(VENDOR_CALLS) as VendorName[]

const received: WebhookCall[] = []
let shop: http.Server
let shopUrl: string
beforeAll(async () => {
  shop = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const token = request.url?.split('/')[3]
      received.push({ body: Buffer.concat(chunks), headers: request.headers, ...(token ? { token } : {}) })
      response.end()
    })
  })
  shop.listen(0, '127.0.0.1')
  await once(shop, 'listening')
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
})
afterAll(() => void shop.close())

test('every provider of the registry is under this suite', () => {
  expect([...PROVIDER_NAMES].sort()).toEqual([...NAMES].sort())
})

test('F17 a provider that is half set up is named in a sentence and refuses to start', () => {
  for (const name of NAMES) {
    const settings = environment({ [name]: 'http://127.0.0.1:1' })
    expect(paymentProblems(settings)).toEqual([])
    const needed = Object.keys(settings).filter((one) => !/URL|PAYOUT|KEEP/.test(one))
    for (const key of needed) {
      const half = { ...settings, [key]: ' ' }
      // Where one variable is all that is needed, the provider is on or off and never half set up.
      if (needed.length === 1) {
        expect(paymentProviders(half).size).toBe(0)
      } else {
        expect(paymentProblems(half)).toEqual([expect.stringContaining(key)])
        expect(() => paymentProviders(half)).toThrow(key)
      }
    }
  }
  expect(paymentProviders({}).size).toBe(0)
  for (const code of ['0', '13', '1.5', 'none'])
    expect(() =>
      paymentProviders({
        ...environment({ yookassa: 'http://127.0.0.1:1' }),
        YOOKASSA_RECEIPT_VAT_CODE: code,
      }),
    ).toThrow('YOOKASSA_RECEIPT_VAT_CODE has to be a number from 1 to 12')
})

describe.each(NAMES)('%s', (name) => {
  let vendor: Running
  let provider: PaymentProvider
  const calls = VENDOR_CALLS[name]
  let serial = 0
  const reference = () => `t-${name}-${++serial}-${process.pid}`

  beforeAll(async () => {
    vendor = await startPayment(name, { settings: { retryBaseMs: 20, retryMaxMs: 100 } })
    vendor.settings.webhookUrl = `${shopUrl}/webhooks/${webhookPath(name)}`
    provider = paymentProviders(environment({ [name]: vendor.url }), shopUrl).get(name) as PaymentProvider
  })
  afterAll(() => vendor.close())
  afterEach(() => vendor.faults.replace([]))

  const ask = (ref: string, lifetimeSeconds = 3600) => ({
    reference: ref,
    amount: { asset: 'RUB', amount: 150_050n } as const,
    description: 'Пополнение / top-up',
    returnUrl: 'https://t.example/shop_bot',
    lifetimeSeconds,
    language: 'ru' as const,
  })
  const create = async (ref = reference()): Promise<Invoice & { reference: string }> => ({
    ...(await provider.createInvoice(ask(ref))),
    reference: ref,
  })
  const eventsOf = (ref: string) => received.filter((one) => Buffer.from(one.body).includes(ref))
  const madeFor = (ref: string) => vendor.vendor.invoices().filter((one) => one.reference === ref).length
  const verdict = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)

  test('an invoice asks for exactly what was asked, and its page opens', async () => {
    const made = await create()
    const page = await fetch(made.payUrl)
    expect(await page.text()).toContain('1500.50')
    const seen = (await provider.lookup(made)) as Reading
    expect(seen).toMatchObject({ invoice: made.invoice, reference: made.reference, state: 'pending' })
    expect(seen.asked).toEqual({ asset: 'RUB', amount: 150_050n })
    expect(seen.received).toBeUndefined()
  })

  test('a paid invoice is told by a genuine webhook and by the look-up alike', async () => {
    const made = await create()
    await vendor.vendor.pay(made.invoice, 'exact', {})
    const told = eventsOf(made.reference).at(-1) as WebhookCall
    expect(provider.isGenuine(told)).toBe(true)
    const event = provider.readWebhook(Buffer.from(told.body).toString('utf8'))
    for (const reading of [
      event,
      await provider.lookup(made),
      await provider.lookup({ reference: made.reference }),
    ]) {
      expect(reading).toMatchObject({
        state: 'paid',
        reference: made.reference,
        invoice: made.invoice,
        asked: { asset: 'RUB', amount: 150_050n },
        received: { asset: 'RUB', amount: 150_050n },
      })
    }
  })

  test('F14 a repeated delivery has the same key', async () => {
    const made = await create()
    vendor.faults.add({ on: 'webhook', name: calls.paid, do: { duplicate: 3 } })
    await vendor.vendor.pay(made.invoice, 'exact', {})
    const keys = eventsOf(made.reference)
      .map((one) => provider.readWebhook(Buffer.from(one.body).toString('utf8')))
      .filter((one) => one.state === 'paid')
      .map((one) => one.key)
    expect(keys).toHaveLength(4)
    expect(new Set(keys).size).toBe(1)
  })

  test('F17 a delivery with a wrong signature, another path or other bytes is not genuine', async () => {
    const made = await create()
    vendor.faults.add({ on: 'webhook', times: 0, do: { forge: true } })
    await vendor.vendor.pay(made.invoice, 'exact', {})
    const forged = eventsOf(made.reference)
    expect(forged.length).toBeGreaterThan(0)
    for (const one of forged) {
      if (provider.supports.signedWebhooks) expect(provider.isGenuine(one)).toBe(false)
      expect(provider.isGenuine({ ...one, token: 'guess', headers: {} })).toBe(false)
      expect(provider.isGenuine({ ...one, token: '', headers: {} })).toBe(false)
    }
    vendor.faults.replace([])
    const second = await create()
    await vendor.vendor.pay(second.invoice, 'exact', {})
    const good = eventsOf(second.reference).at(-1) as WebhookCall
    const text = Buffer.from(good.body).toString('utf8').replace(second.reference, made.reference)
    if (provider.supports.signedWebhooks) {
      expect(provider.isGenuine({ ...good, body: Buffer.from(text) })).toBe(false)
    }
  })

  test('F17 a genuine event that claims a payment which did not happen is unmasked by the look-up', async () => {
    const made = await create()
    await vendor.vendor.actions['tell']?.({ id: made.invoice, status: 'paid' })
    const told = eventsOf(made.reference).at(-1) as WebhookCall
    expect(provider.isGenuine(told)).toBe(true)
    expect(provider.readWebhook(Buffer.from(told.body).toString('utf8')).state).toBe('paid')
    expect((await provider.lookup(made))?.state).toBe('pending')
  })

  test('F23 a genuine delivery of nonsense is malformed, not a crash', () => {
    for (const body of ['', '[]', '{}', 'null', '{"payload":{}}', '{"uuid":7}']) {
      expect(() => provider.readWebhook(body), body).toThrow(Rejected)
    }
  })

  test('F3 a lost reply to createInvoice leaves one invoice that the look-up by reference finds', async () => {
    for (const fault of [{ drop: 'after' } as const, { status: 502, after: true, body: '<html>' }]) {
      const ref = reference()
      vendor.faults.add({ on: 'call', name: calls.create, do: fault })
      const outcome = await verdict(provider.createInvoice(ask(ref)))
      if (provider.supports.createRepeatableMs === 0) expect(outcome).toBeInstanceOf(UnknownOutcome)
      expect(madeFor(ref)).toBe(1)
      expect((await provider.lookup({ reference: ref }))?.reference).toBe(ref)
    }
  })

  test('repeating createInvoice is safe exactly where the provider says so', async () => {
    const ref = reference()
    const first = await create(ref)
    const second = await create(ref)
    const isRepeatable = provider.supports.createRepeatableMs > 0
    expect(second.invoice === first.invoice).toBe(isRepeatable)
    expect(madeFor(ref)).toBe(isRepeatable ? 1 : 2)
  })

  test('a refusal before anything happened is rejected, and makes nothing', async () => {
    const ref = reference()
    vendor.faults.add({ on: 'call', name: calls.create, do: { status: 422 } })
    expect(await verdict(provider.createInvoice(ask(ref)))).toMatchObject({ code: 'provider.refused' })
    expect(madeFor(ref)).toBe(0)
  })

  test('429 is transient and keeps the pause that was asked for', async () => {
    vendor.faults.add({ on: 'call', name: calls.create, times: 0, do: { retry_after: 7 } })
    expect(await verdict(provider.createInvoice(ask(reference())))).toMatchObject({ retryAfterMs: 7000 })
    vendor.faults.add({ on: 'call', name: calls.lookup, times: 0, do: { retry_after: 7 } })
    expect(await verdict(provider.lookup({ reference: 'x', invoice: '1' }))).toMatchObject({
      retryAfterMs: 7000,
    })
  })

  test('a look-up survives a lost reply and a bad gateway, and is transient when they last', async () => {
    const made = await create()
    vendor.faults.add({ on: 'call', name: calls.lookup, do: { drop: 'after' } })
    vendor.faults.add({ on: 'call', name: calls.lookup, do: { status: 502, body: '<html>' } })
    expect((await provider.lookup(made))?.invoice).toBe(made.invoice)
    vendor.faults.add({ on: 'call', name: calls.lookup, times: 0, do: { status: 500 } })
    expect(await verdict(provider.lookup(made))).toBeInstanceOf(Transient)
  })

  test('a look-up of an invoice that the provider does not know answers undefined; with a wrong key it throws', async () => {
    expect(await provider.lookup({ reference: 'none', invoice: calls.nobodys })).toBeUndefined()
    expect(await provider.lookup({ reference: 'none' })).toBeUndefined()
    const stranger = Object.fromEntries(
      Object.entries(environment({ [name]: vendor.url })).map(([key, value]) => [
        key,
        /(URL|SHOP_ID|KEEP_CARDS)$/.test(key) ? value : `${value}x`,
      ]),
    )
    const wrong = paymentProviders(stranger).get(name) as PaymentProvider
    expect(await verdict(wrong.lookup({ reference: 'none' }))).toMatchObject({ code: 'http.401' })
    expect(await verdict(wrong.createInvoice(ask(reference())))).toMatchObject({ code: 'http.401' })
  })

  test('a status that the adapter does not know is reported as unknown', async () => {
    const made = await create()
    const { set, status: tell } = vendor.vendor.actions
    await (set ?? tell)?.({ id: made.invoice, status: calls.odd })
    expect(await provider.lookup(made)).toMatchObject({ state: 'unknown' })
  })

  test('F36 the list has every invoice of the day with its reference', async () => {
    const made = [await create(), await create(), await create()]
    await vendor.vendor.pay(made[1]?.invoice ?? '', 'exact', {})
    vendor.settings['perPage'] = 2
    const listed: Reading[] = []
    const period = { from: new Date(Date.now() - 86_400_000), to: new Date(Date.now() + 60_000) }
    for await (const one of provider.listPayments(period)) listed.push(one)
    const found = made.map((one) => listed.find((other) => other.reference === one.reference)?.state)
    expect(found).toEqual(['pending', 'paid', 'pending'])
  })

  test('`supports` says what the provider cannot refund', async () => {
    const made = await create()
    await vendor.vendor.pay(made.invoice, 'exact', {})
    const request = {
      ...made,
      description: 'x',
      refund: 'r1',
      amount: { asset: 'RUB', amount: 150_050n } as const,
    }
    if (provider.supports.refunds === 'none') return expect('refund' in provider).toBe(false)
    if (provider.supports.refunds === 'address') {
      expect(await verdict(provider.refund?.(request) as Promise<unknown>)).toMatchObject({
        code: 'refund.address',
      })
    }
    const done = await provider.refund?.({ ...request, address: 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj' })
    expect(done).toBe(provider.supports.refunds === 'address' ? 'started' : 'done')
    const again = provider.refund?.({
      ...request,
      refund: 'r2',
      address: 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj',
    })
    expect(await verdict(again as Promise<unknown>)).toMatchObject({ code: 'provider.refused' })
    if (provider.supports.refunds === 'address') {
      await expect.poll(async () => (await provider.lookup(made))?.state).toBe('refunded')
    }
  })

  test('a lost reply to a refund has an unknown outcome and is not repeated', async () => {
    if (provider.supports.refunds === 'none') return
    const made = await create()
    await vendor.vendor.pay(made.invoice, 'exact', {})
    const call = calls.refund!
    const before = vendor.requests.filter((one) => one.name === call).length
    // Cryptomus is asked again with a second key after a 401, because a 401 proves that nothing happened.
    const skip = name === 'cryptomus' ? 1 : 0
    vendor.faults.add({ on: 'call', name: call, skip, do: { drop: 'after' } })
    const request = {
      ...made,
      refund: made.reference,
      description: 'x',
      amount: { asset: 'RUB', amount: 150_050n } as const,
      address: 'TXhfYSWt2oKRrHAJ',
    }
    expect(await verdict(provider.refund?.(request) as Promise<unknown>)).toBeInstanceOf(UnknownOutcome)
    expect(vendor.requests.filter((one) => one.name === call).length - before).toBe(1 + skip)
    if (!provider.wasRefunded) return
    // Where the provider answers at once, a repeat of the same refund pays nothing back a second time.
    expect(await provider.wasRefunded(request)).toBe(true)
    expect(await provider.refund?.(request)).toBe('done')
    const other = await create()
    await vendor.vendor.pay(other.invoice, 'exact', {})
    expect(await provider.wasRefunded({ ...request, ...other, refund: 'r3' })).toBe(false)
  })

  test('less, more, late and a second transfer are told apart', async () => {
    if (!provider.supports.inexact) return
    const less = await create()
    await vendor.vendor.pay(less.invoice, 'less', {})
    const share = { asset: 'RUB', amount: 90_030n }
    expect(await provider.lookup(less)).toMatchObject({ state: 'underpaid_open', received: share })
    await vendor.vendor.pay(less.invoice, 'rest', {})
    expect(await provider.lookup(less)).toMatchObject({ state: 'paid' })
    const short = await create()
    await vendor.vendor.pay(short.invoice, 'less', {})
    await vendor.vendor.pay(short.invoice, 'decline', {})
    expect(await provider.lookup(short)).toMatchObject({ state: 'underpaid', received: share })
    const more = await create()
    await vendor.vendor.pay(more.invoice, 'more', {})
    const extra = { asset: 'RUB', amount: 187_563n }
    expect(await provider.lookup(more)).toMatchObject({ state: 'overpaid', received: extra })
    const late = await create()
    await vendor.vendor.pay(late.invoice, 'late', {})
    const states = eventsOf(late.reference).map((one) => provider.readWebhook(String(one.body)).state)
    expect(states).toEqual(['expired', 'confirming', 'paid'])
  })

  test('a permanent address is the same for the same reference and its deposits carry it', async () => {
    const [first] = provider.supports.wallets
    if (!provider.createWallet || !first) return expect(provider.supports.wallets).toEqual([])
    const request = { ...first, reference: reference() }
    const wallet = await provider.createWallet(request)
    expect(await provider.createWallet(request)).toEqual(wallet)
    await vendor.vendor.actions['deposit']?.({ address: wallet.address, amount: '12.345678' })
    await vendor.vendor.actions['deposit']?.({ address: wallet.address, amount: '12.345678' })
    const events = eventsOf(request.reference).map((one) => provider.readWebhook(String(one.body)))
    const paid = events.filter((one) => one.state === 'paid')
    expect(new Set(paid.map((one) => one.key)).size).toBe(2)
    for (const one of paid) {
      expect(one).toMatchObject({ deposit: true, received: { asset: first.asset, amount: 12_345_678n } })
      expect(await provider.lookup({ reference: one.reference ?? '', invoice: one.invoice })).toMatchObject({
        deposit: true,
        received: { amount: 12_345_678n },
      })
    }
  })
})

describe('a field that an answer leaves empty', () => {
  test('may be null as well as absent: an invoice with a null message was made', async () => {
    const result = { uuid: 'u1', type: null, order_id: null, status: 'check' }
    const answer = JSON.stringify({ state: 0, message: null, errors: null, result })
    const server = http.createServer((request, response) => {
      request.resume()
      response.setHeader('content-type', 'application/json').end(answer)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const account = { name: 'heleket', apiUrl, merchant: 'm' }
    const asked = { key: 'k', changes: true, shape: invoiceShape }
    expect(await askEngine(account, 'payment', {}, asked)).toMatchObject({ uuid: 'u1' })
    server.closeAllConnections()
    server.close()
  })

  test('is read alike by every reader of an adapter', () => {
    const readers = sources('src/shop/*/providers/**/*.ts', 'src/shop/*/reseller/**/*.ts')
    const found = readers.flatMap(({ path, text }) =>
      // A field of type unknown takes null already, so it need not allow it.
      [...text.matchAll(/.*(?<!unknown\(\))\.optional\(\).*/g)].map(([line]) => `${path}: ${line.trim()}`),
    )
    expect(found).toEqual([])
  })
})
