import type { Payment, PaymentState } from '#shared/money/tables.ts'
import type { Asset, Money } from '#shared/money.ts'
import type { Reader } from '#shared/reader.ts'
import { besideIn, besides, boughtWith, isOpenPart, partReceived } from './payments.ts'

/** The states in which there is something to pay or to wait for. */
export const LIVE_PAYMENTS: readonly PaymentState[] = ['created', 'pending', 'underpaid']

/** The lines of a payment's card, from "preparing" to how it ended. They say what the row says now. */
export function paymentLines(reader: Reader, payment: Payment): string[] {
  const { t: words, money, clock } = reader
  const sum = money(payment.amount, payment.asset)
  const method = words(`method-${payment.provider}`)
  const lines = [
    words('pay-title', { sum, method }),
    words(statusKey(payment), {
      asked: sum,
      received: money(partReceived(payment), payment.asset),
      left: money(payment.amount - partReceived(payment), payment.asset),
      rest: money(payment.suspended, payment.suspendedAsset ?? payment.asset),
      credited: credited(payment)
        .map(({ amount, asset }) => money(amount, asset))
        .join(' + '),
    }),
  ]
  lines.push(...whatCame(reader, payment))
  const waiting = payment.state === 'pending' || payment.state === 'underpaid'
  if (waiting && payment.expiresAt && payment.booked === 0n) lines.push(deadline(reader, payment.expiresAt))
  const checkedAt = payment.details['checkedAt']
  if (waiting && typeof checkedAt === 'string')
    lines.push(words('pay-checked', { date: clock(new Date(checkedAt)) }))
  lines.push(words('pay-number', { number: payment.id }))
  return lines
}

/** What came, where it is more than the title says or where the status names no sum; and further payments in Stars. */
function whatCame({ t, money }: Reader, payment: Payment): string[] {
  const { asset, suspended, details, state } = payment
  const { againOf, paidAgain = [] } = details as { againOf?: string; paidAgain?: string[] }
  const lines = paidAgain.map((number) => t('pay-paid-again', { number }))
  if (againOf !== undefined) lines.unshift(t('pay-again-of', { number: againOf }))
  const price = boughtWith(payment)
  for (const over of overPrice(payment)) {
    const extra = money(over.amount, over.asset)
    // Only sums of one asset can be added up.
    if (price > 0n && over.asset === asset)
      lines.push(t('pay-came', { received: money(price + over.amount, asset), extra }))
    else if (price > 0n) lines.push(t('pay-came-extra', { extra }))
    else if (state === 'review')
      lines.push(t(suspended > 0n ? 'pay-came-waits' : 'pay-came-all', { received: extra }))
  }
  return lines
}

/** What came beyond the price of what was promised, by asset. Stars come whole, so nothing is ever left of them. */
function overPrice(payment: Payment): Money[] {
  const { asset, suspendedAsset, booked, provider } = payment
  if (provider === 'stars') return []
  const price = boughtWith(payment)
  const own: Money = { asset: price > 0n ? asset : (suspendedAsset ?? asset), amount: booked - price }
  const others = Object.keys(besides(payment)).filter((one) => one !== own.asset) as Asset[]
  return [
    { ...own, amount: own.amount + besideIn(payment, own.asset) },
    ...others.map((one) => ({ asset: one, amount: besideIn(payment, one) })),
  ].filter(({ amount }) => amount > 0n)
}

/** What is on the balance: what was promised, and what the person took of the rest, which may be of another asset. */
function credited(payment: Payment): Money[] {
  const { asset, suspended, suspendedAsset, creditAsset, creditAmount, booked } = payment
  const isPromised = boughtWith(payment) > 0n || booked === 0n
  const sums = new Map<Asset, bigint>([[creditAsset, isPromised ? creditAmount : 0n]])
  for (const over of overPrice(payment)) {
    const waits = over.asset === (suspendedAsset ?? asset) ? suspended : 0n
    const taken = over.amount > waits ? over.amount - waits : 0n
    sums.set(over.asset, (sums.get(over.asset) ?? 0n) + taken)
  }
  return [...sums].map(([one, amount]) => ({ asset: one, amount })).filter(({ amount }) => amount > 0n)
}

/** Waiting, seen on the network, or paid: the status says no more than the provider has told. */
function statusKey(payment: Payment): string {
  const { state, details, suspended, booked } = payment
  if (state === 'pending' && details['phase'] === 'confirming') return 'pay-status-confirming'
  if (isOpenPart(payment))
    return partReceived(payment) > 0n ? 'pay-status-underpaid-open' : 'pay-status-underpaid-some'
  const isWhole = boughtWith(payment) > 0n
  // What waited is taken, and the money is on the balance like any other.
  if (['paid', 'overpaid', 'underpaid'].includes(state) && booked > 0n && suspended === 0n)
    return isWhole ? 'pay-status-paid' : 'pay-status-taken'
  if (state === 'paid' || state === 'overpaid') return isWhole ? 'pay-status-overpaid' : 'pay-status-late'
  return `pay-status-${state}`
}

function deadline({ t, clock }: Reader, at: Date): string {
  const minutes = Math.max(0, Math.ceil((at.getTime() - Date.now()) / 60_000))
  return t('pay-deadline', { until: clock(at), minutes })
}
