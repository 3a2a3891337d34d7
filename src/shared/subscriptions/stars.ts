import { sql as q } from 'kysely'
import type { Sql } from '../db/db.ts'
import { UserError } from '../errors.ts'
import type { Movement } from '../levels/rules.ts'
import { owePersonNotice } from '../notices.ts'
import { buyPeriod } from './subscriptions.ts'

/**
 * A payment in Stars for a plan, the first one or Telegram's own renewal of it, came as tokens like any other: they
 * pay for the period. Should they be gone already, the person keeps what they bought with them.
 */
export async function payPlanWithStars(tx: Sql, paid: Movement): Promise<void> {
  const payment = paid.details['payment']
  if (typeof payment !== 'string' || paid.details['provider'] !== 'stars') return
  const [row] = await tx.rows(q<{ plan: string | null; charge: string | null }>`
    select coalesce(p.details ->> 'plan', o.details ->> 'plan') as plan, coalesce(o.provider_ref, p.provider_ref) as charge
    from payments p left join payments o on o.id = p.details ->> 'repeats' where p.id = ${payment}`)
  if (!row?.plan) return
  const bot = paid.bot ?? ''
  try {
    const subscription = await buyPeriod(tx, {
      payer: paid.personId,
      personId: paid.personId,
      plan: row.plan,
      bot,
      renews: true,
      reference: `stars-${payment}`,
      chargeId: row.charge ?? undefined,
    })
    if (!subscription) return
    await owePersonNotice(tx, {
      key: `plan-${payment}`,
      bot,
      personId: paid.personId,
      text: 'subscription-started-notice',
      params: { plan: row.plan, until: subscription.expiresAt.toISOString().slice(0, 10) },
      buttons: [[['subscriptions-open', 'plans']]],
    })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
  }
}
