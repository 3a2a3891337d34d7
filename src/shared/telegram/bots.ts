import { Api } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import { sql as q } from 'kysely'
import type { BotSettings } from '../config/bots.ts'
import type { Sql } from '../db/db.ts'
import { Transient } from '../errors.ts'
import { createLimit } from '../limits.ts'
import type { Limit } from '../limits.ts'
import type { Metrics } from '../metrics.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { TokenRevoked, telegramError } from './errors.ts'

/** A bot that this deployment serves. */
export interface ServedBot extends BotSettings {
  api: Api
  isAdmin(personId: number | bigint): boolean
}

export type Bots = ReadonlyMap<string, ServedBot>

/** How long an answer may wait for a paused bot before its job is put aside. */
const PATIENCE_MS = 2_000

/**
 * Bot API clients that share one pause per bot: after a 429 everything of that bot waits as long as Telegram said,
 * in every process.
 */
export function createBots(
  settings: readonly BotSettings[],
  context: { apiRoot: string; backend: QueueBackend; metrics: Metrics },
): Bots {
  const pauses = createLimit(context.backend, { name: 'telegram-pause', points: 1_000_000, seconds: 1 })
  return new Map(
    settings.map((bot) => {
      const api = new Api(bot.token, { apiRoot: context.apiRoot, timeoutSeconds: 30 })
      api.config.use(async (call, method, payload, signal) => {
        await waitOut(pauses, bot.name)
        const answer = await call(method, payload, signal)
        context.metrics.telegramRequests.inc({
          method,
          outcome: answer.ok ? 'ok' : String(answer.error_code),
        })
        if (!answer.ok && answer.error_code === 429) {
          const seconds = answer.parameters?.retry_after ?? 1
          context.metrics.telegramRetryAfter.observe(seconds)
          await pauses.block(bot.name, seconds * 1000)
        }
        return answer
      })
      const admins = new Set(bot.admins)
      return [bot.name, { ...bot, api, isAdmin: (id: number | bigint) => admins.has(BigInt(id)) }]
    }),
  )
}

async function waitOut(pauses: Limit, bot: string): Promise<void> {
  const waitMs = await pauses.take(bot)
  if (waitMs === 0) return
  if (waitMs > PATIENCE_MS)
    throw new Transient(`the bot ${bot} is paused by Telegram`, { retryAfterMs: waitMs })
  await new Promise((resolve) => setTimeout(resolve, waitMs))
}

/** Every bot of the settings has a row before anything refers to it. */
export async function registerBots(sql: Sql, settings: readonly BotSettings[]): Promise<void> {
  for (const bot of settings) {
    await sql.rows(q`insert into bots (name) values (${bot.name}) on conflict (name) do nothing`)
  }
}

/**
 * Asks Telegram who the bot is and remembers it. A refused token parks this bot and leaves the others alone.
 * @returns undefined when the token was refused
 * @throws what telegramError makes of any other failure
 */
export async function identify(sql: Sql, bot: ServedBot): Promise<UserFromGetMe | undefined> {
  try {
    const me = await bot.api.getMe()
    await sql.rows(q`
      update bots set telegram_id = ${me.id}, username = ${me.username}, first_name = ${me.first_name},
        state = case when state = 'parked' then 'active' else state end,
        state_reason = case when state = 'parked' then null else state_reason end, updated_at = now()
      where name = ${bot.name}`)
    return me
  } catch (error) {
    const meaning = telegramError(error)
    if (!(meaning instanceof TokenRevoked)) throw meaning
    await sql.rows(q`
      update bots set state = 'parked', state_reason = 'Telegram refused the token (401)', updated_at = now()
      where name = ${bot.name}`)
    return undefined
  }
}
