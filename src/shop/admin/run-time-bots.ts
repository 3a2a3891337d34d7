import { sql as q } from 'kysely'
import type { UserFromGetMe } from 'grammy/types'
import { setRole } from '#shared/roles.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { endChargesOfTelegram } from '#shop/loyalty/subscriptions/stars.ts'
import { cancelMailingsOf } from '#shop/mailings/mailings.ts'
import { closeBot } from './jobs.ts'
import { adminSql } from './tables.ts'
import { peopleOfBots } from './totals.ts'
import { owe } from '#shared/queue/outbox.ts'
import { writeSecret } from '#shared/vault.ts'
import type { Secrets } from '#shared/secrets.ts'
import { printOf } from '#shared/telegram/identify.ts'
import { tokenSecret } from '#shared/telegram/roster.ts'
import type { BotState } from '#shared/telegram/tables.ts'
import { shorten } from '#shared/storable.ts'
import { NOW } from '#shared/db/build.ts'

export interface BotRow {
  name: string
  telegramId: bigint | null
  username: string | null
  state: 'active' | 'paused' | 'parked' | 'removed'
  /**
   * The bot of the settings through which this bot was added; null = this is a bot of the settings itself, or it
   * only calls the API.
   */
  home: string | null
  tokenEnd: string | null
  people: number
}

/** Every bot on this database that was not removed. */
export async function botRows(sql: Sql): Promise<BotRow[]> {
  const rows = await sql.rows(
    adminSql
      .selectFrom('bots')
      .select(['name', 'telegram_id as telegramId', 'username', 'state', 'home', 'token_end as tokenEnd'])
      .where('state', '<>', 'removed')
      .orderBy('name'),
  )
  const people = await peopleOfBots(sql)
  return rows.map((row) => ({ ...row, people: people.get(row.name) ?? 0 }))
}

interface Given {
  token: string
  /** What Telegram's getMe answered for this token. */
  me: UserFromGetMe
  /** The bot of the settings through which the token is given. */
  home: string
  by: bigint
}

/**
 * Adds a bot; the person who adds it is its owner. A bot that was removed comes back with its people.
 * @returns its name
 * @throws UserError `bot.exists` when the database has the bot already
 */
export async function addBot(tx: Sql, secrets: Secrets, given: Given): Promise<string> {
  const { me } = given
  const [known] = await tx.rows(
    adminSql
      .selectFrom('bots')
      .select(['name', 'state'])
      .where('telegram_id', '=', BigInt(me.id))
      .forUpdate(),
  )
  if (known && known.state !== 'removed') throw new UserError('bot.exists', { name: known.name })
  const name = known?.name ?? (await freeName(tx, me.username))
  if (!known) await tx.rows(adminSql.insertInto('bots').values({ name, telegram_id: BigInt(me.id) }))
  await keepToken(tx, secrets, { ...given, name, insteadOf: null })
  await setRole(tx, { bot: name, personId: given.by, role: 'owner', by: given.by })
  return name
}

/**
 * Stores another token for an existing bot, which then works again wherever it is served.
 * @param configured the token in the settings, which is ignored until the settings have another
 * @throws UserError `bot.other` when the token belongs to another bot
 */
export async function giveToken(
  tx: Sql,
  secrets: Secrets,
  given: Given & { name: string; configured: string | undefined },
): Promise<void> {
  const [row] = await tx.rows(
    adminSql
      .selectFrom('bots')
      .select('telegram_id as telegramId')
      .where('name', '=', given.name)
      .where('state', '<>', 'removed')
      .forUpdate(),
  )
  const id = row?.telegramId ?? (given.configured && BigInt(given.configured.split(':')[0]!))
  if (id !== BigInt(given.me.id)) throw new UserError('bot.other', { name: given.me.username })
  await keepToken(tx, secrets, {
    ...given,
    home: given.configured ? null : given.home,
    insteadOf: given.configured ? printOf(given.configured) : null,
  })
}

async function keepToken(
  tx: Sql,
  secrets: Secrets,
  given: Omit<Given, 'home'> & { name: string; home: string | null; insteadOf: string | null },
): Promise<void> {
  const { name, token, me } = given
  await writeSecret(tx, secrets, tokenSecret(name), token)
  await tx.rows(
    adminSql
      .updateTable('bots')
      .set({
        token_end: token.slice(-4),
        token_print: printOf(token),
        instead_of: given.insteadOf,
        home: given.home,
        telegram_id: BigInt(me.id),
        username: me.username,
        first_name: me.first_name,
        state: q<BotState>`case when state = 'paused' or was_paused then 'paused' else 'active' end`,
        state_reason: null,
        was_paused: false,
        updated_at: NOW,
      })
      .where('name', '=', name),
  )
}

/** The bot's name in all tables: its @name, unless another bot has that name already. */
async function freeName(tx: Sql, username: string): Promise<string> {
  const wanted = username.toLowerCase()
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${shorten(wanted, 28)}-${number}`
    const taken = await tx.rows(adminSql.selectFrom('bots').select('name').where('name', '=', name))
    if (taken.length === 0) return name
  }
}

/** Milliseconds in which a payment that Telegram took just before should reach us. */
const LAST_PAYMENTS_MS = 2 * 60_000

/**
 * Removes a bot: it answers nobody any more. Its token is deleted when the bot owes nothing: see closeBot.
 * @returns false when it is a bot of the settings, or removed already
 */
export async function removeBot(tx: Sql, name: string): Promise<boolean> {
  const [row] = await tx.rows(
    adminSql
      .updateTable('bots')
      .set({ state: 'removed', was_paused: false, state_reason: null, updated_at: NOW })
      .where('name', '=', name)
      .where('home', 'is not', null)
      .where('state', '<>', 'removed')
      .returning('updated_at as at'),
  )
  if (!row) return false
  await cancelMailingsOf(tx, name)
  // Afterwards nobody has the token with which Telegram could be told to charge no more.
  await endChargesOfTelegram(tx, { bot: name })
  await owe(tx, closeBot, { bot: name, at: row.at.toISOString() }, { delayMs: LAST_PAYMENTS_MS })
  return true
}
