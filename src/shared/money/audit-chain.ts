import { sql as q } from 'kysely'
import { sharedSql } from '../tables.ts'
import { NOW } from '../db/build.ts'
import type { Sql } from '../db/db.ts'

/** The cursor with the chain's end as the last proof saw it: so lines that somebody cuts off at the end are missed. */
const END = 'audit chain'
/**
 * The cursor with numbers of wrong lines that the operator has already investigated, separated by commas:
 * docs/runbook.md.
 */
const KNOWN = 'audit lines known'

/**
 * Finds audit lines that differ from their hash in the chain, or that are missing in it. Lines older than the chain
 * are not covered; every line after the chain's first one is.
 */
export async function wrongAuditLines(sql: Sql): Promise<bigint[]> {
  // By hand: each line is hashed with the one before it by a function of the database.
  const rows = await sql.rows(q<{ id: bigint }>`
    select id from (
      select line_id as id from (
        select c.line_id, c.hash, audit_line_hash(lag(c.hash) over (order by c.number), a) as should
        from audit_chain c left join audit_log a on a.id = c.line_id
      ) line
      where hash <> should
      union
      select a.id from audit_log a where a.id > (select min(line_id) from audit_chain)
        and not exists (select from audit_chain c where c.line_id = a.id)
      union
      select split_part(e.value, ' ', 2)::bigint from cursors e where e.name = ${END} and not exists (
        select from audit_chain c
        where e.value = concat_ws(' ', c.number, c.line_id, c.hash) and c.number = split_part(e.value, ' ', 1)::bigint)
    ) wrong
    where not exists (select from cursors k where k.name = ${KNOWN} and id::text = any(string_to_array(k.value, ',')))
    order by id limit 20`)
  return rows.map(({ id }) => id)
}

export async function rememberChain(sql: Sql): Promise<void> {
  const end = sharedSql
    .selectFrom('audit_chain')
    .select([q<string>`${END}`.as('name'), q<string>`concat_ws(' ', number, line_id, hash)`.as('value')])
    .orderBy('number', 'desc')
    .limit(1)
  await sql.rows(
    sharedSql
      .insertInto('cursors')
      .columns(['name', 'value'])
      .expression(end)
      .onConflict((there) =>
        there.column('name').doUpdateSet((are) => ({ value: are.ref('excluded.value'), updated_at: NOW })),
      ),
  )
}
