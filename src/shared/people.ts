import type { Sql } from './db/db.ts'

/** A person and their session in a bot exist afterwards: money can come before the first update of its payer. */
export async function ensurePerson(sql: Sql, personId: bigint, bot: string): Promise<void> {
  await sql.rows({
    text: `
      with person as (insert into persons (id) values ($1) on conflict do nothing)
      insert into bot_sessions (bot, person_id) values ($2, $1) on conflict do nothing`,
    values: [personId, bot],
  })
}
