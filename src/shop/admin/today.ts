import { sql as q } from 'kysely'
import type { Reads } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { keptUntil } from './hours.ts'
import { movedRows } from './moved.ts'
import { MOVES, adminSql } from './tables.ts'
import type { MoneyMove } from './tables.ts'

/** What came in, went back and was delivered: today, and a week ago up to the same minute. Minor units. */
export interface Moved {
  what: MoneyMove
  asset: Asset
  now: bigint
  before: bigint
}

/** The days are days of Moscow, as everywhere in the statistics. */
const MIDNIGHT = q`(date_trunc('day', now() at time zone 'Europe/Moscow') at time zone 'Europe/Moscow')`
const WEEK = q`interval '7 days'`

/**
 * Half a Saturday is compared with half a Saturday, because an unfinished day against a whole one always looks like
 * a fall. Hours that a large shop has counted are added up; the minutes since then are read.
 */
export async function movedToday(sql: Reads, served: Served): Promise<Moved[]> {
  // By hand: sums of the same rows over two days, from two kinds of sources.
  const [kept] = await sql.rows(
    adminSql.selectNoFrom([
      keptUntil(MIDNIGHT, q`now()`).as('now'),
      keptUntil(q`${MIDNIGHT} - ${WEEK}`, q`now() - ${WEEK}`).as('before'),
    ]),
  )
  const [now, before] = [q`${kept!.now}::timestamptz`, q`${kept!.before}::timestamptz`]
  const parts = MOVES.flatMap((what) => [
    q`select ${what}::text as what, part, value, true as "isNow" from (${movedRows(what, { from: now, to: null, bot: served })}) live`,
    q`select ${what}::text, part, value, false from (${movedRows(what, { from: before, to: q`now() - ${WEEK}`, bot: served })}) live`,
  ])
  return await sql.rows(q<Moved>`
    select what, part as asset, coalesce(sum(value) filter (where "isNow"), 0)::bigint as now,
           coalesce(sum(value) filter (where not "isNow"), 0)::bigint as before
    from (
      ${q.join(parts, q` union all `)}
      union all
      select what, part, value, hour >= ${MIDNIGHT} from hourly_totals
      where what = any(${[...MOVES]}::text[]) and ${among(q`bot`, served)}
        and (hour >= ${MIDNIGHT} and hour < ${now} or hour >= ${MIDNIGHT} - ${WEEK} and hour < ${before})
    ) moved group by 1, 2 order by 1, 2`)
}
