import { Api, HttpError } from 'grammy'
import type { BotSettings } from '../config/bots.ts'
import { Transient } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { checkHeld } from '../queue/held.ts'
import { calling } from '../trace/trace.ts'
import { createBudget } from './budget.ts'
import type { Budget } from './budget.ts'
import { chatOf, costOf } from './budget-rules.ts'
import { overKeptConnections } from './http.ts'
import type { Lane } from './budget-rules.ts'

/** A bot that this deployment serves. */
export interface ServedBot extends BotSettings {
  /** The client for answers that people wait for; every message takes a slot of the send budget. */
  api: Api
  /** The client for messages that people are owed; they are sent after the answers. */
  notices: Api
  /** Like `notices`, with time enough for a large file. */
  uploads: Api
  /** For mailings. The caller takes the slot from `budget` itself, before it commits that it is about to send. */
  mailings: Api
  budget: Budget
  /**
   * Telegram refused this token: nothing is sent or fetched until the bot has another one. The roster keeps this field
   * up to date.
   */
  parked: boolean
  /** The owner has removed the bot: it still sends the messages it owes, and takes no updates. */
  closing: boolean
  isAdmin(personId: number | bigint): boolean
  /** Everybody with a role in this bot, including the admins of the settings. The roster keeps the set up to date. */
  team: ReadonlySet<string>
  hasRole(personId: number | string): boolean
}

export type Bots = ReadonlyMap<string, ServedBot>

/** A message waits at most this long for its slot; then its job is put aside. */
const PATIENCE_MS = 2_000
/** The time for 50 MB at 1 Mbit a second. */
const UPLOAD_SECONDS = 400
/** A call that has waited longer is a reason to check whether Telegram answers at all. */
const LONG_MS = 3_000

export interface BotsContext {
  apiRoot: string
  backend: QueueBackend
  metrics: Metrics
  sendRate: number
  chatRate: number
  /** Called at every 401: Telegram does not accept the bot's token any more. */
  refused?: (bot: ServedBot) => void
  /** Called when a call got no answer, or has waited long for one. */
  trouble?: (() => void) | undefined
}

/**
 * Makes Bot API clients that share one send budget per bot over all processes: answers go before notices, notices
 * before mailings. After a 429 the bot's whole sending waits as long as Telegram said.
 */
export function serveBot(bot: BotSettings, context: BotsContext): ServedBot {
  const budget = createBudget(context.backend, bot.token.split(':')[0]!, context)
  const client = (lane: Lane | undefined, timeoutSeconds = 30) => {
    const api = new Api(bot.token, { apiRoot: context.apiRoot, timeoutSeconds })
    api.config.use(overKeptConnections(bot.token, context.apiRoot, timeoutSeconds))
    api.config.use(async (call, method, payload, signal) => {
      const cost = costOf(method, payload)
      if (lane && cost > 0) {
        // Answers to an admin have their own share of the budget while many people write at once.
        const own = lane === 'answers' && served.hasRole(chatOf(payload)) ? 'admins' : lane
        await takeSlot(budget, bot.name, own, pacedChat(own, payload), cost)
      }
      const answer = await calling(
        `telegram ${method}`,
        () => ({ 'telekassa.bot': bot.name, 'http.request.method': 'POST' }),
        () => {
          checkHeld()
          return watched(() => call(method, payload, signal), context.trouble)
        },
        (one) =>
          one.ok
            ? { attributes: {} }
            : { attributes: { 'telegram.error_code': one.error_code }, failed: String(one.error_code) },
      )
      context.metrics.telegramRequests.inc({ method, outcome: answer.ok ? 'ok' : String(answer.error_code) })
      if (answer.ok) return answer
      if (answer.error_code === 429) {
        const seconds = answer.parameters?.retry_after ?? 1
        context.metrics.telegramRetryAfter.observe(seconds)
        await budget.slowDown(seconds)
      }
      if (answer.error_code === 401) context.refused?.(served)
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
    parked: false,
    closing: false,
    isAdmin: (id) => admins.has(BigInt(id)),
    team: new Set(bot.admins.map(String)),
    hasRole: (id) => served.team.has(String(id)),
  }
  return served
}

async function watched<T>(call: () => Promise<T>, trouble: (() => void) | undefined): Promise<T> {
  if (!trouble) return await call()
  const timer = setTimeout(trouble, LONG_MS)
  try {
    return await call()
  } catch (error) {
    if (error instanceof HttpError) trouble()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The chat whose rate limit a call obeys. An answer in a private chat obeys none: the person acted, and the flood
 * limit slows a person who writes too fast, so that others in the same partition need not wait.
 */
function pacedChat(lane: Lane, payload: Record<string, unknown>): number {
  const chat = chatOf(payload)
  return lane !== 'notices' && chat > 0 ? 0 : chat
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
