import { Api } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import { sql as q } from 'kysely'
import type { BotSettings } from '../config/bots.ts'
import type { Sql } from '../db/db.ts'
import { Transient } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { calling } from '../trace/trace.ts'
import { createBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { chatOf, costOf } from './budget-rules.ts'
import type { Lane } from './budget-rules.ts'
import { TokenRevoked, telegramError } from './errors.ts'

/** A bot that this deployment serves. */
export interface ServedBot extends BotSettings {
  /** What people wait for; messages take their slot of the send budget. */
  api: Api
  /** What people are owed, after the answers. */
  notices: Api
  /** As notices, with the time that a large file takes. */
  uploads: Api
  /** Mailings: the caller takes the slot from `budget` itself, before it writes down that it is about to send. */
  mailings: Api
  budget: Budget
  isAdmin(personId: number | bigint): boolean
}

export type Bots = ReadonlyMap<string, ServedBot>

/** How long a message may wait for its slot before its job is put aside. */
const PATIENCE_MS = 2_000
/** 50 MB at 1 Mbit a second. */
const UPLOAD_SECONDS = 400

/**
 * Bot API clients that keep one send budget per bot over all processes: answers before notices before mailings, and
 * after a 429 everything that bot sends waits as long as Telegram said.
 */
export function createBots(
  settings: readonly BotSettings[],
  context: { apiRoot: string; backend: QueueBackend; metrics: Metrics; sendRate: number; chatRate: number },
): Bots {
  return new Map(
    settings.map((bot) => {
      const budget = createBudget(context.backend, bot.token.split(':')[0]!, context)
      const client = (lane: Lane | undefined, timeoutSeconds = 30) => {
        const api = new Api(bot.token, { apiRoot: context.apiRoot, timeoutSeconds })
        api.config.use(async (call, method, payload, signal) => {
          const cost = costOf(method, payload)
          if (lane && cost > 0) await takeSlot(budget, bot.name, lane, pacedChat(lane, payload), cost)
          const answer = await calling(
            `telegram ${method}`,
            () => ({ 'telekassa.bot': bot.name, 'http.request.method': 'POST' }),
            () => call(method, payload, signal),
            (one) =>
              one.ok
                ? { attributes: {} }
                : { attributes: { 'telegram.error_code': one.error_code }, failed: String(one.error_code) },
          )
          context.metrics.telegramRequests.inc({
            method,
            outcome: answer.ok ? 'ok' : String(answer.error_code),
          })
          if (!answer.ok && answer.error_code === 429) {
            const seconds = answer.parameters?.retry_after ?? 1
            context.metrics.telegramRetryAfter.observe(seconds)
            await budget.slowDown(seconds)
          }
          return answer
        })
        return api
      }
      const admins = new Set(bot.admins)
      const served: ServedBot = {
        ...bot,
        api: client('answers'),
        notices: client('notices'),
        uploads: client('notices', UPLOAD_SECONDS),
        mailings: client(undefined),
        budget,
        isAdmin: (id) => admins.has(BigInt(id)),
      }
      return [bot.name, served]
    }),
  )
}

/**
 * The chat whose pace a call keeps. An answer in a private chat keeps none: the person acted, and one who writes fast is
 * met by the flood limit, not by making everybody in their partition wait.
 */
function pacedChat(lane: Lane, payload: Record<string, unknown>): number {
  const chat = chatOf(payload)
  return lane === 'answers' && chat > 0 ? 0 : chat
}

async function takeSlot(budget: Budget, bot: string, lane: Lane, chat: number, cost: number): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS
  for (;;) {
    const { granted, waitMs } = await budget.ask(lane, chat, cost)
    if (granted && waitMs === 0) return
    if (!granted && performance.now() + waitMs > giveUpAt) {
      throw new Transient(`the bot ${bot} has to wait for Telegram`, { retryAfterMs: waitMs })
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (granted) return
  }
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
