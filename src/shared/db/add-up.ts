import { sql as q } from 'kysely'
import { inBatches } from '../queue/batches.ts'
import type { Sql } from './db.ts'

const CHANGES_AT_ONCE = 10_000

/**
 * Moves the changes that triggers wrote into their sums. Each change is a row of its own, because a sum that moved with each
 * of them would be a row for which everybody waits. A reader adds up sums and changes in one view, so that it does not matter
 * when this runs. Two that run at once take different changes.
 * @param keys the columns by which it is summed
 */
export async function addUp(
  sql: Sql,
  { changes, sums, keys }: { changes: string; sums: string; keys: readonly string[] },
  atOnce = CHANGES_AT_ONCE,
): Promise<void> {
  const [from, to, columns] = [q.table(changes), q.table(sums), q.join(keys.map((key) => q.ref(key)))]
  await inBatches(async () => {
    // By hand, because the tables are parameters.
    const rest = await sql.rows(q`
      with gone as (
        delete from ${from}
        where id = any(array(select id from ${from} order by id limit ${atOnce} for update skip locked))
        returning ${columns}, value
      ), added as (
        insert into ${to} as s (${columns}, value)
        select ${columns}, sum(value) from gone group by ${columns} order by ${columns}
        on conflict (${columns}) do update set value = s.value + excluded.value
      )
      select 1 from gone offset ${atOnce - 1} limit 1`)
    return rest.length > 0
  })
}
