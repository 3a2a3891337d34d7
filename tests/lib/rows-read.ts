import { sql as q } from 'kysely'
import type { Db } from '#shared/db/db.ts'

/**
 * How many rows and entries of indexes the work reads, by PostgreSQL's own count. The number shows what grows
 * with the shop, on a busy machine as well as on an idle one.
 * @param db with one connection, because each connection keeps its counts until it is asked for them
 */
export async function rowsRead(db: Db, work: () => Promise<unknown>): Promise<number> {
  const before = await count(db)
  await work()
  return (await count(db)) - before
}

async function count(db: Db): Promise<number> {
  await db.rows(q`select pg_stat_force_next_flush()`)
  const [row] = await db.rows(q<{ read: number }>`
    select (select sum(seq_tup_read) from pg_stat_user_tables)::float8
      + (select sum(idx_tup_read) from pg_stat_user_indexes)::float8 as read`)
  return row!.read
}
