import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { languageOf } from './i18n/texts.ts'
import type { Language } from './i18n/texts.ts'

/** A person and their session in a bot exist afterwards: money can come before the first update of its payer. */
export async function ensurePerson(sql: Sql, personId: bigint, bot: string): Promise<void> {
  await sql.rows({
    text: `
      with person as (insert into persons (id) values ($1) on conflict do nothing)
      insert into bot_sessions (bot, person_id) values ($2, $1) on conflict do nothing`,
    values: [personId, bot],
  })
}

/** The language that a person reads in a bot: the one they chose there, else their client's. */
export async function personLanguage(sql: Sql, bot: string, personId: bigint): Promise<Language> {
  const [row] = await sql.rows(q<{ chosen: Language | null; client: string | null }>`
    select s.language as chosen, p.language as client from persons p
    left join bot_sessions s on s.person_id = p.id and s.bot = ${bot} where p.id = ${personId}`)
  return row?.chosen ?? languageOf(row?.client)
}
