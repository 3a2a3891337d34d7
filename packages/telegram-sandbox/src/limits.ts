import { bad, tooMany } from './errors.ts'
import { addTransaction, pay } from './ledger.ts'
import type { Bot, World } from './store.ts'

/** What a bot has left of one limit. */
export interface Bucket {
  tokens: number
  at: number
  /** A group's messages of the last minute, each by its time. */
  sent?: number[]
  /** Until when messages are refused; `since` is the time of the last refusal, which said `wait` seconds. */
  closed?: { until: number; since: number; wait: number }
}

interface Limit {
  key: string
  rate: number
  burst: number
  /** No minute has more than `burst` messages. */
  whole?: boolean
}
const MINUTE_MS = 60_000

/** 0.1 Star in billionths: the price of one paid broadcast message. */
const PAID_MESSAGE_NANOSTARS = 100_000_000

/**
 * Takes what `count` messages to a chat cost from the bot's budgets, or refuses with 429 and takes nothing.
 * "Bots FAQ": about 30 messages a second in all, 1 a second in one chat (short bursts pass), 20 a minute in a group, of
 * which no minute has more, whenever it begins.
 */
export function spend(world: World, bot: Bot, chat: number, count: number, paid: boolean): void {
  const s = world.settings
  const now = world.clock.now()
  if (paid && !s.paidBroadcasts) throw bad('PAID_BROADCAST_NOT_ALLOWED')
  const budgets = [
    paid
      ? { key: 'paid', rate: s.paidPerSecond, burst: s.paidPerSecond }
      : { key: 'all', rate: s.globalPerSecond, burst: s.globalPerSecond },
    { key: `chat${chat}`, rate: s.chatPerSecond, burst: Math.max(1, s.chatBurst) },
    ...(chat < 0
      ? [{ key: `group${chat}`, rate: s.groupPerMinute / 60, burst: s.groupPerMinute, whole: true }]
      : []),
  ].filter(({ rate }) => rate > 0)

  let wait = 0
  const taken = budgets.map(({ key, rate, burst, whole }: Limit) => {
    const bucket = bot.buckets.get(key)
    const sent = whole ? (bucket?.sent ?? []).filter((at) => now - at < MINUTE_MS) : undefined
    const refilled = bucket ? Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate) : burst
    const tokens = sent ? burst - sent.length : refilled
    // An album larger than the burst passes if the bucket is full, and leaves a debt.
    const needed = Math.min(count, burst)
    const short = needed - tokens
    const shortMs =
      short <= 0 ? 0 : sent ? sent[Math.ceil(short) - 1]! + MINUTE_MS - now : (short / rate) * 1000
    const closed = (bucket?.closed?.until ?? 0) > now
    if (shortMs > 0 || closed) {
      const kept: Bucket = { ...(bucket ?? { at: now }), tokens, at: now, ...(sent && { sent }) }
      bot.buckets.set(key, kept)
      wait = Math.max(wait, refuse(kept, Math.max(1, Math.ceil(shortMs / 1000)), now, s.floodGrowth))
    }
    return { key, tokens: tokens - count, sent: sent?.concat(Array<number>(count).fill(now)) }
  })
  if (wait > 0) throw tooMany(wait)
  if (paid) payForBroadcast(world, bot, count)
  for (const { key, tokens, sent } of taken) bot.buckets.set(key, { tokens, at: now, ...(sent && { sent }) })
  if (bot.buckets.size > 100_000) forgetFull(bot, now)
}

/** Calls that were under way when the first one was refused do not count as calls in spite of the refusal. */
const AT_ONCE_MS = 1_000
const LONGEST_WAIT_S = 900

/**
 * Keeps the bucket closed for as long as it says, and for longer whenever somebody calls before that is over.
 * @returns seconds to wait
 */
function refuse(bucket: Bucket, seconds: number, now: number, growth: number): number {
  const { closed } = bucket
  const left = closed ? (closed.until - now) / 1000 : 0
  let wait = seconds
  if (closed && left > 0) {
    const defied = growth > 1 && now - closed.since >= AT_ONCE_MS
    if (!defied) return Math.max(1, Math.ceil(left))
    wait = Math.min(LONGEST_WAIT_S, Math.ceil(Math.max(left, closed.wait) * growth))
  }
  bucket.closed = { until: now + wait * 1000, since: now, wait }
  return wait
}

function payForBroadcast(world: World, bot: Bot, count: number): void {
  pay(bot, 0, PAID_MESSAGE_NANOSTARS * count)
  const last = bot.transactions.at(-1)
  const partner = last?.['receiver'] as { type?: string; request_count?: number } | undefined
  const date = Math.floor(world.clock.now() / 1000)
  if (last && partner?.type === 'telegram_api' && date - (last['date'] as number) < 60) {
    partner.request_count = (partner.request_count ?? 0) + count
    const nano = (last['nanostar_amount'] as number) + PAID_MESSAGE_NANOSTARS * count
    last['amount'] = (last['amount'] as number) + Math.floor(nano / 1e9)
    last['nanostar_amount'] = nano % 1e9
    return
  }
  const nano = PAID_MESSAGE_NANOSTARS * count
  addTransaction(world, bot, {
    amount: Math.floor(nano / 1e9),
    nanostar_amount: nano % 1e9,
    receiver: { type: 'telegram_api', request_count: count },
  })
}

function forgetFull(bot: Bot, now: number): void {
  for (const [key, bucket] of bot.buckets) if (now - bucket.at > 120_000) bot.buckets.delete(key)
}
