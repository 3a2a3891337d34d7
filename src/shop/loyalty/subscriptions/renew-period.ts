import type { Sql } from '#shared/db/db.ts'
import { renewalTerms } from './agreed.ts'
import { buyPeriod } from './subscriptions.ts'
import type { Subscription } from './subscriptions.ts'
import { tellSubscriber } from './tell.ts'

/**
 * Pays the period after this one from the balance, on the terms that were agreed, and tells the subscriber. Its reference
 * names the period, so whatever pays for the period, it is paid once.
 * @param terms.paid what a card was charged for the period
 * @throws what buyPeriod throws
 */
export async function renewPeriod(
  tx: Sql,
  subscription: Subscription,
  terms: Pick<Parameters<typeof buyPeriod>[1], 'paid' | 'roubles'>,
): Promise<void> {
  const { id, period, personId, plan, bot } = subscription
  const { price, days } = await renewalTerms(tx, subscription)
  const paid = terms.paid ?? price ?? undefined
  const reference = `renewal-${id}-${period + 1}`
  const kind = { renews: true, ...terms, paid, days }
  const renewed = await buyPeriod(tx, { payer: personId, personId, plan, bot, reference, ...kind })
  if (!renewed || paid === undefined) return
  await tellSubscriber(tx, renewed, 'subscription-renewed-notice', {
    params: { price: { amount: paid, asset: 'TOK' } },
  })
}
