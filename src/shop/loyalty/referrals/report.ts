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

/**
 * What invitations brought to the whole shop, over all bots. The inviters are grouped once, for the sums and for the best:
 * for `count(distinct inviter_id)` among some bots PostgreSQL fetches each row apart through the index of inviters.
 */
export async function referralReport(sql: Sql, places: number, served?: Served): Promise<ReferralReport> {
  const here = among(q`bot`, served)
  const found = await sql.rows(
    loyaltySql
      .with('paying', (having) =>
        having
          .selectFrom('referral_rewards')
          .select('invited_id')
          .distinct()
          .where('level', '=', 1)
          .where('state', 'in', [literal('held'), literal('paid')]),
      )
      .with(
        (cte) => cte('inviters').materialized(),
        (having) =>
          having
            .selectFrom('referrals')
            .leftJoin('paying', 'invited_id', 'person_id')
            .select(['inviter_id', q<number>`count(*)::int`.as('invited')])
            .select(q<number>`count(invited_id)::int`.as('paying'))
            .where(here)
            .groupBy('inviter_id'),
      )
      .selectFrom((are) =>
        are
          .selectFrom('inviters')
          .selectAll()
          .orderBy('invited', 'desc')
          .orderBy('inviter_id')
          .limit(places)
          .as('i'),
      )
      .innerJoin('persons as p', 'p.id', 'i.inviter_id')
      .select(['i.inviter_id as personId', 'i.invited', 'i.paying'])
      .select(q<string>`coalesce(nullif(p.first_name, ''), p.username, p.id::text)`.as('name'))
      .select((are) => [
        are
          .selectFrom('inviters')
          .select(q<number>`sum(invited)::int`.as('n'))
          .$asScalar()
          .$notNull()
          .as('allInvited'),
        are
          .selectFrom('inviters')
          .select(q<number>`count(*)::int`.as('n'))
          .$asScalar()
          .$notNull()
          .as('inviters'),
        are
          .selectFrom('inviters')
          .select(q<number>`sum(paying)::int`.as('n'))
          .$asScalar()
          .$notNull()
          .as('allPaying'),
      ])
      .orderBy('i.invited', 'desc')
      .orderBy('i.inviter_id'),
  )
  const invitedHere =
    served === undefined
      ? q<boolean>`true`
      : q<boolean>`invited_id in (select person_id from referrals where ${here})`
  const rewards = await sql.rows(
    loyaltySql
      .selectFrom('referral_rewards')
      .select(['state', 'asset', q<bigint>`sum(amount)::bigint`.as('amount')])
      .where(invitedHere)
      .groupBy(['state', 'asset'])
      .orderBy('state')
      .orderBy('asset'),
  )
  const { allInvited = 0, inviters = 0, allPaying = 0 } = found[0] ?? {}
  const best = found.map(({ personId, name, invited, paying }) => ({ personId, name, invited, paying }))
  return { invited: allInvited, inviters, paying: allPaying, rewards, best }
}
