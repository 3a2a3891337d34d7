import { sql as q } from 'kysely'
import type { Db } from '#shared/db/db.ts'

/**
 * How many rows and entries of indexes the work reads, by PostgreSQL's own count. The number shows what grows
 * with the shop, on a busy machine as well as on an idle one.
 * @param db with one connection, because each connection keeps its counts until it is asked for them
 * @param tables whose rows count; of every table by default
 */
export async function rowsRead(
  db: Db,
  work: () => Promise<unknown>,
  tables?: readonly string[],
): Promise<number> {
  const before = await count(db, tables)
  await work()
  return (await count(db, tables)) - before
}

async function count(db: Db, tables?: readonly string[]): Promise<number> {
  const which = tables ? q`where relname = any(${[...tables]}::text[])` : q``
  await db.rows(q`select pg_stat_force_next_flush()`)
  const [row] = await db.rows(q<{ read: number }>`
    select (select sum(seq_tup_read) from pg_stat_user_tables ${which})::float8
      + (select sum(idx_tup_read) from pg_stat_user_indexes ${which})::float8 as read`)
  return row!.read
}
