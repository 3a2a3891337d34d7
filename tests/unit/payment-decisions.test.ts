import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Reading, ReadingState } from '#shop/payments/providers/port.ts'
import { yookassa } from '#shop/payments/providers/yookassa.ts'
import { judge, type KnownPayment } from '#shop/payments/worker/decide.ts'

const rub = (amount: bigint) => ({ asset: 'RUB' as const, amount })
const known = (more: Partial<KnownPayment> = {}): KnownPayment => ({
  state: 'pending',
  asset: 'RUB',
  amount: 10_000n,
  creditAsset: 'RUB',
  booked: 0n,
  ...more,
})
const says = (state: ReadingState, more: Partial<Reading> = {}): Reading => ({
  invoice: 'i',
  reference: 'r',
  state,
  status: state,
  asked: rub(10_000n),
  received: undefined,
  sent: undefined,
  deposit: false,
  createdAt: undefined,
  ...more,
})

describe('F21 the money that came decides, not the status that is told', () => {
  test('exactly what was asked buys what was promised', () => {
    const decision = judge(known(), says('paid', { received: rub(10_000n) }))
    expect(decision).toMatchObject({ to: 'paid', book: 10_000n, price: 10_000n, notice: 'paid' })
  })
  test('more buys what was promised and leaves the rest in suspense', () => {
    const decision = judge(known(), says('overpaid', { received: rub(12_500n) }))
    expect(decision).toMatchObject({ to: 'overpaid', book: 12_500n, price: 10_000n, notice: 'overpaid' })
  })
  test('less buys nothing, whatever the provider calls it', () => {
    for (const state of ['underpaid', 'paid', 'overpaid'] as const) {
      const decision = judge(known(), says(state, { received: rub(9_999n) }))
      expect(decision).toMatchObject({ to: 'underpaid', book: 9_999n, price: 0n, notice: 'underpaid' })
    }
  })
  test('less while the payer may still add books nothing yet', () => {
    const open = judge(known(), says('underpaid_open', { received: rub(6_000n) }))
    expect(open).toMatchObject({ to: 'underpaid', book: 0n, price: 0n, notice: 'underpaid-open' })
    const rest = judge(known({ state: 'underpaid' }), says('paid', { received: rub(10_000n) }))
    expect(rest).toMatchObject({ to: 'paid', book: 10_000n, price: 10_000n })
  })
  test('another sum or currency than ours is reviewed and buys nothing', () => {
    for (const asked of [rub(9_999n), { asset: 'USD' as const, amount: 10_000n }, undefined]) {
      const decision = judge(known(), says('paid', { asked, received: asked }))
      expect(decision).toMatchObject({ to: 'review', price: 0n })
      expect(decision.book).toBe(asked?.amount ?? 0n)
    }
  })
  test('a sum that the provider does not say is reviewed', () => {
    expect(judge(known(), says('overpaid'))).toMatchObject({ to: 'review', review: 'sum', book: 0n })
  })
})

test('paid after the deadline is the same money when the currency is, and waits for its owner when a price ran out', () => {
  for (const state of ['expired', 'cancelled', 'failed'] as const) {
    const paid = says('paid', { received: rub(10_000n) })
    expect(judge(known({ state }), paid)).toMatchObject({ to: 'paid', price: 10_000n })
    const late = judge(known({ state, creditAsset: 'TOK' }), paid)
    expect(late).toMatchObject({ to: 'paid', book: 10_000n, price: 0n, notice: 'late' })
  }
})

test('F16 nothing that comes after the money takes it back or moves the payment', () => {
  for (const state of [
    'pending',
    'confirming',
    'expired',
    'cancelled',
    'failed',
    'underpaid_open',
    'locked',
  ] as const) {
    const after = judge(known({ state: 'paid', booked: 10_000n }), says(state))
    expect(after, state).toEqual({ book: 0n, asset: 'RUB', price: 0n })
  }
})

test('F16 a refund that nobody here asked for is a matter for a human', () => {
  expect(judge(known(), says('refunded'))).toMatchObject({ to: 'review', review: 'refund', book: 0n })
  // The credit stays with the person, and an admin who is told of the refund decides about it.
  const credited = judge(known({ state: 'paid', booked: 10_000n }), says('refunded'))
  expect(credited).toEqual({ book: 0n, asset: 'RUB', price: 0n, review: 'refund' })
})

test('F16 a part that was given back in the cabinet is told to an admin, and takes nothing from the person', () => {
  const keys = { YOOKASSA_SHOP_ID: '1', YOOKASSA_SECRET_KEY: 'k', YOOKASSA_WEBHOOK_SECRET: 's' }
  const money = (value: string) => ({ value, currency: 'RUB' })
  const told = (value: string) =>
    yookassa.build(keys, undefined).readWebhook(
      JSON.stringify({
        type: 'notification',
        event: 'payment.succeeded',
        object: { id: 'i', status: 'succeeded', amount: money('100.00'), refunded_amount: money(value) },
      }),
    )
  const now = known({ state: 'paid', booked: 10_000n })
  expect(judge(now, told('0.00'))).toEqual({ book: 0n, asset: 'RUB', price: 0n })
  expect(told('30.00')).toMatchObject({ state: 'paid', received: rub(10_000n) })
  // An admin is told of each further part.
  expect(told('30.00').status).not.toBe(told('60.00').status)
  const credited = judge(now, told('30.00'))
  expect(credited).toEqual({ book: 0n, asset: 'RUB', price: 0n, review: 'refund' })
})

test('F21 an invoice that ends after a part of its sum has come is a matter for a human', () => {
  for (const state of ['expired', 'cancelled', 'failed'] as const) {
    const over = judge(known({ state: 'underpaid', part: 6_000n }), says(state))
    expect(over, state).toMatchObject({ to: 'review', review: 'sum', book: 0n, notice: 'review' })
    const counted = judge(
      known({ state: 'review', part: 6_000n }),
      says('underpaid', { received: rub(6_000n) }),
    )
    expect(counted).toMatchObject({ to: 'underpaid', book: 6_000n, price: 0n })
  }
})

test('a second transfer to a paid invoice waits for its owner', () => {
  const decision = judge(
    known({ state: 'paid', booked: 10_000n }),
    says('overpaid', { received: rub(20_000n) }),
  )
  expect(decision).toMatchObject({ to: 'overpaid', book: 10_000n, price: 0n, notice: 'extra' })
})

test('a status that nobody knows moves nothing and is reported', () => {
  expect(judge(known(), says('unknown'))).toEqual({ book: 0n, asset: 'RUB', price: 0n, review: 'unknown' })
})

test('any order and repetition of statements books what came, once, and buys the promise at most once', () => {
  const states = fc.constantFrom<ReadingState>(
    ...(['pending', 'confirming', 'paid', 'overpaid', 'underpaid_open', 'underpaid'] as const),
    ...(['expired', 'cancelled', 'failed', 'locked', 'unknown', 'refunded'] as const),
  )
  const received = fc.constantFrom(undefined, 1n, 6_000n, 9_999n, 10_000n, 10_001n, 20_000n)
  fc.assert(
    fc.property(fc.array(fc.tuple(states, received), { maxLength: 12 }), (said) => {
      let now = known()
      let bought = 0n
      let highest = 0n
      for (const [state, sum] of said) {
        const decision = judge(now, says(state, { received: sum === undefined ? undefined : rub(sum) }))
        expect(decision.book).toBeGreaterThanOrEqual(0n)
        expect(decision.price === 0n || decision.price === 10_000n).toBe(true)
        expect(decision.price).toBeLessThanOrEqual(decision.book)
        bought += decision.price
        now = { ...now, state: decision.to ?? now.state, booked: now.booked + decision.book }
        if (['paid', 'overpaid', 'underpaid'].includes(state) && sum && sum > highest) highest = sum
      }
      expect(now.booked).toBe(highest)
      expect(bought).toBeLessThanOrEqual(10_000n)
    }),
    { numRuns: 2000 },
  )
})
