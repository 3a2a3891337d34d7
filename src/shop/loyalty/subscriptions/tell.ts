import type { Sql } from '#shared/db/db.ts'
import { dayWords } from '#shared/i18n/format.ts'
import type { Card } from '#shared/money/tables.ts'
import { owePersonNotice } from '#shared/notices.ts'
import type { NoticeParams } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { readPlan } from './plans.ts'
import type { Subscription } from './subscriptions.ts'

/**
 * Tells the subscriber something once for each period and text: the plan by its name, the price in what they pay
 * with. Where the subscription's own bot may not write to them, another bot of ours does.
 */
export async function tellSubscriber(
  tx: Sql,
  { id, period, bot, personId, plan: code, paidWith, expiresAt }: Subscription,
  text: string,
  {
    card,
    again,
    params: more,
  }: {
    card?: Card | null
    /** Names the next of several in one period. */
    again?: string
    params?: NoticeParams
  } = {},
): Promise<void> {
  const plan = await readPlan(tx, code)
  const stars = paidWith === 'stars' && plan?.priceStars != null
  const reach = await reachableBot(tx, personId, bot)
  const amount = stars ? BigInt(plan.priceStars!) : plan?.priceTokens
  await owePersonNotice(tx, {
    key: `${text}-${id}-${period}${again === undefined ? '' : `-${again}`}`,
    bot: reach?.bot ?? bot,
    personId,
    text,
    params: {
      plan: plan?.name ?? code,
      price: amount == null ? '—' : { amount, asset: stars ? 'XTR' : 'TOK' },
      until: dayWords(expiresAt),
      ...more,
    },
    // The message that asked for the money now says what became of the order.
    ...(card && { card: { ...card, text } }),
    buttons: [[['subscriptions-open', 'plans']]],
  })
}
