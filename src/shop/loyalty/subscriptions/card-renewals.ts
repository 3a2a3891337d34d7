import { sql as q } from 'kysely'
import { ahead, literal, NOW } from '#shared/db/build.ts'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { lockWord } from '#shared/db/lock.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import { loyaltySql } from '../tables.ts'
import { renewPeriod } from './renew-period.ts'
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

/** The period that a card is charged for. */
export type ChargedRenewal = Renewal & {
  /** What it cost then: tokens, and kopecks for one that the balance lacked. Builds before did not write it down. */
  terms?: { price: string; rate: string }
}

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

/** Whether a charge for one of the person's plans is under way. Two that begin at once wait for one another. */
export async function isBeingCharged(tx: Sql, personId: bigint): Promise<boolean> {
  await lockWord(tx, `card charge ${personId}`)
  const underWay = await tx.rows(
    loyaltySql
      .selectFrom('card_renewals as c')
      .innerJoin('subscriptions as s', (on) =>
        on.onRef('s.id', '=', 'c.subscription_id').onRef('s.period', '=', 'c.period'),
      )
      .innerJoin('payments as p', 'p.id', 'c.payment_id')
      .select('p.id')
      .where('s.person_id', '=', personId)
      .where('s.state', '<>', literal('ended'))
      .where('p.state', 'in', ['created', 'pending']),
  )
  return underWay.length > 0
}

/**
 * A card was kept, with money that may be enough: renewals that wait for money look at once. What was told of a card
 * of before does not hold for this one.
 */
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
      .onConflict((other) =>
        other.columns(['subscription_id', 'period']).doUpdateSet({ most: 0n, next_at: NOW }),
      ),
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

/**
 * A card has paid for a renewal. The period is bought in the transaction that credits the money, so that no order that
 * waits for money takes it first, and on the terms on which the card was charged. The caller has locked the
 * subscription before any wallet. If the money is not enough, because its owner has spent some meanwhile, all of it stays
 * on the balance.
 */
export async function renewWithCharge(tx: Sql, renewal: ChargedRenewal): Promise<void> {
  const subscription = renewal.terms && (await wantedRenewal(tx, renewal))
  if (!renewal.terms || !subscription) return
  const { personId } = subscription
  const price = BigInt(renewal.terms.price)
  const rate = BigInt(renewal.terms.rate)
  const lacking = price - (await lockedAvailable(tx, personId, 'TOK'))
  if (lacking * rate > (await lockedAvailable(tx, personId, 'RUB'))) return
  await renewPeriod(tx, subscription, { paid: price, roubles: { agreed: price * rate, rate } })
}

/**
 * What a charge is for; undefined = for nothing any more. The subscription's row is locked, so that stopping the renewal
 * comes before or after.
 */
export async function wantedRenewal(tx: Sql, { id, period }: Renewal): Promise<Subscription | undefined> {
  const subscription = await readSubscription(tx, id, true)
  if (!subscription || subscription.state === 'ended' || !subscription.renews) return undefined
  return subscription.paidWith === 'balance' && subscription.period === period ? subscription : undefined
}
