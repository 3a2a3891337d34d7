import { sql as q } from 'kysely'
import { ahead, NOW } from '#shared/db/build.ts'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'
import { readSubscription } from './subscriptions.ts'
import type { Subscription } from './subscriptions.ts'

/** Nothing is charged to a card earlier than this after its owner was told. */
const NOTICE_HOURS = 24

/** What a person was told that their kept card pays for a renewal, and how that goes. */
export interface CardRenewal {
  /** Kopecks. More is never charged without telling the person again. */
  most: bigint
  /** How often the card was charged for this renewal. */
  attempts: number
  /** The charge under way. */
  paymentId: string | null
  /** Whether the next step's time has come, by the database's clock. */
  isDue: boolean
}

type Renewal = Pick<Subscription, 'id' | 'period'>

export async function readCardRenewal(tx: Sql, { id, period }: Renewal): Promise<CardRenewal | undefined> {
  const [found] = await tx.rows(
    loyaltySql
      .selectFrom('card_renewals')
      .select(['most', 'attempts', 'payment_id as paymentId'])
      .select(q<boolean>`coalesce(next_at <= now(), false)`.as('isDue'))
      .where('subscription_id', '=', id)
      .where('period', '=', period)
      .forUpdate(),
  )
  return found
}

/**
 * Writes down what the person is told now. What is charged waits for the end of the period, and for a day.
 * @returns when that is
 */
export async function announceCharge(tx: Sql, { id, period }: Renewal, most: bigint): Promise<Date> {
  const told = {
    most,
    told_at: NOW,
    next_at:
      q`(select greatest(expires_at, ${ahead(NOTICE_HOURS, 'hour')}) from subscriptions where id = ${id})` as RawBuilder<Date>,
  }
  const [row] = await tx.rows(
    loyaltySql
      .insertInto('card_renewals')
      .values({ subscription_id: id, period, ...told })
      .onConflict((other) => other.columns(['subscription_id', 'period']).doUpdateSet(told))
      .returning('next_at as nextAt'),
  )
  return row!.nextAt!
}

/** @param step.seconds until the next step; undefined = there is none */
export async function stepCardRenewal(
  tx: Sql,
  { id, period }: Renewal,
  step: { paymentId: string | null; attempts?: number; seconds?: number },
): Promise<void> {
  await tx.rows(
    loyaltySql
      .updateTable('card_renewals')
      .set({
        payment_id: step.paymentId,
        next_at: step.seconds === undefined ? null : ahead(step.seconds, 'second'),
        ...(step.attempts !== undefined && { attempts: step.attempts }),
      })
      .where('subscription_id', '=', id)
      .where('period', '=', period),
  )
}

/** A card was kept, with money that may be enough: renewals that wait for money look at once. */
export async function retryRenewals(tx: Sql, personId: bigint): Promise<void> {
  await tx.rows(
    loyaltySql
      .insertInto('card_renewals')
      .columns(['subscription_id', 'period', 'most', 'next_at'])
      .expression((from) =>
        from
          .selectFrom('subscriptions')
          .select(['id', 'period'])
          .select([q<bigint>`0::bigint`.as('most'), NOW.as('next_at')])
          .where('person_id', '=', personId)
          .where('state', '=', 'grace')
          .where('renews', '=', true)
          .where('paid_with', '=', 'balance'),
      )
      .onConflict((other) => other.columns(['subscription_id', 'period']).doUpdateSet({ next_at: NOW })),
  )
}

/** The person has no card any more, so what they were told of it does not hold, and they are told anew. */
export async function forgetToldCharges(tx: Sql, personId: bigint): Promise<void> {
  await tx.rows(
    loyaltySql
      .deleteFrom('card_renewals')
      .where('payment_id', 'is', null)
      .where('attempts', '=', 0)
      .where('subscription_id', 'in', (from) =>
        from.selectFrom('subscriptions').select('id').where('person_id', '=', personId),
      ),
  )
}

/** Whether a charge is still for something. The subscription's row is locked, so that stopping the renewal comes before or after. */
export async function isRenewalWanted(tx: Sql, { id, period }: Renewal): Promise<boolean> {
  const subscription = await readSubscription(tx, id, true)
  if (!subscription || subscription.state === 'ended' || !subscription.renews) return false
  return subscription.paidWith === 'balance' && subscription.period === period
}
