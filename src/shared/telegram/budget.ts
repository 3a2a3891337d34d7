import type { Redis } from 'ioredis'
import { explain } from '../errors.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { redisIsAway } from '../queue/redis-errors.ts'
import {
  ADMINS_BURST,
  ADMINS_SHARE,
  AHEAD_MS,
  CUT,
  PAID_RATE,
  RECOVERY_PER_SECOND,
  RUSH_MS,
  SLACK,
  HELD_MS,
  QUICK_CALLS,
  QUICK_MS,
  UNDER_WAY_MS,
  WINDOW_MS,
  burstOf,
  catchUpOf,
  chatPace,
  placesOf,
} from './budget-rules.ts'
import type { Lane } from './budget-rules.ts'
import type { Ask, BudgetStore, Slot } from './budget-store.ts'
import { memoryStore } from './budget-memory.ts'
import { CUT_SCRIPT, PASS_SCRIPT, TAKE_SCRIPT } from './budget-scripts.ts'
import { StoreAway, createWindow } from './budget-window.ts'
import type { Window } from './budget-window.ts'

export type MailingLane = 'mailings' | 'paid'

/** A bot's send budget, one for all processes. */
export interface Budget {
  /** Asks for a slot, now or later, and does not wait for it. */
  ask(lane: Lane, chat: number, count: number): Promise<Slot>
  /**
   * For a mailing's message, when its slot has come and everything else is ready: no second has more messages than
   * places.
   */
  window(lane: MailingLane): Window
  /** Reports a 429 of Telegram. */
  slowDown(retryAfterSeconds: number): Promise<void>
}

/**
 * The send budget of one bot over all replicas, kept in Redis. Where the queue is in PostgreSQL there is only one
 * process, so it is kept in memory, exactly. While Redis is away each process keeps the rate for itself.
 * @param bot the number before the colon of its token: the same in every deployment
 * @param memory a store with a test's own clock
 */
export function createBudget(
  backend: Pick<QueueBackend, 'redis' | 'key'>,
  bot: string,
  { sendRate: rate, chatRate }: { sendRate: number; chatRate: number },
  memory = memoryStore(),
): Budget {
  const store = backend.redis ? withInsurance(redisStore(backend.redis, backend.key), memory) : memory
  const windowOf = (lane: MailingLane, full: number) =>
    createWindow(placesOf(full), (what) => store.pass({ bot, lane, most: placesOf(full), ...what }))
  const windows = { mailings: windowOf('mailings', rate), paid: windowOf('paid', PAID_RATE) }
  return {
    ask(lane, chat, count) {
      const full = lane === 'paid' ? PAID_RATE : rate
      const pace = chatPace(chat, chatRate)
      return store.take({
        bot,
        lane,
        // Chat 0 stands for "no chat": without a limit per chat the store counts no chats.
        chat: chatRate > 0 ? chat : 0,
        count,
        rate: full / SLACK,
        burst: burstOf(full),
        catchUp: lane === 'mailings' || lane === 'paid' ? catchUpOf(full) : 0,
        aheadMs: AHEAD_MS[lane],
        rushMs: RUSH_MS,
        share: ADMINS_SHARE,
        adminsBurst: lane === 'admins' ? ADMINS_BURST : 0,
        chatIntervalMs: pace.intervalMs,
        chatBurst: pace.burst,
      })
    },
    window: (lane) => windows[lane],
    slowDown: (retryAfterSeconds) => store.cut(bot, retryAfterSeconds * 1000, rate / SLACK),
  }
}

function redisStore(redis: Redis, name: QueueBackend['key']): BudgetStore {
  const key = (bot: string, what: string) => name(`{telegram-budget-${bot}}:${what}`)
  // ioredis sends a script by its hash, so its text goes to Redis only once.
  redis.defineCommand('takeTelegramSlot', { numberOfKeys: 2, lua: TAKE_SCRIPT })
  redis.defineCommand('passTelegramWindow', { numberOfKeys: 2, lua: PASS_SCRIPT })
  redis.defineCommand('cutTelegramBudget', { numberOfKeys: 1, lua: CUT_SCRIPT })
  const scripts = redis as unknown as Record<
    'takeTelegramSlot' | 'passTelegramWindow' | 'cutTelegramBudget',
    (...args: (string | number)[]) => Promise<unknown>
  >
  const laneKey = ({ bot, lane }: Pick<Ask, 'bot' | 'lane'>) => key(bot, lane === 'paid' ? 'paid' : 'all')
  return {
    async take(ask) {
      const [granted, waitMs, chatOnly] = (await scripts.takeTelegramSlot(
        laneKey(ask),
        key(ask.bot, `chat${ask.chat}`),
        ask.rate,
        ask.count,
        ask.aheadMs,
        ask.burst,
        ask.chat === 0 ? 0 : ask.chatIntervalMs,
        ask.chatBurst,
        RECOVERY_PER_SECOND,
        ask.catchUp,
        UNDER_WAY_MS,
        ask.rushMs,
        ask.share,
        ask.adminsBurst,
      )) as [number, string, number]
      return { granted: granted === 1, waitMs: Number(waitMs), chatOnly: chatOnly === 1 }
    },
    async pass({ most, asked, left, held, ...whose }) {
      const [granted, waitMs] = (await scripts.passTelegramWindow(
        laneKey(whose),
        `${laneKey(whose)}-window`,
        most,
        WINDOW_MS,
        HELD_MS,
        QUICK_CALLS,
        QUICK_MS,
        JSON.stringify({ asked, left, held }),
      )) as [number, string]
      return { granted, waitMs: Number(waitMs) }
    },
    async cut(bot, pauseMs, rate) {
      for (const what of ['all', 'paid']) {
        await scripts.cutTelegramBudget(key(bot, what), pauseMs, rate, CUT, RECOVERY_PER_SECOND)
      }
    },
  }
}

function withInsurance(store: BudgetStore, insurance: BudgetStore): BudgetStore {
  return {
    take: (ask) => store.take(ask).catch(unlessBug(() => insurance.take(ask))),
    // A mailing waits while the store is away: each process alone would let through as many messages as all processes
    // together may send.
    pass: (pass) =>
      store.pass(pass).catch(
        unlessBug(() => {
          throw new StoreAway('the window of mailings is away')
        }),
      ),
    cut: (bot, pauseMs, rate) =>
      store.cut(bot, pauseMs, rate).catch(unlessBug(() => insurance.cut(bot, pauseMs, rate))),
  }
}

/**
 * Uses the in-memory store only while Redis is away. A script that fails to run is our bug and must be seen; a full
 * Redis or a replica also names the script in its refusal, but that is no bug.
 */
function unlessBug<T>(instead: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (!redisIsAway(error) && /script|ERR /i.test(explain(error))) throw error
    return instead()
  }
}
