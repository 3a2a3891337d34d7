import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { loyaltySql } from '../tables.ts'
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
      ? q`true`
      : q`exists (select from referrals i where i.person_id = invited_id and ${among(q`i.bot`, served)})`
  // By hand: counts of two tables in one statement.
  const [counts] = await sql.rows(q<Pick<ReferralReport, 'invited' | 'inviters' | 'paying'>>`
    select count(*)::int as invited, count(distinct inviter_id)::int as inviters, (
      select count(distinct invited_id) from referral_rewards where level = 1 and state in ('held', 'paid')
        and ${invitedHere})::int as paying
    from referrals where ${here}`)
  const rewards = await sql.rows(
    loyaltySql
      .selectFrom('referral_rewards')
      .select(['state', 'asset', q<bigint>`sum(amount)::bigint`.as('amount')])
      .where(q<boolean>`${invitedHere}`)
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
