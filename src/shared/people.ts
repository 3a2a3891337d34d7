import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { languageOf, OTHERS_READ, READ_BY } from './i18n/languages.ts'
import type { Language } from './i18n/languages.ts'
import { sharedSql } from './tables.ts'

/**
 * Makes sure that the person and their session in the bot exist: a payment can arrive before the payer's first update.
 */
export async function ensurePerson(sql: Sql, personId: bigint, bot: string): Promise<void> {
  await sql.rows({
    text: `
      with person as (insert into persons (id) values ($1) on conflict do nothing)
      insert into bot_sessions (bot, person_id) values ($2, $1) on conflict do nothing`,
    values: [personId, bot],
  })
}

/** The language that was chosen in session `s`; '' = none. */
export const LANGUAGE_CHOSEN = q<string>`coalesce(s.language, '')`

/**
 * The language that a person `p` with session `s` reads: the one chosen in this bot, else that of their client. Null
 * when both are unknown.
 */
export const LANGUAGE_READ = q<Language | null>`coalesce(s.language, case ${q.join(
  READ_BY.map(([language, codes]) => q`when p.language ~* ${q.lit(`${codes}\\M`)} then ${q.lit(language)}`),
  q` `,
)} when p.language is not null then ${q.lit(OTHERS_READ)} end)`

/** @param unknown the answer when nobody knows the person's language */
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

/** How admins see a person: first name, last name and @name; '' = the person has no name. */
export const ADMINS_NAME = q<string>`concat_ws(' ', nullif(first_name, ''), last_name, '@' || username)`

/** @returns '' when there is no such person or the person has no name */
export async function nameOfPerson(sql: Sql, personId: bigint): Promise<string> {
  const [row] = await sql.rows(
    sharedSql.selectFrom('persons').select(ADMINS_NAME.as('name')).where('id', '=', personId),
  )
  return row?.name ?? ''
}

/**
 * Locks the person, so that transactions decide one after another what this person may have, and each counts the
 * earlier ones.
 */
export async function lockPerson(tx: Sql, personId: bigint): Promise<void> {
  await tx.rows(sharedSql.selectFrom('persons').select('id').where('id', '=', personId).forNoKeyUpdate())
}
