import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { languageOf, OTHERS_READ, READ_BY } from './i18n/languages.ts'
import type { Language } from './i18n/languages.ts'
import { sharedSql } from './tables.ts'

/** A person and their session in a bot exist afterwards: money can come before the first update of its payer. */
export async function ensurePerson(sql: Sql, personId: bigint, bot: string): Promise<void> {
  await sql.rows({
    text: `
      with person as (insert into persons (id) values ($1) on conflict do nothing)
      insert into bot_sessions (bot, person_id) values ($2, $1) on conflict do nothing`,
    values: [personId, bot],
  })
}

/**
 * The language that a person `p` reads in a bot where their session is `s`: the one they chose there, else their client's.
 * Null where both are unknown.
 */
export const LANGUAGE_READ = q<Language | null>`coalesce(s.language, case ${q.join(
  READ_BY.map(([language, codes]) => q`when p.language ~* ${q.lit(`${codes}\\M`)} then ${q.lit(language)}`),
  q` `,
)} when p.language is not null then ${q.lit(OTHERS_READ)} end)`

/** @param unknown for somebody whose language nobody knows */
export async function personLanguage(
  sql: Sql,
  bot: string,
  personId: bigint,
  unknown: Language = languageOf(null),
): Promise<Language> {
  const [row] = await sql.rows(
    sharedSql
      .selectFrom('persons as p')
      .leftJoin('bot_sessions as s', (on) => on.onRef('s.person_id', '=', 'p.id').on('s.bot', '=', bot))
      .select(LANGUAGE_READ.as('language'))
      .where('p.id', '=', personId),
  )
  return row?.language ?? unknown
}

/** A change of what one bot knows of a person: `.set(…)` says which. */
export const changeOfSession = ({ bot, personId }: { bot: string; personId: bigint }) =>
  sharedSql.updateTable('bot_sessions').where('bot', '=', bot).where('person_id', '=', personId)

/** The language is chosen per bot. */
export async function chooseLanguage(
  sql: Sql,
  { language, ...whose }: { bot: string; personId: bigint; language: Language },
): Promise<void> {
  await sql.rows(changeOfSession(whose).set({ language }))
}

/** What admins see of who somebody is: first and last name and @name; '' = a nameless person. */
export const ADMINS_NAME = q<string>`concat_ws(' ', nullif(first_name, ''), last_name, '@' || username)`

/** @returns '' for nobody of this id, or a nameless one */
export async function nameOfPerson(sql: Sql, personId: bigint): Promise<string> {
  const [row] = await sql.rows(
    sharedSql.selectFrom('persons').select(ADMINS_NAME.as('name')).where('id', '=', personId),
  )
  return row?.name ?? ''
}

/** Lets one transaction at a time decide what this person may have: it counts, and does not guess. */
export async function lockPerson(tx: Sql, personId: bigint): Promise<void> {
  await tx.rows(sharedSql.selectFrom('persons').select('id').where('id', '=', personId).forNoKeyUpdate())
}
