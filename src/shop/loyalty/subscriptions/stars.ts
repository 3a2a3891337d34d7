import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import { literal, NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { owe } from '#shared/queue/outbox.ts'
import { endStarsCharges } from '../jobs.ts'
import type { Movement } from '../levels/rules.ts'
import { post } from '#shared/money/ledger.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import { buyPeriod } from './subscriptions.ts'
import { tellSubscriber } from './tell.ts'

/** Telegram renews every 30 days and knows no other period. */
export const MONTH_DAYS = 30

/** The reference of the period that a payment in Stars pays for, which its posting has as well. */
const periodOf = (paymentId: string) => `stars-${paymentId}`
export const planPosting = (paymentId: string) => `subscription-${periodOf(paymentId)}`

/**
 * A payment in Stars for a plan, the first one or Telegram's own renewal, arrives as tokens. These tokens pay for
 * the period of a month, whatever the plan costs by now and however long it is sold for. If they are spent already, the person keeps what they bought with them
 * and gets no period. A payment of another sum than the one subscribed to pays for no plan and stays on the balance.
 * @returns whether it bought a period now, and told the person
 */
export async function payPlanWithStars(
  tx: Sql,
  paid: Pick<Movement, 'personId' | 'bot' | 'amount' | 'details'>,
): Promise<boolean> {
  const payment = paid.details['payment']
  if (typeof payment !== 'string' || paid.details['provider'] !== 'stars') return false
  const given = loyaltySql.selectFrom('subscription_periods').where('reference', '=', periodOf(payment))
  const [row] = await tx.rows(
    loyaltySql
      .selectFrom('payments as p')
      .leftJoin('payments as o', (on) => on.on('o.id', '=', q<string>`p.details ->> 'repeats'`))
      .select((are) => [
        q<string | null>`coalesce(p.details ->> 'plan',
          case when o.amount = p.amount then o.details ->> 'plan' end)`.as('plan'),
        q<boolean>`o.id is null`.as('first'),
        are.fn.coalesce('o.provider_ref', 'p.provider_ref').as('charge'),
        are.exists(given).as('given'),
      ])
      .where('p.id', '=', payment),
  )
  if (!row?.plan || row.given) return false
  if ((await lockedAvailable(tx, paid.personId, 'TOK')) < paid.amount) return false
  const subscription = await buyPeriod(tx, {
    payer: paid.personId,
    personId: paid.personId,
    plan: row.plan,
    bot: paid.bot ?? '',
    renews: true,
    reference: periodOf(payment),
    chargeId: row.charge ?? undefined,
    paid: paid.amount,
    days: MONTH_DAYS,
  })
  if (!subscription) return false
  await tellSubscriber(
    tx,
    subscription,
    row.first ? 'subscription-started-notice' : 'subscription-renewed-notice',
  )
  return true
}

/** Whether this payment in Stars paid for a period of a plan. */
export async function hasPaidPeriod(sql: Sql, paymentId: string): Promise<boolean> {
  const rows = await sql.rows(
    loyaltySql
      .selectFrom('subscription_periods')
      .select('period')
      .where('reference', '=', periodOf(paymentId)),
  )
  return rows.length > 0
}

/** Whether Telegram charges the person for this plan already: a second subscription would charge them twice a month. */
export async function renewsAtTelegram(sql: Sql, personId: bigint, plan: string): Promise<boolean> {
  const rows = await sql.rows(
    loyaltySql
      .selectFrom('subscriptions')
      .select('id')
      .where('person_id', '=', personId)
      .where('plan', '=', plan)
      .where('state', '<>', literal('ended'))
      .where('paid_with', '=', 'stars')
      .where('renews', '=', true)
      .where('expires_at', '>', NOW),
  )
  return rows.length > 0
}

/**
 * The subscriber stopped or resumed the renewal at Telegram, or Telegram could not charge it (update
 * `subscription`).
 * @param change.payload the payload of the invoice that was subscribed to: our payment's id
 */
export async function followTelegram(
  tx: Sql,
  change: { bot: string; personId: bigint; payload: string; state: 'canceled' | 'active' | 'failed' },
): Promise<void> {
  const [subscription] = await tx.rows(
    loyaltySql
      .updateTable('subscriptions as s')
      .from('payments as p')
      .set({ renews: change.state !== 'canceled', updated_at: NOW })
      .where('p.id', '=', change.payload)
      .where('p.person_id', '=', change.personId)
      .where('p.bot', '=', change.bot)
      .whereRef('s.person_id', '=', 'p.person_id')
      .where('s.plan', '=', q<string>`p.details ->> 'plan'`)
      .where('s.paid_with', '=', 'stars')
      .where('s.state', '<>', q.lit('ended'))
      // A subscription that the person has given up for another has another charge.
      .whereRef('s.charge_id', '=', 'p.provider_ref')
      .returning([
        's.id',
        's.person_id as personId',
        's.plan',
        's.bot',
        's.paid_with as paidWith',
        's.state',
        's.renews',
        's.period',
        's.expires_at as expiresAt',
        's.charge_id as chargeId',
      ]),
  )
  if (subscription && change.state === 'failed')
    await tellSubscriber(tx, subscription, 'subscription-stars-failed-notice')
}

/**
 * Nothing is charged any more for plans that Telegram renews: of a person who is banned, or of a bot that is removed. The
 * periods that are paid for go on to their ends.
 */
export async function endChargesOfTelegram(
  tx: Sql,
  of: { personId: bigint } | { bot: string },
): Promise<void> {
  const [column, value] = 'bot' in of ? (['bot', of.bot] as const) : (['person_id', of.personId] as const)
  const ended = await tx.rows(
    loyaltySql
      .updateTable('subscriptions')
      .set({ renews: false, updated_at: NOW })
      .where(column, '=', value)
      .where('paid_with', '=', 'stars')
      .where('state', '<>', literal('ended'))
      .where('renews', '=', true)
      .returning(['id', 'period', 'bot']),
  )
  for (const { id, period, bot } of ended)
    await owe(tx, endStarsCharges, { subscriptionId: id, period, bot }, { again: true })
}

/**
 * The Stars of a period were refunded: the period ends, and nothing renews it. The tokens that paid for the period
 * cover what the refund could not take from the person; tokens beyond that are the person's again.
 * @param refund.shortfall tokens that the refund booked as spent
 */
export async function takePlanBack(
  tx: Sql,
  refund: { paymentId: string; personId: bigint; bot: string; shortfall: bigint },
): Promise<void> {
  const reference = periodOf(refund.paymentId)
  // By hand: an update that reads another table and answers with a sum of a third.
  const [taken] = await tx.rows(q<{ plan: string; paid: bigint }>`
    update subscriptions s set renews = false, updated_at = now(),
      expires_at = s.expires_at - (d.ends_at - d.starts_at),
      state = case when s.expires_at - (d.ends_at - d.starts_at) <= now() then 'ended' else s.state end
    from subscription_periods d
    where d.reference = ${reference} and s.id = d.subscription_id
    returning s.plan, (
      select -sum(e.amount)::bigint from postings p join entries e on e.posting_id = p.id
      where p.reference = ${planPosting(refund.paymentId)} and e.person_id is not null) as paid`)
  if (!taken?.paid) return
  const covers = taken.paid < refund.shortfall ? taken.paid : refund.shortfall
  await post(tx, {
    reference: `${planPosting(refund.paymentId)}-back`,
    kind: 'subscription',
    bot: refund.bot,
    details: { plan: taken.plan, payment: refund.paymentId },
    entries: [
      { owner: { system: 'sales' as const }, asset: 'TOK' as const, amount: -taken.paid },
      { owner: { system: 'shortfall' as const }, asset: 'TOK' as const, amount: covers },
      { owner: { person: refund.personId }, asset: 'TOK' as const, amount: taken.paid - covers },
    ].filter(({ amount }) => amount !== 0n),
  })
}
