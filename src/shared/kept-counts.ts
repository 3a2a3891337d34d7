import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { addUp } from './db/add-up.ts'
import type { Sql } from './db/db.ts'

/**
 * What triggers count (migration 0197), each for somebody: `reachable`, the people of a bot who neither blocked it nor
 * have its mailings off, by the language that they chose there; `subscribers`, the people who have a plan.
 */
type Counted = 'reachable' | 'subscribers'

/**
 * By hand, because it is a part of statements: the count as one value, exact in the statement's view of everything. Null
 * until the upkeep worker has begun to keep the counts, which is within a minute of the migration.
 * @param whose of which bot or plan
 * @param only a condition on `kind`
 */
export const keptCount = (
  what: Counted,
  whose: RawBuilder<unknown>,
  only = q`true`,
): RawBuilder<bigint | null> => {
  const of = (table: string) =>
    q`select value from ${q.table(table)} where what = ${q.lit(what)} and whose = ${whose} and ${only}`
  return q`
    case when exists (select from kept_counts where what = 'begun') then (
      select coalesce(sum(value), 0)::bigint
      from (${of('kept_counts')} union all ${of('count_changes')}) counted) end`
}

/** Begins to keep the counts if nobody has, and adds to them what changed. */
export async function addCountsUp(sql: Sql, atOnce?: number): Promise<void> {
  // By hand: it calls a function of the database, which knows tables of rooms.
  await sql.rows(q`select begin_counts() where not exists (select from kept_counts where what = 'begun')`)
  await addUp(sql, { changes: 'count_changes', sums: 'kept_counts', keys: ['what', 'whose', 'kind'] }, atOnce)
}
