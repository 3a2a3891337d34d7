import type { Sql } from '../db/db.ts'
import { owePersonNotice } from '../notices.ts'
import { readPlan } from './plans.ts'
import type { Subscription } from './subscriptions.ts'

/** Tells the subscriber once per period and text: the plan by its name, the price in what they pay it with. */
export async function tell(
  tx: Sql,
  { id, period, bot, personId, plan: code, paidWith, expiresAt }: Subscription,
  text: string,
): Promise<void> {
  const plan = await readPlan(tx, code)
  const stars = paidWith === 'stars' && plan?.priceStars != null
  const amount = stars ? BigInt(plan.priceStars!) : plan?.priceTokens
  await owePersonNotice(tx, {
    key: `${text}-${id}-${period}`,
    bot,
    personId,
    text,
    params: {
      plan: plan?.name ?? code,
      price: amount == null ? '—' : { amount, asset: stars ? 'XTR' : 'TOK' },
      until: expiresAt.toISOString().slice(0, 10),
    },
    buttons: [[['subscriptions-open', 'plans']]],
  })
}
