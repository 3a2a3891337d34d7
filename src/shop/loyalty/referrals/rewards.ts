import { sql as q } from 'kysely'
import { inBatches } from '#shared/queue/batches.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Movement } from '../levels/rules.ts'
import { loyaltySql } from '../tables.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { lockedAvailable } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { NOW } from '#shared/db/build.ts'

interface Reward {
  id: bigint
  inviterId: bigint
  invitedId: bigint
  bot: string
  asset: Asset
  amount: bigint
}
const columns = [
  'id',
  'inviter_id as inviterId',
  'invited_id as invitedId',
  'bot',
  'asset',
  'amount',
] as const

const settled = (state: 'paid' | 'cancelled' | 'taken_back') =>
  loyaltySql.updateTable('referral_rewards').set({ state, settled_at: NOW })

/** A payment came: each level of inviters gets a reward, which is held until the payment can no longer be refunded. */
export async function rewardInviters(
  tx: Sql,
  paid: Movement,
  terms: { percents: readonly number[]; holdDays: number },
): Promise<void> {
  let guest = paid.personId
  // Also where no reward follows: a sum without this payment would be wrong for the next one.
  const before = await paidBefore(tx, paid)
  // The time of the payment is exact to the millisecond, so an invitation within the same millisecond counts as
  // earlier.
  for (const [index, percent] of terms.percents.entries()) {
    const [inviter] = await tx.rows(
      loyaltySql
        .selectFrom('referrals')
        .select('inviter_id as id')
        .where('person_id', '=', guest)
        .where(q<Date>`date_trunc('milliseconds', created_at)`, '<=', paid.at),
    )
    if (!inviter || inviter.id === paid.personId) return
    // The reward is a share of the sum of all payments, so that small payments add up and rounding never gives more
    // than the per cent.
    const amount = rewardOf(before, paid.amount, percent)
    if (amount > 0n) {
      const payment = typeof paid.details['payment'] === 'string' ? paid.details['payment'] : paid.reference
      await tx.rows(
        loyaltySql
          .insertInto('referral_rewards')
          .values({
            source: `${paid.reference} ${paid.asset}`,
            payment,
            level: index + 1,
            inviter_id: inviter.id,
            invited_id: paid.personId,
            bot: paid.bot ?? '',
            asset: paid.asset as Asset,
            amount,
            due_at: q`${paid.at}::timestamptz + ${terms.holdDays} * interval '1 day'`,
          })
          .onConflict((there) => there.columns(['source', 'level']).doNothing()),
      )
    }
    guest = inviter.id
  }
}

/** How much this payment adds to the inviter's share of all payments, rounded down. */
export function rewardOf(before: bigint, paid: bigint, percent: number): bigint {
  const upTo = (sum: bigint) => (sum * BigInt(percent)) / 100n
  return upTo(before + paid) - upTo(before)
}

/**
 * What the person had paid in this asset before this payment, which is added. All payments are read at the first one, and
 * none afterwards: N payments would cost N². A refund takes nothing off: the reward of its payment goes back whole, and
 * those of the others stay as they were counted.
 */
async function paidBefore(tx: Sql, { personId, asset, amount, postingId }: Movement): Promise<bigint> {
  const [kept] = await tx.rows(
    loyaltySql
      .updateTable('paid_by_guests')
      .set(({ eb }) => ({ amount: eb('amount', '+', amount) }))
      .where('person_id', '=', personId)
      .where('asset', '=', asset)
      .returning('amount'),
  )
  if (kept) return kept.amount - amount
  const [row] = await tx.rows(
    loyaltySql
      .selectFrom('entries as e')
      .innerJoin('postings as p', 'p.id', 'e.posting_id')
      .select(q<bigint>`coalesce(sum(e.amount), 0)::bigint`.as('sum'))
      .where('e.person_id', '=', personId)
      .where(q<string>`e.asset`, '=', asset)
      .where('e.posting_id', '<', postingId)
      .where('e.amount', '>', 0n)
      .where('p.kind', 'in', ['payment', 'deposit']),
  )
  const { sum } = row!
  await tx.rows(
    loyaltySql.insertInto('paid_by_guests').values({ person_id: personId, asset, amount: sum + amount }),
  )
  return sum
}

/** Per cent of a person's payments that inviters get, all levels together. */
export async function sharesCausedBy(
  sql: Sql,
  personId: bigint,
  percents: readonly number[],
): Promise<number> {
  // By hand: in the builder a `with recursive` that reads its own table needs all its types named again.
  const [row] = await sql.rows(q<{ levels: number }>`
    with recursive up as (
      select inviter_id, 1 as level from referrals where person_id = ${personId}
      union all
      select r.inviter_id, up.level + 1 from up join referrals r on r.person_id = up.inviter_id
      where up.level < ${percents.length} and up.inviter_id <> ${personId}
    )
    select count(*) filter (where inviter_id <> ${personId})::int as levels from up`)
  return percents.reduce((sum, one, level) => (level < row!.levels ? sum + one : sum), 0)
}

/**
 * The payment was refunded: a held reward is cancelled, a paid one is taken back as far as its receiver still has
 * the money.
 */
export async function takeRewardsBack(tx: Sql, refund: Pick<Movement, 'details'>): Promise<void> {
  const payment = refund.details['payment']
  if (typeof payment !== 'string') return
  await tx.rows(settled('cancelled').where('payment', '=', payment).where('state', '=', 'held'))
  const paid = await tx.rows(
    settled('taken_back').where('payment', '=', payment).where('state', '=', 'paid').returning(columns),
  )
  for (const { id, inviterId, asset, amount, bot } of paid) {
    const available = await lockedAvailable(tx, inviterId, asset)
    const taken = available < amount ? available : amount
    await post(tx, {
      reference: `referral-${id}-back`,
      kind: 'referral',
      bot,
      details: { payment, shortfall: String(amount - taken) },
      entries: [
        { owner: { person: inviterId }, asset, amount: -taken },
        { owner: { system: 'shortfall' as const }, asset, amount: taken - amount },
        { owner: { system: 'referral' as const }, asset, amount },
      ].filter((entry) => entry.amount !== 0n),
    })
  }
}

const BATCH = 100

/**
 * Whether the money of the reward `w` may be on its way back, or nobody may have paid it: a reward that is paid meanwhile may
 * be spent before it is taken back. What came under the payment after it was refunded has a reward of its own, which is paid.
 */
const IS_IN_DOUBT = q<boolean>`(
  exists (select from payment_refunds r where r.payment_id = w.payment
    and (r.state not in ('refused', 'done') or (r.state = 'done' and r.updated_at >= w.created_at)))
  or exists (select from payments p where p.id = w.payment and p.state = 'review' and p.details ->> 'review' = 'unlisted'))`

/** Pays the rewards whose payments can no longer be refunded, each once. @returns how many */
export async function payDueRewards(db: Db): Promise<number> {
  let count = 0
  await inBatches(async () => {
    const paid = await db.tx(async (tx) => {
      const due = await tx.rows(
        settled('paid')
          .where(
            'id',
            '=',
            q<bigint>`any(array(select id from referral_rewards w
                                where state = 'held' and due_at <= now() and not ${IS_IN_DOUBT}
                                order by inviter_id, id limit ${BATCH} for update skip locked))`,
          )
          .returning(columns),
      )
      for (const reward of due.toSorted((a, b) => Number(a.inviterId - b.inviterId))) await pay(tx, reward)
      return due.length
    })
    count += paid
    return paid === BATCH
  })
  return count
}

async function pay(tx: Sql, { id, inviterId, bot, asset, amount }: Reward): Promise<void> {
  await post(
    tx,
    transfer(
      { system: 'referral' },
      { person: inviterId },
      { asset, amount },
      {
        reference: `referral-${id}`,
        kind: 'referral',
        bot,
        details: { reward: String(id) },
      },
    ),
  )
  const reach = await reachableBot(tx, inviterId, bot)
  if (!reach) return
  await owePersonNotice(tx, {
    key: `referral-${id}`,
    bot: reach.bot,
    personId: inviterId,
    text: 'referral-paid-notice',
    params: { sum: { amount, asset } },
    silent: true,
  })
}
