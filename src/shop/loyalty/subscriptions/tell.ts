import type { Sql } from '#shared/db/db.ts'
import { dayWords } from '#shared/i18n/format.ts'
import type { Order } from '#shared/money/tables.ts'
import { owePersonNotice } from '#shared/notices.ts'
import type { NoticeParams, Sum } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { loyaltySql } from '../tables.ts'
import { renewalTerms } from './agreed.ts'
import { readPlan } from './plans.ts'
import type { Plan } from './plans.ts'
import type { Subscription } from './subscriptions.ts'

/**
 * Tells the subscriber something once for each period and text: the plan by its name, the price in what they pay
 * with. Where the subscription's own bot may not write to them, another bot of ours does.
 */
export async function tellSubscriber(
  tx: Sql,
  subscription: Subscription,
  text: string,
  {
    order,
    again,
    params: more,
  }: {
    /** What the subscriber paid for after a wait. */
    order?: Pick<Order, 'id' | 'card'>
    /** Names the next of several in one period. */
    again?: string
    params?: NoticeParams
  } = {},
): Promise<void> {
  const { id, period, bot, personId, plan: code, expiresAt } = subscription
  const plan = await readPlan(tx, code)
  const reach = await reachableBot(tx, personId, bot)
  await owePersonNotice(tx, {
    key: `${text}-${id}-${period}${again === undefined ? '' : `-${again}`}`,
    bot: reach?.bot ?? bot,
    personId,
    text,
    params: {
      plan: plan?.name ?? code,
      price: more?.['price'] ?? (await priceNow(tx, subscription, plan)) ?? '—',
      until: dayWords(expiresAt),
      ...more,
    },
    // The message that asked for the money now says what became of the order.
    ...(order?.card && { card: { ...order.card, text, orderId: order.id } }),
    buttons: [[['subscriptions-open', 'plans']]],
  })
}

/** What the next period costs: while the plan renews, on the terms that were agreed; afterwards for whoever buys it. */
async function priceNow(
  tx: Sql,
  subscription: Subscription,
  plan: Plan | undefined,
): Promise<Sum | undefined> {
  const { paidWith, chargeId, renews } = subscription
  if (paidWith === 'stars') {
    const agreed = renews && chargeId !== null ? await starsOf(tx, chargeId) : undefined
    const amount = agreed ?? plan?.priceStars
    if (amount != null) return { amount: BigInt(amount), asset: 'XTR' }
  }
  const isAgreed = renews && paidWith === 'balance'
  const tokens = isAgreed ? (await renewalTerms(tx, subscription)).price : plan?.priceTokens
  return tokens == null ? undefined : { amount: tokens, asset: 'TOK' }
}

/** The Stars that Telegram charges every month. */
async function starsOf(tx: Sql, chargeId: string): Promise<bigint | undefined> {
  const [first] = await tx.rows(
    loyaltySql
      .selectFrom('payments')
      .select('amount')
      .where('provider', '=', 'stars')
      .where('provider_ref', '=', chargeId),
  )
  return first?.amount
}
