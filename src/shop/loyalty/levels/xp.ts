import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { XpLine } from './rules.ts'

/**
 * Gives XP, once for each source. The sums follow in the same transaction, person by person in one order.
 * @returns the persons who got something new
 */
export async function giveXp(tx: Sql, lines: readonly XpLine[]): Promise<bigint[]> {
  if (lines.length === 0) return []
  // By hand: events and sums are written in one statement, whose text is the same for any number of lines.
  const rows = await tx.rows(q<{ personId: bigint }>`
    with fresh as (
      insert into xp_events (source, person_id, xp, bot, at)
      select * from unnest(${lines.map((line) => line.source)}::text[], ${lines.map((line) => line.personId)}::bigint[],
        ${lines.map((line) => line.xp)}::int[], ${lines.map((line) => line.bot)}::text[],
        ${lines.map((line) => line.at)}::timestamptz[])
      on conflict (source) do nothing
      returning person_id, xp
    )
    insert into progress as p (person_id, xp) select person_id, sum(xp) from fresh group by person_id order by person_id
    on conflict (person_id) do update set xp = p.xp + excluded.xp, updated_at = now()
    returning person_id as "personId"`)
  return rows.map(({ personId }) => personId)
}
