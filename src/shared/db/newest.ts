import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Served } from '../owners.ts'

interface Wanted {
  /** Absent = rows of every bot. */
  bots: Served
  states: readonly string[]
  /** The third column of the index with the wanted value; without a value, every value that occurs. */
  kind: { column: string; value: string | undefined }
  /** A further condition, which must be the partial index's own. */
  and?: RawBuilder<unknown>
  /** The id of the last row seen: only older rows are returned. */
  after: string | undefined
  limit: number
}

/**
 * Ids of the newest rows of these bots, states and kinds, read by an index of (bot, state, kind, created_at, id): the
 * newest rows of each combination, merged. To walk down the time and filter would read all newer rows of other kinds.
 * By hand, because the table is a parameter.
 */
export function newest(table: string, { bots, states, kind, and, after, limit }: Wanted): RawBuilder<string> {
  const [rows, column] = [q.table(table), q.ref(kind.column)]
  const here = q`from ${rows} where bot = b.bot and state = s.state ${and ? q`and ${and}` : q``}`
  // Jumps from one kind to the next in the index, because many rows share few kinds.
  const kinds =
    kind.value === undefined
      ? q`
        with recursive met as (
          (select ${column} as kind ${here} order by 1 limit 1)
          union all
          select (select ${column} ${here} and ${column} > met.kind order by 1 limit 1) from met where met.kind is not null
        ) select kind from met where kind is not null`
      : q`select ${kind.value}::text as kind`
  return q<string>`
    select n.id from ${bots ? q`unnest(${[...bots]}::text[])` : q`(select name from bots)`} b (bot)
      cross join unnest(${[...states]}::text[]) s (state)
      cross join lateral (${kinds}) k
      cross join lateral (
        select id, created_at ${here} and ${column} = k.kind and ${after === undefined ? q`true` : isOlder(table, after)}
        order by created_at desc, id desc limit ${limit}
      ) n
    order by n.created_at desc, n.id desc limit ${limit}`
}

const isOlder = (table: string, id: string) =>
  q`(created_at, id) < (select created_at, id from ${q.table(table)} where id = ${id})`
