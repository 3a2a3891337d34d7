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
  WINDOW_MS,
  burstOf,
  chatPace,
} from './budget-rules.ts'
import type { Lane } from './budget-rules.ts'
import type { Ask, BudgetStore, Slot } from './budget-store.ts'
import { memoryStore } from './budget-memory.ts'
import { CUT_SCRIPT, TAKE_SCRIPT } from './budget-scripts.ts'

/** A bot's send budget, one for all processes. */
export interface Budget {
  /** A slot now or later; does not wait. @param readyInMs what the caller needs until it can use the slot */
  ask(lane: Lane, chat: number, count: number, readyInMs?: number): Promise<Slot>
  /** The message of a mailing's slot went this much later than it began: those of the next second wait for it. */
  late(lane: Lane, slot: Pick<Slot, 'id'>, count: number, ms: number): Promise<void>
  /** Telegram said 429. */
  slowDown(retryAfterSeconds: number): Promise<void>
}

/**
 * The budget of one bot over all replicas: in Redis; exact in memory where the queue is in PostgreSQL, because then
 * there is one process. With Redis away each process keeps the rate for itself.
 * @param bot the number before the colon of its token: the same in every deployment
 * @param memory with a clock of the test's own
 */
export function createBudget(
  backend: Pick<QueueBackend, 'redis' | 'key'>,
  bot: string,
  { sendRate: rate, chatRate }: { sendRate: number; chatRate: number },
  memory = memoryStore(),
): Budget {
  const store = backend.redis ? withInsurance(redisStore(backend.redis, backend.key), memory) : memory
  return {
    ask(lane, chat, count, readyInMs = 0) {
      const full = lane === 'paid' ? PAID_RATE : rate
      const pace = chatPace(chat, chatRate)
      return store.take({
        bot,
        lane,
        // Without a limit per chat the store counts no chat: 0 stands for "no chat".
        chat: chatRate > 0 ? chat : 0,
        count,
        most: lane === 'mailings' || lane === 'paid' ? Math.max(1, Math.floor(full)) : 0,
        rate: full / SLACK,
        burst: burstOf(full),
        aheadMs: AHEAD_MS[lane] + readyInMs,
        rushMs: RUSH_MS,
        share: ADMINS_SHARE,
        adminsBurst: lane === 'admins' ? ADMINS_BURST : 0,
        chatIntervalMs: pace.intervalMs,
        chatBurst: pace.burst,
      })
    },
    async late(lane, { id }, count, ms) {
      if (id !== undefined) await store.late({ bot, lane, count }, id, ms)
    },
    slowDown: (retryAfterSeconds) => store.cut(bot, retryAfterSeconds * 1000, rate / SLACK),
  }
}

function redisStore(redis: Redis, name: QueueBackend['key']): BudgetStore {
  const key = (bot: string, what: string) => name(`{telegram-budget-${bot}}:${what}`)
  // Sent by their hashes: each text goes to Redis once.
  redis.defineCommand('takeTelegramSlot', { numberOfKeys: 3, lua: TAKE_SCRIPT })
  redis.defineCommand('cutTelegramBudget', { numberOfKeys: 1, lua: CUT_SCRIPT })
  const scripts = redis as unknown as Record<
    'takeTelegramSlot' | 'cutTelegramBudget',
    (...args: (string | number)[]) => Promise<unknown>
  >
  const laneKey = ({ bot, lane }: Pick<Ask, 'bot' | 'lane'>) => key(bot, lane === 'paid' ? 'paid' : 'all')
  return {
    async take(ask) {
      const [granted, waitMs, chatOnly, id] = (await scripts.takeTelegramSlot(
        laneKey(ask),
        key(ask.bot, `chat${ask.chat}`),
        `${laneKey(ask)}-last`,
        ask.rate,
        ask.count,
        ask.aheadMs,
        ask.burst,
        ask.chat === 0 ? 0 : ask.chatIntervalMs,
        ask.chatBurst,
        RECOVERY_PER_SECOND,
        ask.most,
        WINDOW_MS,
        ask.rushMs,
        ask.share,
        ask.adminsBurst,
      )) as [number, string, number, string?]
      return { granted: granted === 1, waitMs: Number(waitMs), chatOnly: chatOnly === 1, ...(id && { id }) }
    },
    async late(ask, id, ms) {
      const parts = Array.from({ length: ask.count }, (_, part) => `${id} ${part + 1}`)
      // XX: one that is forgotten already does not come back.
      await Promise.all(parts.map((part) => redis.zadd(`${laneKey(ask)}-last`, 'XX', 'INCR', ms, part)))
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
    late: (ask, id, ms) => store.late(ask, id, ms).catch(unlessBug(() => insurance.late(ask, id, ms))),
    cut: (bot, pauseMs, rate) =>
      store.cut(bot, pauseMs, rate).catch(unlessBug(() => insurance.cut(bot, pauseMs, rate))),
  }
}

/**
 * A script that does not run is our bug and must not hide behind the insurance. A full Redis or a replica names the
 * script as well when it refuses to run it.
 */
function unlessBug<T>(instead: () => Promise<T>): (error: unknown) => Promise<T> {
  return (error) => {
    if (!redisIsAway(error) && /script|ERR /i.test(explain(error))) throw error
    return instead()
  }
}
