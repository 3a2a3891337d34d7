import { sql as q } from 'kysely'
import type { Db } from '#shared/db/db.ts'
import { ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

const INDEX = 'persons_folded_name_index'

/** A function of ours folds names, whatever the database's ctype, so only its index can be missing. */
export async function checkNames(db: Db): Promise<Finding[]> {
  const [found] = await db.rows(q<{ ctype: string; valid: boolean | null }>`
    select coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', datctype) as ctype,
      (select indisvalid from pg_index where indexrelid = to_regclass(${INDEX})) as valid
    from pg_database d where datname = current_database()`)
  const { ctype, valid } = found!
  if (valid) return [ok('names', `folded by ourselves and indexed (the database's ctype is ${ctype})`)]
  const cure =
    valid === null
      ? `create index concurrently ${INDEX} on persons (folded(first_name || ' ' || coalesce(last_name, '')) text_pattern_ops)`
      : `reindex index concurrently ${INDEX}`
  return [
    warn(
      'names',
      `the index ${INDEX} ${valid === null ? 'is missing' : 'is not valid'}, so that looking for a name reads every person. Run in psql: ${cure}`,
    ),
  ]
}
