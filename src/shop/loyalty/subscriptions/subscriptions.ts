import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import { PLAN } from '../good.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { loyaltySql } from '../tables.ts'
import { buyLackingTokens } from '#shared/money/exchange.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readPlan, termsOf } from './plans.ts'
import { stopAwaitingPlan } from './waiting.ts'
import { ahead, NOW } from '#shared/db/build.ts'

export interface Subscription {
  id: string
  personId: bigint
  plan: string
  bot: string
  paidWith: 'stars' | 'balance' | 'gift' | 'promo'
  /** grace = its renewal could not be paid yet, and it still holds */
  state: 'active' | 'grace' | 'ended'
  renews: boolean
  period: number
  expiresAt: Date
  chargeId: string | null
}

const columns = [
  'id',
  'person_id as personId',
  'plan',
  'bot',
  'paid_with as paidWith',
  'state',
  'renews',
  'period',
  'expires_at as expiresAt',
  'charge_id as chargeId',
] as const

/**
 * `state <> 'ended'` stands in the text of the statement, because the index of running subscriptions has the same
 * condition.
 */
const ENDED = q.lit('ended' as const)

/** A person's running subscriptions; the one that ends last comes first. */
export function subscriptionsOf(sql: Sql, personId: bigint): Promise<Subscription[]> {
  return sql.rows(
    loyaltySql
      .selectFrom('subscriptions')
      .select(columns)
      .where('person_id', '=', personId)
      .where('state', '<>', ENDED)
      .orderBy('expires_at', 'desc'),
  )
}

export async function readSubscription(
  sql: Sql,
  id: string,
  lock = false,
): Promise<Subscription | undefined> {
  const read = loyaltySql.selectFrom('subscriptions').select(columns).where('id', '=', id)
  const [found] = await sql.rows(lock ? read.forUpdate() : read)
  return found
}

export interface Grant {
  personId: bigint
  plan: string
  bot: string
  paidWith: Subscription['paidWith']
  days: number
  renews: boolean
  /** Names what pays for the period. The same reference grants one period only. */
  reference: string
  chargeId?: string
  givenBy?: bigint
}

/**
 * Starts a subscription or adds a period to the running one. When tokens pay a period of a subscription that
 * Telegram renews, Telegram goes on charging: only the person can stop it there.
 * @returns undefined when this reference has granted its period before
 */
export async function grantPeriod(tx: Sql, grant: Grant): Promise<Subscription | undefined> {
  await lockPlanOf(tx, grant)
  if (await wasGranted(tx, grant.reference)) return undefined
  // By hand: an update from a locked row of the same table, with a case for how it is paid.
  const [extended] = await tx.rows(q<Subscription & { startsAt: Date }>`
    with old as (
      select id, greatest(expires_at, now()) as starts_at from subscriptions
      where person_id = ${grant.personId} and plan = ${grant.plan} and state <> 'ended' for update
    )
    update subscriptions s set period = s.period + 1, state = 'active', updated_at = now(),
      expires_at = old.starts_at + ${grant.days} * interval '1 day',
      paid_with = case
        when not ${grant.renews} then s.paid_with
        when ${grant.paidWith} = 'balance' and s.paid_with = 'stars' and s.renews and s.expires_at > now() then 'stars'
        else ${grant.paidWith} end,
      renews = s.renews or ${grant.renews}, charge_id = coalesce(${grant.chargeId ?? null}, s.charge_id),
      -- Only the bot that was paid can stop what Telegram renews.
      bot = case when ${grant.chargeId ?? null}::text is null then s.bot else ${grant.bot} end
    from old where s.id = old.id
    returning s.id, s.person_id as "personId", s.plan, s.bot, s.paid_with as "paidWith", s.state, s.renews, s.period,
      s.expires_at as "expiresAt", s.charge_id as "chargeId", old.starts_at as "startsAt"`)
  const current = extended ?? (await start(tx, grant))
  await tx.rows(
    loyaltySql.insertInto('subscription_periods').values({
      subscription_id: current.id,
      period: current.period,
      reference: grant.reference,
      starts_at: current.startsAt,
      ends_at: current.expiresAt,
    }),
  )
  return current
}

async function wasGranted(tx: Sql, reference: string): Promise<boolean> {
  const periods = loyaltySql.selectFrom('subscription_periods').select('period')
  return (await tx.rows(periods.where('reference', '=', reference))).length > 0
}

/**
 * Two grants of one plan to one person wait for each other, also when there is no subscription yet whose row could
 * be locked.
 */
async function lockPlanOf(tx: Sql, { personId, plan }: Grant): Promise<void> {
  await lockWord(tx, `plan ${personId} ${plan}`)
}

async function start(tx: Sql, grant: Grant): Promise<Subscription & { startsAt: Date }> {
  const [started] = await tx.rows(
    loyaltySql
      .insertInto('subscriptions')
      .values({
        id: newId(),
        person_id: grant.personId,
        plan: grant.plan,
        bot: grant.bot,
        paid_with: grant.paidWith,
        renews: grant.renews,
        expires_at: ahead(grant.days, 'day'),
        charge_id: grant.chargeId ?? null,
        given_by: grant.givenBy ?? null,
      })
      .returning([...columns, 'created_at as startsAt']),
  )
  return started!
}

/**
 * Pays a period of a plan with tokens, for the payer or as a gift. Runs inside a transaction.
 * @param purchase.reference comes from the button: pressing twice buys once, also when the plan has changed in
 * between
 * @returns undefined when this reference has bought its period before
 * @throws UserError `balance.insufficient`, `subscription.unknown`, `subscription.changed`
 */
export async function buyPeriod(
  tx: Sql,
  purchase: {
    payer: bigint
    personId: bigint
    plan: string
    bot: string
    renews: boolean
    reference: string
    chargeId?: string
    /** Tokens that were paid or agreed before: neither today's price nor a plan's retirement changes that sum. */
    paid?: bigint | undefined
    /** Days that were agreed with that sum. */
    days?: number
    /** The terms that the payer agreed to. Where the terms have changed, the payer is asked again. */
    terms?: string
    /** Kopecks of the balance that may buy the missing tokens, and what one token costs; part of the terms. */
    roubles?: { agreed: bigint; rate: bigint }
  },
): Promise<Subscription | undefined> {
  if (await wasGranted(tx, purchase.reference)) return undefined
  const plan = await readPlan(tx, purchase.plan)
  const price = purchase.paid ?? plan?.priceTokens
  const sold = plan?.active || purchase.paid !== undefined
  if (!plan || !price || !sold) throw new UserError('subscription.unknown')
  const { payer: personId, bot, reference, roubles } = purchase
  if (purchase.terms !== undefined && purchase.terms !== termsOf(plan, roubles?.agreed))
    throw new UserError('subscription.changed')
  if (roubles)
    await buyLackingTokens(tx, { reference: `plan-${reference}`, personId, bot, price, ...roubles })
  const gift = purchase.payer !== purchase.personId
  const money = { asset: 'TOK' as const, amount: price }
  const { repeated } = await post(
    tx,
    transfer({ person: purchase.payer }, { system: 'sales' }, money, {
      reference: `subscription-${purchase.reference}`,
      kind: PLAN.entry,
      description: plan.name.ru,
      bot: purchase.bot,
      details: { plan: plan.code, ...(gift && { to: String(purchase.personId) }) },
    }),
  )
  if (repeated) return undefined
  await stopAwaitingPlan(tx, purchase.payer, plan.code, gift ? purchase.personId : undefined)
  return grantPeriod(tx, {
    personId: purchase.personId,
    plan: plan.code,
    bot: purchase.bot,
    paidWith: gift ? 'gift' : purchase.chargeId ? 'stars' : 'balance',
    days: purchase.days ?? plan.days,
    renews: purchase.renews && !gift,
    reference: purchase.reference,
    chargeId: purchase.chargeId,
    givenBy: gift ? purchase.payer : undefined,
  })
}

/**
 * Ends the renewals: the paid period lasts to its end, and nothing is charged any more.
 * @returns undefined when there is nothing to stop
 */
export async function stopRenewal(tx: Sql, id: string, personId: bigint): Promise<Subscription | undefined> {
  const [stopped] = await tx.rows(
    loyaltySql
      .updateTable('subscriptions')
      .set({ renews: false, updated_at: NOW })
      .where('id', '=', id)
      .where('person_id', '=', personId)
      .where('renews', '=', true)
      .where('state', '<>', ENDED)
      .returning(columns),
  )
  return stopped
}
