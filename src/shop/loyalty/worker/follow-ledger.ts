import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import { loyaltySql } from '../tables.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { resumeWaiting } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { settleProgress } from '../levels/progress.ts'
import { addSpendings } from '../levels/spendings.ts'
import { movements, ruleHistory, xpLines } from '../levels/rules.ts'
import type { Movement } from '../levels/rules.ts'
import { levelBase } from '../levels/settings.ts'
import { giveXp } from '../levels/xp.ts'
import { concernsOf } from './concerns.ts'
import type { Concerns } from './concerns.ts'
import { addTopUpBonus, discountedEntries, giveDiscountBack, takeBonusesBack } from '../promo/bonus.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { inBatches } from '#shared/queue/batches.ts'
import { rewardInviters, takeRewardsBack } from '../referrals/rewards.ts'
import { referralHoldDays } from '../referrals/settings.ts'
import { referralPercents } from '#shared/settings/economy.ts'
import { payPlanWithStars } from '../subscriptions/stars.ts'

const BATCH = 200
const SETTLED_AT_ONCE = 1_000
/**
 * No transaction lives longer than this. A posting that is older has no unfinished posting with a lower number
 * before it.
 */
const SETTLED_MINUTES = 10

type App = Pick<Context, 'db' | 'settings' | 'goods'>

/**
 * Does what follows from money that moved: XP, levels and badges, rewards of inviters, bonuses of promo codes, plans
 * paid with Stars. It follows every posting once, in the order of the ledger; the ledger itself knows nothing of
 * this.
 */
export async function followLedger(app: App): Promise<Verdict> {
  const setting = await app.settings.snapshot()
  const terms = { percents: setting(referralPercents), holdDays: setting(referralHoldDays) }
  const products = discountedEntries(app.goods)
  const { goods } = app
  const base = setting(levelBase)
  const follow = () =>
    app.db.tx(async (tx) => {
      const ids = await claim(tx)
      const moved = await movements(tx, ids)
      const persons = new Map(
        moved.map(({ personId, bot }) => [personId, bot] as const).toSorted(([a], [b]) => Number(a - b)),
      )
      if (persons.size > 0) await addSpendings(tx, ids, [...persons.keys()])
      await giveXp(tx, xpLines(await ruleHistory(tx, app.goods), moved))
      const concerns = await concernsOf(tx, moved)
      for (const movement of moved) await followOne(tx, movement, concerns, { ...terms, products, goods })
      await goOnWithWaiting(tx, goods, moved)
      await followRefunds(tx, ids)
      if (persons.size > 0) await settleProgress(tx, { goods, setting, base }, persons)
      return ids.length === BATCH
    })
  // What is left is followed by the next tick, three seconds later.
  await inBatches(follow)
  await inBatches(() => advance(app.db))
  return done
}

async function followOne(
  tx: Sql,
  movement: Movement,
  { invited, discounted, plans }: Concerns,
  terms: {
    percents: readonly number[]
    holdDays: number
    products: readonly string[]
    goods: Context['goods']
  },
): Promise<void> {
  const { kind, amount, personId, details } = movement
  const isDiscounted = discounted.has(personId)
  if ((kind === 'payment' || kind === 'deposit') && amount > 0n) {
    if (invited.has(personId)) await rewardInviters(tx, movement, terms)
    if (isDiscounted) await addTopUpBonus(tx, movement)
    if (plans.has(String(details['payment']))) await payPlanWithStars(tx, movement)
  }
  if (isDiscounted && amount < 0n && terms.products.includes(kind))
    await giveDiscountBack(tx, movement, terms.goods)
}

/**
 * Money that came by any way lets the person's waiting orders go on. The job of the order finds out whether it is
 * enough. A payment that names its order has let that order go on already, and no other order may take this money
 * first.
 */
async function goOnWithWaiting(tx: Sql, goods: Assortment, moved: readonly Movement[]): Promise<void> {
  const came = moved.filter(({ amount, asset }) => amount > 0n && (asset === 'TOK' || asset === 'RUB'))
  if (came.length === 0) return
  const payments = came.flatMap(({ details }) =>
    typeof details['payment'] === 'string' ? [details['payment']] : [],
  )
  const rows = await tx.rows(
    loyaltySql
      .selectFrom('orders as o')
      .select(['o.id', 'o.person_id as personId'])
      .where('o.state', '=', q.lit('awaiting_payment'))
      .where('o.person_id', '=', anyOf(came.map(({ personId }) => personId)))
      // A payment and the order that it names are looked for in the same statement.
      .where(
        q<boolean>`not exists (select from payments p join orders named on named.id = p.order_id
          where p.id = any(${payments}::text[]) and p.person_id = o.person_id and named.state = 'awaiting_payment')`,
      )
      .orderBy('o.created_at', 'desc'),
  )
  for (const { id, personId } of rows) {
    const last = came.findLast((one) => one.personId === personId)!
    await resumeWaiting(tx, goods, id, `balance-posting-${last.postingId}`)
  }
}

/**
 * Refunds are found by the posting and not by what it moved for the person: a person who has spent everything gives
 * nothing back themselves.
 */
async function followRefunds(tx: Sql, ids: readonly bigint[]): Promise<void> {
  const refunds = await tx.rows(
    loyaltySql
      .selectFrom('postings')
      .select(['details', 'bot'])
      .where('id', '=', anyOf(ids))
      .where('kind', '=', 'refund')
      .orderBy('id'),
  )
  for (const refund of refunds) {
    await takeRewardsBack(tx, refund)
    await takeBonusesBack(tx, refund)
  }
}

/**
 * Claims the next postings that nobody has followed. While one follower is at work, another one gets none, and the tick
 * three seconds later gets what the first one left: in a slow database followers that wait would each hold a connection
 * until the pool has none left. The mark of each posting is looked up by itself: as a join the statement was planned by
 * old figures about two tables that fill and empty all day, and read all of them.
 */
async function claim(tx: Sql): Promise<bigint[]> {
  const rows = await tx.rows(
    loyaltySql
      .with('position', (from) =>
        from.selectFrom('follow_position').select('posting_id').forUpdate().skipLocked(),
      )
      .insertInto('followed_postings')
      .columns(['posting_id'])
      .expression((from) =>
        from
          .selectFrom('postings as p')
          .select('p.id')
          .where('p.id', '>', from.selectFrom('position').select('posting_id'))
          .where(
            (are) =>
              are
                .selectFrom('followed_postings as f')
                .select('f.posting_id')
                .whereRef('f.posting_id', '=', 'p.id'),
            'is',
            null,
          )
          .orderBy('p.id')
          .limit(BATCH),
      )
      .onConflict((on) => on.doNothing())
      .returning('posting_id as id'),
  )
  return rows.map(({ id }) => id)
}

/**
 * Moves the cursor up to the first posting without a mark, and deletes the marks behind it. Each run looks through a
 * part of the marks, from the oldest on.
 * @returns whether there may be more to pass
 */
async function advance(sql: Sql): Promise<boolean> {
  // By hand: the cursor moves and the marks behind it go in one statement.
  const [row] = await sql.rows(q<{ passed: number }>`
      with free as (
        select posting_id from follow_position for update skip locked
      ), settled as (
        update follow_position set posting_id = greatest(follow_position.posting_id, coalesce((
          select max(posting_id) from (
            select posting_id, (select created_at from postings p where p.id = posting_id) as at
            from (select posting_id from followed_postings order by posting_id limit ${SETTLED_AT_ONCE}) marks
          ) oldest where at < now() - ${SETTLED_MINUTES} * interval '1 minute'), 0))
        from free returning follow_position.posting_id
      ), forgotten as (
        delete from followed_postings where posting_id <= (select posting_id from settled) returning 1
      )
      select count(*)::int as passed from forgotten`)
  return row!.passed >= SETTLED_AT_ONCE
}
