import type { Sql } from '#shared/db/db.ts'
import type { Payment } from '#shared/money/tables.ts'
import { readBalance } from '#shared/money/read.ts'
import { type NoticeParams, type Sum, oweAdminAlert, personNotice, toldOf } from '#shared/notices.ts'
import type { Owed } from '#shared/queue/outbox.ts'
import type { Reading } from '../providers/port.ts'
import { resumeWaiting } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { toSuspense } from '../book.ts'
import { chargeOf } from '../charges.ts'
import { besideIn } from '../payments.ts'
import type { Judgement } from './decide.ts'

export type AlertedBots = ReadonlyMap<string, Pick<ServedBot, 'name' | 'admins'>>

/**
 * Lets the order go on that waited for this money, and alerts the admins.
 * @param available what the person can spend of what they were promised, before the order went on
 * @returns the message for the payer, which the caller has to owe
 */
export async function tellOutcome(
  tx: Sql,
  { bots, goods }: { bots: AlertedBots; goods: Assortment },
  payment: Payment,
  reading: Reading,
  decision: Judgement,
  available: bigint,
): Promise<Owed[]> {
  const { notice } = decision
  if (decision.price > 0n && payment.orderId) {
    await resumeWaiting(tx, goods, payment.orderId, payment.id)
  }
  if (decision.review) {
    await oweAdminAlert(tx, toldOf(bots, payment.bot), {
      key: `review-${payment.id}-${decision.review}-${reading.status}`,
      text: `alert-payment-${decision.review}`,
      params: { number: payment.id, provider: payment.provider, status: reading.status },
      buttons: [[['payment-check', 'payment-check', payment.id]], [['payment-story', 'payment', payment.id]]],
    })
  }
  // The card alone says that an invoice has expired: whoever left it needs no message about it.
  if (!notice || notice === 'expired') return []
  const part = notice === 'underpaid-open' ? `-${reading.received?.amount ?? ''}` : ''
  // The sum of all that came of an asset only grows, under whichever invoice, so this sum names the news.
  const before = payment.booked + besideIn(payment, decision.asset)
  const total = `${before + decision.book}${part}`
  // If the order went on, it has taken its price from the balance since `available` was read.
  const { creditAsset, orderId, personId } = payment
  const left = orderId ? (await readBalance(tx, personId, creditAsset)).available : available
  return [
    personNotice({
      key: `payment-${payment.id}-${notice}-${total}`,
      bot: payment.bot,
      personId,
      ...wording(payment, reading, decision, { amount: left, asset: creditAsset }),
    }),
  ]
}

interface Wording {
  text: string
  params: NoticeParams
  buttons?: string[][][]
  links?: { text: string; url: string }[]
}

function wording(payment: Payment, reading: Reading, decision: Judgement, balance: Sum): Wording {
  const number = payment.id
  const asked = { amount: payment.amount, asset: payment.asset }
  const rest = { amount: decision.book - decision.price, asset: decision.asset }
  const credited = { amount: payment.creditAmount, asset: payment.creditAsset }
  const take = [[['payment-take', 'pay-take', payment.id]], [['menu-open', 'menu-below']]]
  const isOnBalance = rest.amount > 0n && toSuspense(payment, decision) === 0n
  if (isOnBalance)
    return {
      text: 'payment-extra-credited',
      params: { received: rest, number },
      buttons: [[['menu-open', 'menu-below']]],
    }
  switch (decision.notice) {
    case 'paid':
      return {
        // Nobody sat before this payment, so the person learns from where the money came.
        ...(chargeOf(payment.details)
          ? {
              text: 'card-charged-notice',
              params: { credited, number, balance, digits: String(payment.details['digits']) },
            }
          : { text: 'paid-notice', params: { credited, number, balance } }),
        buttons: [[['menu-open', 'menu-below']]],
      }
    case 'overpaid':
      return {
        text: 'payment-overpaid',
        params: { credited, rest, number, balance },
        buttons: take,
      }
    case 'underpaid-open':
      return underpaidOpen(payment, reading)
    case 'underpaid':
      return { text: 'payment-underpaid', params: { received: rest, asked, number }, buttons: take }
    case 'late':
      return { text: 'payment-late', params: { received: rest, number }, buttons: take }
    case 'extra':
      return { text: 'payment-extra', params: { received: rest, number }, buttons: take }
    default:
      return { text: 'payment-review', params: { number } }
  }
}

/** What came, what is missing, and the vendor's own page, where the rest can be paid. */
function underpaidOpen(payment: Payment, { received }: Reading): Wording {
  const { id: number, asset, amount, details } = payment
  const asked = { amount, asset }
  const url = details['payUrl']
  const came = received?.asset === asset && received.amount < amount ? received.amount : undefined
  const buttons = [[['pay-open-card', 'pay-show', number]]]
  if (came === undefined) return { text: 'payment-underpaid-some', params: { asked, number }, buttons }
  return {
    text: 'payment-underpaid-open',
    params: { received: { amount: came, asset }, asked, rest: { amount: amount - came, asset }, number },
    buttons,
    ...(typeof url === 'string' && { links: [{ text: 'pay-rest', url }] }),
  }
}
