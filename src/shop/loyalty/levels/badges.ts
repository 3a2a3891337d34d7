import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { loyaltySql } from '../tables.ts'
import { criteria } from './criteria.ts'
import type { Criteria } from './criteria.ts'
import { thoseWhoSpent } from './spendings.ts'

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

/** Persons, each with the bot where it happened. */
export type Where = ReadonlyMap<bigint, string | null>

/**
 * Gives a badge, to each person once.
 * @param by the admin who gives it
 * @returns the persons who did not have it
 */
export async function giveBadge(tx: Sql, badge: string, persons: Where, by?: bigint): Promise<bigint[]> {
  const rows = await tx.rows(q<{ personId: bigint }>`
    insert into badge_awards (badge, person_id, bot, given_by)
    select ${badge}, person.id, person.bot, ${by ?? null}::bigint
    from unnest(${[...persons.keys()]}::bigint[], ${[...persons.values()]}::text[]) as person(id, bot) order by person.id
    on conflict do nothing returning person_id as "personId"`)
  return rows.map(({ personId }) => personId)
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
 * Gives the badges that these persons have earned and do not have yet. All are asked together: two statements a badge, however
 * many persons a look at the ledger finds.
 * @returns the new ones by person
 */
export async function giveEarnedBadges(
  tx: Sql,
  goods: Assortment,
  persons: Where,
): Promise<Map<bigint, Badge[]>> {
  const given = new Map<bigint, Badge[]>()
  for (const { open, ...badge } of await openBadges(tx, [...persons.keys()])) {
    const parsed = criteria.safeParse(badge.criteria)
    if (!parsed.success || open.length === 0) continue
    const earned = await thoseWho(tx, goods, open.map(BigInt), parsed.data, badge.createdAt)
    if (earned.length === 0) continue
    for (const id of await giveBadge(tx, badge.code, new Map(earned.map((one) => [one, persons.get(one)!]))))
      given.set(id, [...(given.get(id) ?? []), badge])
  }
  return given
}

/** Every badge that is given by a condition, with those of the persons who do not have it. */
function openBadges(tx: Sql, persons: readonly bigint[]): Promise<(Badge & { open: string[] })[]> {
  return tx.rows(
    loyaltySql
      .selectFrom('badges as b')
      .select(['b.code', 'b.sign', 'b.name', 'b.description', 'b.criteria', 'b.created_at as createdAt'])
      .select(
        q<
          string[]
        >`array(select person.id::text from unnest(${[...persons]}::bigint[]) as person(id) where not exists (
          select from badge_awards a where a.badge = b.code and a.person_id = person.id))`.as('open'),
      )
      .where('b.active', '=', true)
      .where(q<string>`b.criteria ->> 'kind'`, '<>', 'manual')
      .orderBy('b.created_at')
      .orderBy('b.code'),
  )
}

/**
 * Finds the persons who meet the condition. This is asked after each posting of a person, so no answer may read
 * everything that the person ever did.
 */
async function thoseWho(
  tx: Sql,
  goods: Assortment,
  persons: readonly bigint[],
  wanted: Criteria,
  since: Date,
): Promise<bigint[]> {
  switch (wanted.kind) {
    case 'spent': {
      const kinds = [...entryKindsOf(goods), 'tokens', 'entry']
      return await thoseWhoSpent(tx, persons, { kinds, asset: wanted.asset, amount: BigInt(wanted.amount) })
    }
    case 'invited':
      // The statement jumps from one invited person to the next, however many rewards each of them brought.
      return await among(
        tx,
        persons,
        q`(with recursive reward as not materialized (
          select invited_id from referral_rewards
          where inviter_id = person.id and level = 1 and state in ('held', 'paid')
        ), invited as (
          (select invited_id, 1 as count from reward order by invited_id limit 1)
          union all
          select next.invited_id, count + 1 from invited cross join lateral (
            select invited_id from reward where invited_id > invited.invited_id order by invited_id limit 1
          ) next where count < ${wanted.count}
        )
        select count(*) >= ${wanted.count} from invited)`,
      )
    case 'activities':
      return await among(
        tx,
        persons,
        q`(select count(*) >= ${wanted.count} from (
          select from activities where person_id = person.id and kind = ${wanted.activity} limit ${wanted.count}
        ) counted)`,
      )
    case 'streak': {
      const running = await among(tx, persons, runsOn(wanted.days))
      const others = persons.filter((id) => !running.includes(id))
      return others.length === 0
        ? running
        : [...running, ...(await among(tx, others, ranBefore(wanted.days, since)))]
    }
    case 'manual':
      return []
  }
}

/** @param met a condition about `person.id` */
async function among(tx: Sql, persons: readonly bigint[], met: RawBuilder<unknown>): Promise<bigint[]> {
  const rows = await tx.rows(q<{ id: bigint }>`
    select person.id from unnest(${[...persons]}::bigint[]) as person(id) where ${met}`)
  return rows.map(({ id }) => id)
}

/**
 * Walks back from the last day with XP to the first day without. A day is looked for by a value and not by `exists`, which
 * became a join with all that the person ever got once PostgreSQL planned without values: 121 ms with 50,000 lines.
 */
function runsOn(days: number): RawBuilder<boolean> {
  return q`(with recursive run as (
      select (max(at) at time zone 'UTC')::date as day, 1 as length from xp_events where person_id = person.id
      union all
      select day - 1, length + 1 from run
      where length < ${days} and (
        select true from xp_events where person_id = person.id
          and at >= (day - 1)::timestamp at time zone 'UTC' and at < day::timestamp at time zone 'UTC' limit 1)
    )
    select count(day) >= ${days} from run)`
}

/**
 * Whether the person ever had such a run of days. This is asked once: on the first day on which the person gets XP
 * after the badge was made. The statement jumps from one day with XP to the next, however many lines each day has.
 * Days in a row are days whose distance from their own rank is the same.
 */
function ranBefore(days: number, since: Date): RawBuilder<boolean> {
  const firstOn = (condition: RawBuilder<unknown>) => q`
    select (at at time zone 'UTC')::date as day from xp_events where person_id = person.id and ${condition} order by at limit 1`
  return q`case when exists (
      select from xp_events where person_id = person.id and at > ${since} and at < (
        select date_trunc('day', max(at), 'UTC') from xp_events where person_id = person.id)
    ) then false else (
      with recursive active as (
        (${firstOn(q`true`)})
        union all
        select next.day from active
          cross join lateral (${firstOn(q`at >= (active.day + 1)::timestamp at time zone 'UTC'`)}) next
      )
      select coalesce(max(length), 0) >= ${days} from (
        select count(*) as length from (
          select day, day - (row_number() over (order by day))::int as island from active
        ) ranked group by island
      ) islands
    ) end`
}
