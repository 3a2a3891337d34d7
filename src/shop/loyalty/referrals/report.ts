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
  // By hand: the largest groups, each with a count of another table.
  const best = await sql.rows(q<ReferralReport['best'][number]>`
    select i.inviter_id as "personId", coalesce(nullif(p.first_name, ''), p.username, p.id::text) as name, i.invited, (
      select count(distinct r.invited_id) from referral_rewards r
      where r.inviter_id = i.inviter_id and r.level = 1 and r.state in ('held', 'paid') and ${invitedHere})::int as paying
    from (select inviter_id, count(*)::int as invited from referrals where ${here} group by inviter_id
          order by count(*) desc, inviter_id limit ${places}) i
    join persons p on p.id = i.inviter_id order by i.invited desc, i.inviter_id`)
  return { ...counts!, rewards, best }
}
