import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { UserError } from './errors.ts'
import { sharedSql } from './tables.ts'

/** Files that one person may send in an hour, in all bots and pages together. */
export const MOST_FILES = 100

/**
 * Counts a file of a person in the database, where all replicas of all roles count alike. The hour begins with the
 * first file.
 * @throws UserError `files.too-many`
 */
export async function countFile(sql: Sql, personId: bigint): Promise<void> {
  const isOver = q<boolean>`sent_files.since < now() - interval '1 hour'`
  const [row] = await sql.rows(
    sharedSql
      .insertInto('sent_files')
      .values({ person_id: personId })
      .onConflict((one) =>
        one.column('person_id').doUpdateSet({
          count: q<number>`case when ${isOver} then 1 else sent_files.count + 1 end`,
          since: q`case when ${isOver} then now() else sent_files.since end`,
        }),
      )
      .returning([
        'count',
        q<number>`ceil(extract(epoch from since + interval '1 hour' - now()) / 60)::int`.as('minutes'),
      ]),
  )
  const { count, minutes } = row!
  if (count > MOST_FILES)
    throw new UserError('files.too-many', { most: MOST_FILES, minutes: Math.max(1, minutes) })
}
