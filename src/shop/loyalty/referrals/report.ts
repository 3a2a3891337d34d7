import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { loyaltySql } from '../tables.ts'
import { literal } from '#shared/db/build.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'

export interface ReferralReport {
  invited: number
  inviters: number
  /** Invited people with a payment that was not refunded. */
  paying: number
  /** Rewards by state and asset, minor units. */
  rewards: { state: 'held' | 'paid' | 'cancelled' | 'taken_back'; asset: Asset; amount: bigint }[]
  best: { personId: bigint; name: string; invited: number; paying: number }[]
}

/** What invitations brought to the whole shop, over all bots. */
export async function referralReport(sql: Sql, places: number, served?: Served): Promise<ReferralReport> {
  const here = among(q`bot`, served)
  const invitedHere =
    served === undefined
      ? q<boolean>`true`
      : q<boolean>`exists (select from referrals i where i.person_id = invited_id and ${among(q`i.bot`, served)})`
  const paying = loyaltySql
    .selectFrom('referral_rewards')
    .select(q<number>`count(distinct invited_id)::int`.as('count'))
    .where('level', '=', 1)
    .where('state', 'in', [literal('held'), literal('paid')])
    .where(invitedHere)
  const [counts] = await sql.rows(
    loyaltySql
      .selectFrom('referrals')
      .select([
        q<number>`count(*)::int`.as('invited'),
        q<number>`count(distinct inviter_id)::int`.as('inviters'),
        paying.$asScalar().$notNull().as('paying'),
      ])
      .where(here),
  )
  const rewards = await sql.rows(
    loyaltySql
      .selectFrom('referral_rewards')
      .select(['state', 'asset', q<bigint>`sum(amount)::bigint`.as('amount')])
      .where(invitedHere)
      .groupBy(['state', 'asset'])
      .orderBy('state')
      .orderBy('asset'),
  )
  const largest = loyaltySql
    .selectFrom('referrals')
    .select(['inviter_id', q<number>`count(*)::int`.as('invited')])
    .where(here)
    .groupBy('inviter_id')
    .orderBy(q`count(*)`, 'desc')
    .orderBy('inviter_id')
    .limit(places)
  const theirs = paying.whereRef('referral_rewards.inviter_id', '=', q.ref<bigint>('i.inviter_id'))
  const best = await sql.rows(
    loyaltySql
      .selectFrom(largest.as('i'))
      .innerJoin('persons as p', 'p.id', 'i.inviter_id')
      .select(['i.inviter_id as personId', 'i.invited', theirs.$asScalar().$notNull().as('paying')])
      .select(q<string>`coalesce(nullif(p.first_name, ''), p.username, p.id::text)`.as('name'))
      .orderBy('i.invited', 'desc')
      .orderBy('i.inviter_id'),
  )
  return { ...counts!, rewards, best }
}
