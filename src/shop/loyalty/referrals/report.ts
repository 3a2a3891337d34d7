import { sql as q } from 'kysely'
import { addUp } from '#shared/db/add-up.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { loyaltySql } from '../tables.ts'
import { anyOf } from '#shared/db/build.ts'
import type { Served } from '#shared/owners.ts'

export interface ReferralReport {
  invited: number
  /** People who invited somebody; one who did so in several of the bots counts in each of them. */
  inviters: number
  /** Invited people with a payment that was not refunded. */
  paying: number
  /** Rewards by state and asset, minor units. */
  rewards: { state: 'held' | 'paid' | 'cancelled' | 'taken_back'; asset: Asset; amount: bigint }[]
  best: { personId: bigint; name: string; invited: number; paying: number }[]
}

/** The best over several bots are looked for among so many of each bot. */
const BEST_OF_EACH = 100

/** What invitations brought to the whole shop, over all bots: triggers keep the sums (migration 0195). */
export async function referralReport(sql: Sql, places: number, served?: Served): Promise<ReferralReport> {
  const bots = served ?? ['']
  const sums = await sql.rows(
    loyaltySql
      .selectFrom((are) =>
        are
          .selectFrom('invitation_sums')
          .select(['bot', 'what', 'asset', 'value'])
          .unionAll(are.selectFrom('invitation_changes').select(['bot', 'what', 'asset', 'value']))
          .as('s'),
      )
      .select(['what', 'asset', q<bigint>`sum(value)::bigint`.as('value')])
      .where('bot', '=', anyOf(bots))
      .groupBy(['what', 'asset'])
      .having(q<bigint>`sum(value)`, '<>', 0n)
      .orderBy('what')
      .orderBy('asset'),
  )
  const best = await sql.rows(
    loyaltySql
      .selectFrom((are) =>
        are
          .selectFrom('invitation_counts')
          .select('inviter_id')
          .select(q<number>`sum(invited)::int`.as('invited'))
          .select(q<number>`sum(paying)::int`.as('paying'))
          .where('bot', '=', anyOf(bots))
          // Each bot's best are at the beginning of its index, so that nobody else is read.
          .where(
            q<boolean>`inviter_id = any(array(
              select best.inviter_id from unnest(${[...bots]}::text[]) b (bot) cross join lateral (
                select c.inviter_id from invitation_counts c where c.bot = b.bot
                order by c.invited desc, c.inviter_id limit ${Math.max(places, BEST_OF_EACH)}) best))`,
          )
          .groupBy('inviter_id')
          .orderBy('invited', 'desc')
          .orderBy('inviter_id')
          .limit(places)
          .as('i'),
      )
      .innerJoin('persons as p', 'p.id', 'i.inviter_id')
      .select(['i.inviter_id as personId', 'i.invited', 'i.paying'])
      .select(q<string>`coalesce(nullif(p.first_name, ''), p.username, p.id::text)`.as('name'))
      .orderBy('i.invited', 'desc')
      .orderBy('i.inviter_id'),
  )
  const counted = (wanted: string) => Number(sums.find(({ what }) => what === wanted)?.value ?? 0n)
  return {
    invited: counted('invited'),
    inviters: counted('inviters'),
    paying: counted('paying'),
    rewards: sums.flatMap(({ what, asset, value }) =>
      what === 'invited' || what === 'inviters' || what === 'paying' || asset === ''
        ? []
        : [{ state: what, asset, amount: value }],
    ),
    best,
  }
}

/** Adds what changed to the sums of the report. */
export const addInvitationsUp = (sql: Sql, atOnce?: number): Promise<void> =>
  addUp(
    sql,
    { changes: 'invitation_changes', sums: 'invitation_sums', keys: ['bot', 'what', 'asset'] },
    atOnce,
  )
