import { createHash } from 'node:crypto'
import type { UserFromGetMe } from 'grammy/types'
import { sql as q } from 'kysely'
import type { BotSettings } from '../config/bots.ts'
import type { Db, Sql } from '../db/db.ts'
import { oweAdminAlert } from '../notices.ts'
import type { Bots, ServedBot } from './bots.ts'
import { TokenRevoked, telegramError } from './errors.ts'

/** Identifies a token without storing it: 96 bits of a hash of the token, which holds over 200 random bits. */
export function printOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 16)
}

/**
 * Gives every bot of the settings a row before other rows refer to it, and marks it as a bot that no owner added. The
 * bots are sorted by name, because all processes do this at the same time and must lock in one order.
 */
export async function registerBots(sql: Sql, settings: readonly BotSettings[]): Promise<void> {
  const names = settings.map(({ name }) => name).toSorted()
  // By hand, like all that this file writes: the new state of a bot is a `case` over its old one.
  await sql.rows(q`
    insert into bots as b (name) select unnest(${names}::text[])
    on conflict (name) do update set state = case b.state when 'removed' then 'active' else b.state end, home = null
    where b.home is not null or b.state = 'removed'`)
}

/**
 * Asks Telegram who the bot is and stores the answer. A refused token parks this bot and leaves the others alone.
 * @returns undefined when the token was refused
 * @throws the error that telegramError makes of any other failure
 */
export async function identify(db: Db, bot: ServedBot, bots: Bots): Promise<UserFromGetMe | undefined> {
  try {
    const me = await bot.api.getMe()
    // By hand: see above.
    await db.rows(q`
      update bots set telegram_id = ${me.id}, username = ${me.username}, first_name = ${me.first_name},
        token_print = ${printOf(bot.token)},
        state = case when state <> 'parked' then state when was_paused then 'paused' else 'active' end,
        state_reason = case when state = 'parked' then null else state_reason end,
        was_paused = was_paused and state <> 'parked', updated_at = now()
      where name = ${bot.name}`)
    bot.parked = false
    return me
  } catch (error) {
    const meaning = telegramError(error)
    if (!(meaning instanceof TokenRevoked)) throw meaning
    await parkBot(db, bot, bots, { surely: true })
    return undefined
  }
}

/**
 * Telegram refused the token: the bot is parked, once, and the admins of the deployment's other bots are told. A
 * process that still has an older token parks nothing.
 * @param surely the token was tried just now, so it is the current one even if another token worked before
 */
export async function parkBot(
  db: Db,
  bot: ServedBot,
  bots: Bots,
  { surely = false }: { surely?: boolean } = {},
): Promise<void> {
  const print = printOf(bot.token)
  await db.tx(async (tx) => {
    // By hand: see above.
    const parked = await tx.rows(q`
      update bots set was_paused = was_paused or state = 'paused', state = 'parked', token_print = ${print},
        state_reason = 'Telegram refused the token (401)', updated_at = now()
      where name = ${bot.name} and state <> 'removed' and (${surely} or token_print is null or token_print = ${print})
        and (state <> 'parked' or token_print is distinct from ${print})
      returning name`)
    if (parked.length === 0) return
    const others = [...bots.values()].filter(({ name, parked }) => name !== bot.name && !parked)
    await oweAdminAlert(tx, others, {
      key: `bot-parked-${bot.name}-${print}`,
      text: 'alert-bot-parked',
      params: { bot: bot.name },
      buttons: [[['admin-bots', 'a-bot', bot.name]]],
    })
  })
  bot.parked = true
}
