import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { environment, startPayment } from '../../sandbox/payments/start.ts'
import type { Running } from '../../sandbox/payments/start-vendor.ts'
import { VENDOR_CALLS } from '../lib/vendor-calls.ts'
import { Rejected, UnknownOutcome } from '#shared/errors.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'

/** The one vendor that keeps cards. */
const NAME = 'yookassa'
const { create: createCall, lookup: lookupCall } = VENDOR_CALLS[NAME]

let vendor: Running
let provider: PaymentProvider
let serial = 0
const reference = () => `card-${++serial}-${process.pid}`
beforeAll(async () => {
  vendor = await startPayment(NAME, { settings: { retryBaseMs: 20, retryMaxMs: 100 } })
  provider = paymentProviders(environment({ [NAME]: vendor.url })).get(NAME)!
})
afterAll(() => vendor.close())
afterEach(() => {
  vendor.faults.replace([])
  Object.assign(vendor.settings, {
    chargeFails: '',
    chargeWaits: false,
    chargeConfirms: false,
    cardNotKept: false,
    keepsNoCards: false,
  })
})

const amount = { asset: 'RUB', amount: 9_000n } as const
async function pay(keepCard: boolean) {
  const ref = reference()
  const ask = { reference: ref, amount, description: 'x', lifetimeSeconds: 3600, language: 'ru', keepCard }
  const { invoice } = await provider.createInvoice(ask)
  await vendor.vendor.pay(invoice, 'exact', {})
  return (await provider.lookup({ reference: ref, invoice }))!
}
const keptCard = async () => (await pay(true)).keptCard!.card
const charge = (card: string, ref = reference()) =>
  provider.charge!({ reference: ref, card, amount, description: 'Подписка' })
const madeFor = (ref: string) => vendor.vendor.invoices().filter((one) => one.reference === ref).length
const verdict = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)

test('only a vendor that keeps cards charges them, and only where the owner has switched that on', () => {
  for (const one of paymentProviders(environment({ [NAME]: vendor.url, mulenpay: 'http://x' })).values())
    expect(one.supports.keepsCards === true).toBe(one.charge !== undefined)
  const off = { ...environment({ [NAME]: vendor.url }), YOOKASSA_KEEP_CARDS: '' }
  expect(paymentProviders(off).get(NAME)!.supports.keepsCards).toBe(false)
})

test('a card is kept when its payer was asked and agreed, and never else', async () => {
  expect((await pay(true)).keptCard).toMatchObject({ digits: '4477' })
  expect((await pay(false)).keptCard).toBeUndefined()
  vendor.settings['cardNotKept'] = true
  expect((await pay(true)).keptCard).toBeUndefined()
})

test('a kept card is charged without its payer; what it paid is found, listed and given back as all else', async () => {
  const ref = reference()
  const made = await charge(await keptCard(), ref)
  const paid = { state: 'paid', reference: ref, asked: amount, received: amount }
  expect(made).toMatchObject(paid)
  expect(await provider.lookup({ reference: ref })).toMatchObject(paid)
  const back = { reference: ref, invoice: made.invoice, amount, description: 'x', refund: `r-${ref}` }
  expect(await provider.refund!(back)).toBe('done')
  expect((await provider.lookup(made as { reference: string; invoice: string }))?.state).toBe('refunded')
})

test('a card of somebody who was not asked, or that is not kept any more, takes no charge for good', async () => {
  const stranger = (await pay(false)).invoice
  for (const card of [stranger, 'no-such-card']) {
    const said = await verdict(charge(card))
    expect(said).toMatchObject({ code: 'card.over' })
    // With a card's name and the shop's key anybody takes money, so no message holds the name.
    expect((said as Error).message).not.toContain(card)
  }
})

test('a refusal says whether the card takes another charge', async () => {
  const card = await keptCard()
  for (const [reason, isOver] of [
    ['insufficient_funds', undefined],
    ['general_decline', undefined],
    ['issuer_unavailable', undefined],
    ['call_issuer', undefined],
    ['internal_timeout', undefined],
    ['payment_method_limit_exceeded', undefined],
    ['3d_secure_failed', undefined],
    ['a_reason_of_next_year', undefined],
    ['card_expired', true],
    ['permission_revoked', true],
    ['invalid_card_number', true],
    ['payment_method_restricted', true],
    ['fraud_suspected', true],
  ] as const) {
    vendor.settings['chargeFails'] = reason
    const said = await charge(card)
    expect([said.state, said.status, said.cardIsOver]).toEqual(['cancelled', reason, isOver])
    expect(said.received).toBeUndefined()
  }
  vendor.settings['chargeFails'] = ''
  const { invoice } = await pay(true)
  vendor.vendor.actions['revoke']!({ id: invoice })
  expect(await charge(invoice)).toMatchObject({ state: 'cancelled', cardIsOver: true })
})

test('a charge that the bank wants its holder to confirm is pending, and over when nobody has confirmed it in time', async () => {
  vendor.settings['chargeConfirms'] = true
  const made = await charge(await keptCard())
  expect([made.state, made.received]).toEqual(['pending', undefined])
  await vendor.vendor.pay(made.invoice, 'late', {})
  const over = await provider.lookup(made as { reference: string; invoice: string })
  expect([over?.state, over?.cardIsOver]).toEqual(['expired', undefined])
})

test('a charge that waits is pending, and ends later', async () => {
  vendor.settings['chargeWaits'] = true
  const card = await keptCard()
  const made = await charge(card)
  expect(made.state).toBe('pending')
  await vendor.vendor.actions['charges']!({})
  expect((await provider.lookup(made as { reference: string; invoice: string }))?.state).toBe('paid')
})

test('F3 a charge whose answer is lost is made once under its reference, however often it is repeated', async () => {
  const card = await keptCard()
  for (const fault of [{ drop: 'after' } as const, { status: 502, after: true, body: '<html>' }]) {
    const ref = reference()
    vendor.faults.add({ on: 'call', name: createCall, times: 0, do: fault })
    expect(await verdict(charge(card, ref))).toBeInstanceOf(UnknownOutcome)
    vendor.faults.replace([])
    vendor.faults.add({ on: 'call', name: lookupCall, do: { status: 502 } })
    expect((await charge(card, ref)).state).toBe('paid')
    expect(madeFor(ref)).toBe(1)
  }
})

test('a shop whose contract has no charges is refused when it asks to keep a card, and when it charges one', async () => {
  const card = await keptCard()
  vendor.settings['keepsNoCards'] = true
  const ask = { reference: reference(), amount, description: 'x', lifetimeSeconds: 3600, language: 'ru' }
  expect(await verdict(provider.createInvoice({ ...ask, keepCard: true }))).toMatchObject({
    code: 'http.403',
  })
  expect(await verdict(charge(card))).toBeInstanceOf(Rejected)
  expect((await provider.createInvoice(ask)).state).toBe('pending')
})
