import { namesOf } from '../names-of-people.ts'
import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import type { Context } from '../context.ts'
import { ago, NOW } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { moneySql } from './tables.ts'
import { UserError } from '../errors.ts'
import { newId } from '../ids.ts'
import { formatAmount } from '../money.ts'
import type { Money } from '../money.ts'
import { oweAdminAlert } from '../notices.ts'
import { decisionsPerDay, decisionSecondAbove, mintedPerDay } from '../settings/decisions.ts'
import { mayChangeForAll } from '../settings/for-all.ts'
import { exchangeRates, readRates, worthInRub } from '../settings/rates.ts'
import type { ExchangeRates } from '../settings/rates.ts'

/** The limits of a bot for decisions about money, read before the transaction. */
export interface DecisionPolicy {
  /** Kopecks; a larger decision needs a second admin. */
  secondAbove: bigint
  /** Kopecks that one admin decides alone within 24 hours. */
  perDay: bigint
  /** Kopecks that one owner's bots may give away within 24 hours. Above it somebody who serves all bots must agree. */
  mintedPerDay: bigint
  servesAll(tx: Sql, admin: bigint): Promise<boolean>
  /** The admins of these bots are told when a decision needs the agreement of somebody who serves all bots. */
  allBots: readonly { name: string }[]
  rates: ExchangeRates
}

/** What a policy is read from. */
export type PolicyApp = Pick<Context, 'settings' | 'config' | 'bots'>

export async function readPolicy(app: PolicyApp, bot: string): Promise<DecisionPolicy> {
  const { settings } = app
  return {
    mintedPerDay: await settings.get(mintedPerDay),
    servesAll: (tx, admin) => mayChangeForAll(tx, app, admin, 'admin'),
    allBots: [...app.bots.values()],
    secondAbove: await settings.get(decisionSecondAbove, bot),
    perDay: await settings.get(decisionsPerDay, bot),
    rates: readRates(await settings.get(exchangeRates)),
  }
}

/** Money that appears or leaves because an admin says so. */
export interface MoneyDecision {
  kind: 'adjustment' | 'request' | 'promo' | 'refund' | 'payback' | 'order' | 'credit' | 'suspense'
  /** The reference of the decision: a yes of another admin to the same reference is the second one. */
  reference: string
  bot: string
  by: bigint
  /** The person who gets or loses the money; absent for a promo code, which belongs to nobody yet. */
  personId?: bigint
  money: Money
  /**
   * The part of a refund that the person has spent already: with one wallet for all bots it may have bought another
   * owner's goods.
   */
  lost?: Money
  /** The second admin, where another procedure has asked for a second yes already. */
  agreed?: bigint
  /** Whether one admin is not enough; absent = the policy's limit decides. */
  large?: boolean
  /** The command that shows the decision. If set, the bot's admins are told that a second yes is needed. */
  find?: string
}

/** Chains of inviters are followed up to this length, as when a person is invited. */
const CHAIN = 20
/** A first yes waits this long for the second; afterwards the next yes is a first one. */
const YES_HOURS = 24

/** @throws UserError `admin.own-money`, `admin.invited`: nobody decides about himself or about whom he invited */
export async function checkDecider(tx: Sql, by: bigint, personId: bigint): Promise<void> {
  if (by === personId) throw new UserError('admin.own-money')
  // By hand: invitations are followed upwards, and their table is a room's.
  const invited = await tx.rows(q`
    with recursive up as (
      select inviter_id, 1 as level from referrals where person_id = ${personId}
      union all
      select r.inviter_id, up.level + 1 from up join referrals r on r.person_id = up.inviter_id
      where up.level < ${CHAIN}
    )
    select 1 from up where inviter_id = ${by} limit 1`)
  if (invited.length > 0) throw new UserError('admin.invited')
}

/**
 * The one policy over every way in which a person's decision makes money or gives it away: what is above a limit, or above
 * what one admin may decide alone within 24 hours, needs another admin's yes. Call it in the transaction that carries the
 * decision out, before anything is posted, and carry nothing out on `second-needed`: then this yes is kept, and the same
 * decision by another admin is the second one.
 * @throws UserError `admin.own-money`, `admin.invited`
 */
export async function decideMoney(
  tx: Sql,
  policy: DecisionPolicy,
  decision: MoneyDecision,
): Promise<'done' | 'second-needed'> {
  const { kind, reference, bot, by, personId, money, agreed } = decision
  if (personId !== undefined) {
    await checkDecider(tx, by, personId)
    if (agreed !== undefined) await checkDecider(tx, agreed, personId)
  }
  const worth = worthInRub(policy.rates, money)
  const { lost } = decision
  const minted = mints(decision) ? worth : lost && lost.amount > 0n ? worthInRub(policy.rates, lost) : 0n
  // Two decisions about one reference wait for each other here: the later one sees the yes of the earlier one.
  const { asset, amount } = money
  const fresh = await tx.rows(
    moneySql
      .insertInto('money_decisions')
      .values({
        reference,
        kind,
        bot,
        admin_id: by,
        person_id: personId ?? null,
        asset,
        amount,
        worth,
        minted,
      })
      .onConflict((there) => there.column('reference').doNothing())
      .returning('reference'),
  )
  const [kept] = await tx.rows(
    moneySql
      .selectFrom('money_decisions')
      .select((are) => [
        'admin_id as first',
        are('decided_at', 'is not', null).as('done'),
        are('minted', '<', minted).as('less'),
        are.or([are('asset', '<>', money.asset), are('amount', '<>', money.amount)]).as('other'),
        are('created_at', '<', ago(YES_HOURS, 'hour')).as('late'),
      ])
      .where('reference', '=', reference)
      .forUpdate(),
  )
  const { done, late, other, less } = kept!
  // A refund that was refused is asked for again, and its person may have spent more by then: that is another decision.
  const costsMore = done && less && lost !== undefined
  // An earlier yes counts only for the same sum and only for a limited time.
  if (done && !other && !costsMore) return 'done'
  const isNew = late || other || costsMore
  const first = isNew ? by : kept!.first
  const second = [agreed, by].find((one) => one !== undefined && one !== first)
  const large = decision.large ?? worth > policy.secondAbove
  const alone = second === undefined && (large || (await decidedAlone(tx, first)) + worth > policy.perDay)
  const beyond = minted > 0n && (await isBeyond(tx, policy, { bot, minted, first, second }))
  const waits = alone || beyond
  // The first yes is kept, and those who serve all bots are told, because the second yes of this bot's admin does not
  // suffice.
  if (beyond && second !== undefined)
    throw new UserError('admin.minted', { limit: formatAmount(policy.mintedPerDay, 'RUB') })
  await tx.rows(
    moneySql
      .updateTable('money_decisions')
      .set((are) => ({
        admin_id: first,
        second_id: second ?? null,
        asset,
        amount,
        worth,
        minted,
        created_at: isNew ? NOW : are.ref('created_at'),
        decided_at: waits ? null : NOW,
      }))
      .where('reference', '=', reference),
  )
  if (waits && (fresh.length > 0 || isNew)) await callFor(tx, policy, decision, beyond)
  return waits ? 'second-needed' : 'done'
}

/**
 * Decisions that create money for which no payment came. Suspended money and refunds from the balance are not among
 * them, because that money was paid in.
 */
const MINTING: readonly MoneyDecision['kind'][] = ['adjustment', 'request', 'promo', 'credit', 'order']

/** A refund of a failed order returns the buyer's own money, so such a decision is never large. */
const mints = ({ kind, money, large }: MoneyDecision): boolean =>
  MINTING.includes(kind) && money.amount > 0n && !(kind === 'order' && large === false)

/**
 * Lets nobody else give away for this owner's bots until the transaction ends, so that several at once do not all fit
 * under the limit. It is taken before wallets: an entry of a key and a decision would else wait for each other.
 */
export async function lockMinted(tx: Sql, bot: string): Promise<void> {
  // By hand: functions of the database.
  await tx.rows(q`select pg_advisory_xact_lock(hashtextextended('minted ' || coalesce(
    (select home from bots where name = ${bot}), ${bot}), 0))`)
}

async function isBeyond(
  tx: Sql,
  policy: DecisionPolicy,
  wanted: { bot: string; minted: bigint; first: bigint; second: bigint | undefined },
): Promise<boolean> {
  const { bot, minted, first, second } = wanted
  await lockMinted(tx, bot)
  // A separate statement, so that its snapshot includes what others committed while this transaction waited for the
  // lock.
  const [day] = await tx.rows(moneySql.selectNoFrom(q<bigint>`minted_by_owner(${bot})`.as('sum')))
  if (day!.sum + minted <= policy.mintedPerDay) return false
  if (second === undefined) return true
  return !((await policy.servesAll(tx, second)) || (await policy.servesAll(tx, first)))
}

async function callFor(
  tx: Sql,
  policy: DecisionPolicy,
  { kind, bot, by, money, find }: MoneyDecision,
  beyond: boolean,
): Promise<void> {
  const nameOf = await namesOf(tx, [by])
  const params = { kind, sum: money, by: nameOf(by), find: find ?? '/admin' }
  const key = `decision-${newId()}`
  if (beyond) {
    const limit = { amount: policy.mintedPerDay, asset: 'RUB' as const }
    await oweAdminAlert(tx, policy.allBots, {
      key,
      text: 'alert-decision-minted',
      params: { ...params, bot, limit },
    })
  } else if (find !== undefined) {
    await oweAdminAlert(tx, [{ name: bot }], { key, text: 'alert-decision', params })
  }
}

/** The lock makes decisions of one admin wait for each other, so that two at once cannot both fit under the limit. */
async function decidedAlone(tx: Sql, admin: bigint): Promise<bigint> {
  await lockWord(tx, `decisions ${admin}`)
  const [day] = await tx.rows(
    moneySql
      .selectFrom('money_decisions')
      .select(q<bigint>`least(coalesce(sum(worth), 0), 1000000000000000000)::bigint`.as('sum'))
      .where('admin_id', '=', admin)
      .where('second_id', 'is', null)
      .where('decided_at', '>', ago(24, 'hour')),
  )
  return day!.sum
}
