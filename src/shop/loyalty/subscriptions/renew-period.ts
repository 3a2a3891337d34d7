import type { Sql } from '#shared/db/db.ts'
import { buyPeriod } from './subscriptions.ts'
import type { Subscription } from './subscriptions.ts'
import { tellSubscriber } from './tell.ts'

/**
 * Pays the period after this one from the balance and tells the subscriber. Its reference names the period, so whatever
 * pays for the period, it is paid once.
 * @throws what buyPeriod throws
 */
export async function renewPeriod(
  tx: Sql,
  { id, period, personId, plan, bot }: Subscription,
  terms: Pick<Parameters<typeof buyPeriod>[1], 'paid' | 'roubles'>,
): Promise<void> {
  const reference = `renewal-${id}-${period + 1}`
  const kind = { renews: true, renewal: true, ...terms }
  const renewed = await buyPeriod(tx, { payer: personId, personId, plan, bot, reference, ...kind })
  if (renewed) await tellSubscriber(tx, renewed, 'subscription-renewed-notice')
}
