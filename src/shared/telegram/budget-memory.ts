import {
  CUT,
  HELD_MS,
  QUICK_CALLS,
  QUICK_MS,
  RECOVERY_PER_SECOND,
  UNDER_WAY_MS,
  WINDOW_MS,
} from './budget-rules.ts'
import type { Ask, BudgetStore, Left } from './budget-store.ts'

interface State {
  tat: number
  adminsTat: number
  cut?: number
  cutAt: number
  pausedTo: number
  /** When the last slot that a mailing got begins. */
  last: number
  /** The places of each mailing's window: how many, and when they become free. */
  window: Map<string, { count: number; until: number }>
  quick: { best?: number; calls: number; since?: number; before?: number }
}

/** At this number chats are forgotten, because a mailing writes to each only once. */
const MANY_CHATS = 50_000

/**
 * The arithmetic of the Redis scripts, for a single process.
 * @param clock milliseconds, monotonic
 */
export function memoryStore(clock: () => number = () => performance.now()): BudgetStore {
  const states = new Map<string, State>()
  const chats = new Map<string, number>()
  const stateOf = (key: string): State => {
    const known = states.get(key)
    if (known) return known
    const fresh = {
      tat: 0,
      adminsTat: 0,
      cutAt: 0,
      pausedTo: 0,
      last: -Infinity,
      window: new Map(),
      quick: { calls: 0 },
    }
    states.set(key, fresh)
    return fresh
  }
  const effective = (state: State, rate: number, now: number) =>
    state.cut === undefined
      ? rate
      : Math.min(rate, state.cut + ((now - state.cutAt) / 1000) * rate * RECOVERY_PER_SECOND)

  return {
    async take(ask) {
      const now = clock()
      const state = stateOf(keyOf(ask))
      if (state.pausedTo > now) return { granted: false, waitMs: state.pausedTo - now }
      const interval = 1000 / effective(state, ask.rate, now)
      const underWay = ask.catchUp > 0 && now - state.last < UNDER_WAY_MS
      const burst = underWay ? Math.max(ask.burst, ask.catchUp) : ask.burst
      const tat = Math.max(state.tat, now - burst * interval)
      const begins = Math.max(now, tat, ask.catchUp > 0 ? state.last + interval / 2 : 0)
      const rush = begins - now > ask.rushMs
      const ownInterval = interval / ask.share
      const free = Math.max(state.adminsTat, now - (ask.adminsBurst - 1) * ownInterval)
      const isOwn = rush && ask.adminsBurst > 0 && free < begins
      const waitMs = isOwn ? Math.max(0, free - now) : begins - now
      if (waitMs > ask.aheadMs) return { granted: false, waitMs: waitMs - ask.aheadMs }
      if (ask.chat !== 0) {
        const key = `${ask.bot} ${ask.chat}`
        const chatTat = Math.max(chats.get(key) ?? -Infinity, now - ask.chatBurst * ask.chatIntervalMs)
        if (chatTat > now) return { granted: false, waitMs: chatTat - now, chatOnly: true }
        if (chats.size > MANY_CHATS) forget(chats, now)
        chats.set(key, chatTat + ask.count * ask.chatIntervalMs)
      }
      if (isOwn) state.adminsTat = free + ask.count * ownInterval
      else state.tat = tat + ask.count * (rush ? interval / (1 - ask.share) : interval)
      if (ask.catchUp > 0) state.last = begins
      return { granted: true, waitMs }
    },
    async pass({ bot, lane, most, asked, left, held }) {
      const now = clock()
      const state = stateOf(keyOf({ bot, lane }))
      leaveAll(state, left, now)
      for (const { id, count } of held) state.window.set(id, { count, until: now + HELD_MS })
      for (const [id, { until }] of state.window) if (until <= now) state.window.delete(id)
      for (const [granted, { id, count }] of asked.entries()) {
        if (state.pausedTo > now) return { granted, waitMs: state.pausedTo - now }
        const places = [...state.window.values()]
        const used = places.reduce((sum, place) => sum + place.count, 0)
        if (used > 0 && used + count > most)
          return { granted, waitMs: freeAt(places, used + count - most) - now }
        state.window.set(id, { count, until: now + HELD_MS })
      }
      return { granted: asked.length, waitMs: 0 }
    },
    async cut(bot, pauseMs, rate) {
      const now = clock()
      for (const what of ['all', 'paid']) {
        const state = stateOf(`${bot} ${what}`)
        if (state.pausedTo <= now) {
          state.cut = Math.max(1, effective(state, rate, now) * CUT)
          state.cutAt = now
        }
        state.pausedTo = Math.max(state.pausedTo, now + pauseMs)
      }
    },
  }
}

const keyOf = ({ bot, lane }: Pick<Ask, 'bot' | 'lane'>) => `${bot} ${lane === 'paid' ? 'paid' : 'all'}`

function leaveAll({ window, quick }: State, left: Left[], now: number): void {
  const took = left.flatMap(({ tookMs }) => (tookMs === undefined ? [] : [tookMs]))
  if (took.length > 0) quick.best = Math.min(quick.best ?? Infinity, ...took)
  const sure = quick.before === undefined ? 0 : Math.min(quick.before, quick.best ?? Infinity)
  for (const { id, count, agoMs, tookMs } of left) {
    if (tookMs === undefined) window.delete(id)
    else window.set(id, { count, until: now - agoMs + WINDOW_MS - sure })
  }
  quick.calls += left.length
  quick.since ??= now
  if (quick.best === undefined || quick.calls < QUICK_CALLS) return
  if (quick.before !== undefined && now - quick.since < QUICK_MS) return
  quick.before = quick.best
  delete quick.best
  quick.calls = 0
  quick.since = now
}

/** The moment when this many places are free. */
function freeAt(places: { count: number; until: number }[], wanted: number): number {
  let free = 0
  for (const { count, until } of places.toSorted((a, b) => a.until - b.until)) {
    free += count
    if (free >= wanted) return until
  }
  return Math.max(...places.map(({ until }) => until))
}

function forget(chats: Map<string, number>, now: number): void {
  for (const [key, tat] of chats) if (tat < now) chats.delete(key)
}
