import { anyOf } from './db/build.ts'
import type { Reads } from './db/db.ts'
import { ADMINS_NAME } from './people.ts'
import { sharedSql } from './tables.ts'

/** The names of many people, as admins read them; a person without a name is shown by id. */
export async function namesOf(
  sql: Reads,
  ids: readonly (bigint | null)[],
): Promise<(id: bigint | null) => string> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  const rows =
    wanted.length === 0
      ? []
      : await sql.rows(
          sharedSql
            .selectFrom('persons')
            .select(['id', ADMINS_NAME.as('name')])
            .where('id', '=', anyOf(wanted)),
        )
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (id) => (id === null ? '—' : names.get(id) || String(id))
}
