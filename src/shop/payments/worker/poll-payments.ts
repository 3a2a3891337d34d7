import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { ago, anyOf, NOW } from '#shared/db/build.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { checkPayment, comparePayments } from '../jobs.ts'
import { paymentsSql } from '../tables.ts'
import { paymentProviders } from '../providers/registry.ts'

/** Per tick of 10 s, so that after an outage a provider is asked 20 times a second at most. */
const BATCH = 200
/** Transfers that came a week after the deadline are found; later ones are found by the daily comparison. */
const WATCH_DAYS = 7
const FIRST_SECONDS = 15
const LONGEST_HOURS = 6
/** A payment is left for this long to the deployment that serves its bot, as an owed job is. */
const OTHERS_MINUTES = 15

/** When a payment `p` is looked at again; null = never. */
const NEXT_CHECK = q<Date | null>`case
  when state in ('paid', 'overpaid', 'refunded') and not exists (
    select from payment_refunds r where r.payment_id = p.id and r.state in ('sent', 'started', 'unknown')
  ) then null
  when now() > coalesce(expires_at, created_at) + ${WATCH_DAYS} * interval '1 day' then null
  else now() + least(${LONGEST_HOURS} * interval '1 hour',
                     ${FIRST_SECONDS} * power(1.6, least(checks, 25)) * interval '1 second')
end`

/**
 * Asks for a look at every payment whose time has come: 15 s, 24 s, 38 s ... up to every 6 hours, until a week after
 * its deadline. What fell due while we were down is due now, so an outage heals by itself. A deployment beside this one has
 * a queue and providers of its own: a look there, at a provider that it does not have, would be used up for nothing.
 */
export async function owePolls({
  db,
  config,
  producer,
  bots,
}: Pick<Context, 'db' | 'config' | 'producer' | 'bots'>): Promise<Verdict> {
  const providers = [...paymentProviders(config.payments).keys()]
  const due = await db.rows(
    paymentsSql
      .with('due', (from) =>
        from
          .selectFrom('payments')
          .select('id')
          .where('next_check_at', '<=', NOW)
          .where((are) =>
            are.or([
              are('bot', '=', anyOf([...bots.keys()])),
              are.and([
                are('next_check_at', '<', ago(OTHERS_MINUTES, 'minute')),
                are('provider', '=', anyOf(providers)),
              ]),
              are('next_check_at', '<', ago(WATCH_DAYS, 'day')),
            ]),
          )
          .orderBy('next_check_at')
          .limit(BATCH)
          .forUpdate()
          .skipLocked(),
      )
      .updateTable('payments as p')
      .from('due')
      .set((are) => ({ checks: are('p.checks', '+', 1), next_check_at: NEXT_CHECK }))
      .whereRef('p.id', '=', 'due.id')
      .returning(['p.id', 'p.checks']),
  )
  await Promise.all(
    due.map(({ id, checks }) => producer.add(checkPayment, { paymentId: id, round: `poll${checks}` })),
  )
  return done
}

/** Once a day for each provider: yesterday and today by its own list. */
export async function oweComparisons({
  config,
  producer,
}: Pick<Context, 'config' | 'producer'>): Promise<Verdict> {
  const day = new Date().toISOString().slice(0, 10)
  for (const provider of paymentProviders(config.payments).keys()) {
    await producer.add(comparePayments, { provider, day })
  }
  return done
}
