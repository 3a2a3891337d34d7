import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { loyaltySql } from '../tables.ts'
import { criteria } from './criteria.ts'
import type { Criteria } from './criteria.ts'
import { spent } from './spendings.ts'

/*
 * Statements of this file are by hand: they walk from row to row, so that no question reads all that a person ever
 * did; activities are a table of another room.
 */

export interface Badge {
  code: string
  sign: string
  name: Record<Language, string>
  description: Record<Language, string>
  criteria: Criteria
  createdAt: Date
}

/** byHand = an admin gave it. */
export type HeldBadge = Badge & { givenAt: Date | null; byHand: boolean }

/** Every badge there is, with the moment the person got it. A badge that is no longer given stays with its holders. */
export function badgesOf(sql: Sql, personId: bigint): Promise<HeldBadge[]> {
  return sql.rows(
    loyaltySql
      .selectFrom('badges as b')
      .leftJoin('badge_awards as a', (on) =>
        on.onRef('a.badge', '=', 'b.code').on('a.person_id', '=', personId),
      )
      .select(['b.code', 'b.sign', 'b.name', 'b.description', 'b.criteria', 'b.created_at as createdAt'])
      .select(['a.given_at as givenAt', q<boolean>`a.given_by is not null`.as('byHand')])
      .where((is) => is.or([is('b.active', '=', true), is('a.given_at', 'is not', null)]))
      .orderBy('a.given_at', (by) => by.asc().nullsLast())
      .orderBy('b.created_at')
      .orderBy('b.code'),
  )
}

/** Gives a badge once. @returns whether it is new */
export async function giveBadge(
  tx: Sql,
  award: { badge: string; personId: bigint; bot: string | null; by?: bigint },
): Promise<boolean> {
  const rows = await tx.rows(
    loyaltySql
      .insertInto('badge_awards')
      .values({
        badge: award.badge,
        person_id: award.personId,
        bot: award.bot,
        given_by: award.by ?? null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('badge'),
  )
  return rows.length > 0
}

/** Takes back what an admin gave; an earned badge stays. @returns whether there was one to take */
export async function takeBadge(tx: Sql, award: { badge: string; personId: bigint }): Promise<boolean> {
  const rows = await tx.rows(
    loyaltySql
      .deleteFrom('badge_awards')
      .where('badge', '=', award.badge)
      .where('person_id', '=', award.personId)
      .where('given_by', 'is not', null)
      .returning('badge'),
  )
  return rows.length > 0
}

/**
 * Gives the badges that the person has earned and does not have yet.
 * @returns the new ones
 */
export async function giveEarnedBadges(
  tx: Sql,
  goods: Assortment,
  personId: bigint,
  bot: string | null,
): Promise<Badge[]> {
  const open = (await badgesOf(tx, personId)).filter(
    (badge) => badge.givenAt === null && badge.criteria.kind !== 'manual',
  )
  const given: Badge[] = []
  for (const badge of open) {
    const parsed = criteria.safeParse(badge.criteria)
    if (!parsed.success || !(await met(tx, goods, personId, parsed.data, badge.createdAt))) continue
    if (await giveBadge(tx, { badge: badge.code, personId, bot })) given.push(badge)
  }
  return given
}

/** This is asked after each posting of a person, so no answer may read everything that the person ever did. */
async function met(
  tx: Sql,
  goods: Assortment,
  personId: bigint,
  wanted: Criteria,
  since: Date,
): Promise<boolean> {
  const yes = async (query: ReturnType<typeof q<{ met: boolean }>>) => (await tx.rows(query))[0]?.met === true
  switch (wanted.kind) {
    case 'spent': {
      const kinds = [...entryKindsOf(goods), 'tokens', 'entry']
      return (await spent(tx, personId, kinds, wanted.asset)) >= BigInt(wanted.amount)
    }
    case 'invited':
      // The statement jumps from one invited person to the next, however many rewards each of them brought.
      return yes(q`
        with recursive reward as not materialized (
          select invited_id from referral_rewards
          where inviter_id = ${personId} and level = 1 and state in ('held', 'paid')
        ), invited as (
          (select invited_id, 1 as count from reward order by invited_id limit 1)
          union all
          select next.invited_id, count + 1 from invited cross join lateral (
            select invited_id from reward where invited_id > invited.invited_id order by invited_id limit 1
          ) next where count < ${wanted.count}
        )
        select count(*) >= ${wanted.count} as met from invited`)
    case 'activities':
      return yes(q`
        select count(*) >= ${wanted.count} as met from (
          select from activities where person_id = ${personId} and kind = ${wanted.activity} limit ${wanted.count}
        ) counted`)
    case 'streak':
      return (await runsOn(tx, personId, wanted.days)) || (await ranBefore(tx, personId, wanted.days, since))
    case 'manual':
      return false
  }
}

/**
 * Walks back from the last day with XP to the first day without. A day is looked for by a value and not by `exists`, which
 * became a join with all that the person ever got once PostgreSQL planned without values: 121 ms with 50,000 lines.
 */
async function runsOn(tx: Sql, personId: bigint, days: number): Promise<boolean> {
  const [row] = await tx.rows(q<{ met: boolean }>`
    with recursive run as (
      select (max(at) at time zone 'UTC')::date as day, 1 as length from xp_events where person_id = ${personId}
      union all
      select day - 1, length + 1 from run
      where length < ${days} and (
        select true from xp_events where person_id = ${personId}
          and at >= (day - 1)::timestamp at time zone 'UTC' and at < day::timestamp at time zone 'UTC' limit 1)
    )
    select count(day) >= ${days} as met from run`)
  return row!.met
}

/**
 * Whether the person ever had such a run of days. This is asked once: on the first day on which the person gets XP
 * after the badge was made. The statement jumps from one day with XP to the next, however many lines each day has.
 * Days in a row are days whose distance from their own rank is the same.
 */
async function ranBefore(tx: Sql, personId: bigint, days: number, since: Date): Promise<boolean> {
  const firstOn = (condition: RawBuilder<unknown>) => q`
    select (at at time zone 'UTC')::date as day from xp_events where person_id = ${personId} and ${condition} order by at limit 1`
  const [row] = await tx.rows(q<{ met: boolean }>`
    with recursive active as (
      (${firstOn(q`true`)})
      union all
      select next.day from active
        cross join lateral (${firstOn(q`at >= (active.day + 1)::timestamp at time zone 'UTC'`)}) next
    )
    select case when exists (
      select from xp_events where person_id = ${personId} and at > ${since} and at < (
        select date_trunc('day', max(at), 'UTC') from xp_events where person_id = ${personId})
    ) then false else (
      select coalesce(max(length), 0) >= ${days} from (
        select count(*) as length from (
          select day, day - (row_number() over (order by day))::int as island from active
        ) ranked group by island
      ) islands
    ) end as met`)
  return row!.met
}
