import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { NOW } from '#shared/db/build.ts'
import type { Db } from '#shared/db/db.ts'
import { counted, ofBots } from './counted.ts'
import type { Range } from './counted.ts'
import { movedRows } from './moved.ts'
import { MOVES, WHATS, adminSql } from './tables.ts'
import type { What } from './tables.ts'

/*
 * Days that are not over are counted when somebody looks. With a million people that is ten thousand rows for each
 * question, so a large shop keeps totals of the hours of these days, and of the same hours a week ago.
 *
 * Statements of this file are by hand: hours and days of Moscow are expressions that the builder only quotes, and a series
 * of hours is no table. What reads or writes one table is said with the builder.
 */

export const YESTERDAY = q`((now() at time zone 'Europe/Moscow')::date - 1)`
const SINCE = q`(${YESTERDAY}::timestamp at time zone 'Europe/Moscow')`
/** The first page compares today with the same day of the week before. */
const KEPT_SINCE = q`(${SINCE} - interval '6 days')`
/** What came at the end of an hour may be committed a little later. */
const LATE = q`interval '10 minutes'`

/** The hour of a moment. Hours of UTC are those of Moscow; the database's own time zone may have others. */
const hourOf = (moment: RawBuilder<unknown>) => q<Date>`date_trunc('hour', ${moment}, 'UTC')`

/** The first moment from `from` to the hour of `to` that no total of an hour covers, if all before it are covered. */
export const keptUntil = (from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<Date> => q<Date>`
  greatest(${from}, least(${hourOf(to)}, (
    select min(h) from generate_series(${from}, least(${to}, ${from} + interval '9 days'), interval '1 hour') h
    where not exists (select from counted_hours c where c.hour = h))))`

/** That moment since the beginning of a day of Moscow, which is a column. Of days before yesterday only moves are kept. */
export const firstMoment = (day: RawBuilder<unknown>): RawBuilder<Date> => {
  const start = q`(${day}::timestamp at time zone 'Europe/Moscow')`
  return q<Date>`case when ${day} < ${YESTERDAY} then ${start} else ${keptUntil(start, q`now()`)} end`
}

/** Totals of hours, added up by day. */
export const hoursOf = (what: What, { from, to, bot }: Range & { to: RawBuilder<unknown> }) =>
  adminSql
    .selectFrom('hourly_totals')
    .select([q<string>`to_char(hour at time zone 'Europe/Moscow', 'YYYY-MM-DD')`.as('day'), 'bot', 'part'])
    .select(q<bigint>`sum(value)::bigint`.as('value'))
    .where('what', '=', what)
    .where(q<boolean>`hour >= ${from} and hour < ${to} and ${bot === undefined ? q`true` : ofBots(bot)}`)
    .groupBy(['day', 'bot', 'part'])

/** Hours counted per minute at most: the 48 of today and yesterday within a quarter of an hour. */
const HOURS_AT_ONCE = 6
/** Hours of the week before change by a late refund alone, so they come again two hours later. */
const RARELY = q`interval '2 hours'`
/** Below so many newcomers, payments or orders since yesterday all are read each time, and shown as they are. */
const FEW = 2_000

/** Counts the hours that were counted longest ago, each by itself, if the shop is large. */
export async function countHours(db: Db, few = FEW): Promise<void> {
  if (!(await isLarge(db, few))) {
    await db.rows(adminSql.deleteFrom('hourly_totals'))
    await db.rows(adminSql.deleteFrom('counted_hours'))
    return
  }
  const isOld = q<boolean>`hour < ${KEPT_SINCE}`
  await db.rows(adminSql.deleteFrom('counted_hours').where(isOld))
  await db.rows(adminSql.deleteFrom('hourly_totals').where(isOld))
  const over = q`${hourOf(q`now() - ${LATE}`)} - interval '1 hour'`
  const hours = await db.rows(
    adminSql
      .selectFrom(
        q<{ at: Date }>`generate_series(${KEPT_SINCE}, ${over}, interval '1 hour')`.as<'h'>(q`h (at)`),
      )
      .leftJoin('counted_hours as c', 'c.hour', 'h.at')
      .select(['h.at', q<boolean>`h.at >= ${SINCE}`.as('isRecent')])
      .orderBy(
        q`c.counted_at + case when h.at >= ${SINCE} then interval '0' else ${RARELY} end nulls first, h.at desc`,
      )
      .limit(HOURS_AT_ONCE),
  )
  for (const { at, isRecent } of hours) await countHour(db, at, isRecent ? WHATS : [])
}

async function isLarge(db: Db, few: number): Promise<boolean> {
  const lately = (from: RawBuilder<unknown>, moment: RawBuilder<unknown>) => q<bigint>`
    (select count(*) from (select ${from} ${moment} >= ${SINCE} order by ${moment} limit ${few}) lately)`
  const [found] = await db.rows(
    adminSql.selectNoFrom([
      lately(q`from bot_sessions where`, q`created_at`).as('came'),
      lately(q`from orders where`, q`created_at`).as('ordered'),
      lately(q`from payments where state in ('paid', 'overpaid') and`, q`paid_at`).as('paid'),
    ]),
  )
  return Object.values(found!).some((things) => things >= BigInt(few))
}

async function countHour(db: Db, hour: Date, whats: readonly What[]): Promise<void> {
  const from = q`${hour}::timestamptz`
  const range = { from, to: q`${new Date(hour.getTime() + 3_600_000)}::timestamptz` }
  await db.tx(async (tx) => {
    // Two processes that count the same hour wait for each other.
    await tx.rows(
      adminSql
        .insertInto('counted_hours')
        .values({ hour })
        .onConflict((there) => there.column('hour').doUpdateSet({ counted_at: NOW })),
    )
    await tx.rows(adminSql.deleteFrom('hourly_totals').where('hour', '=', hour))
    for (const [what, rows] of [
      ...whats.map((what) => [what, counted(what, range)] as const),
      ...MOVES.map((what) => [what, movedRows(what, range)] as const),
    ])
      await tx.rows(
        adminSql
          .insertInto('hourly_totals')
          .columns(['hour', 'bot', 'what', 'part', 'value'])
          .expression(q`select ${from}, bot, ${what}, part, value from (${rows}) counted`),
      )
  })
}
