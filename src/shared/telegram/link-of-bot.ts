import type { Sql } from '../db/db.ts'
import { sharedSql } from '../tables.ts'

/**
 * The address of the chat with a bot.
 * @returns undefined until Telegram has told the bot's user name
 */
export async function linkOfBot(sql: Sql, name: string): Promise<string | undefined> {
  const [bot] = await sql.rows(sharedSql.selectFrom('bots').select('username').where('name', '=', name))
  return bot?.username ? `https://t.me/${bot.username}` : undefined
}
