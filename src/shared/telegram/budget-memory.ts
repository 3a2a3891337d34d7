import { CUT, RECOVERY_PER_SECOND, WINDOW_MS } from './budget-rules.ts'
import type { Ask, BudgetStore } from './budget-store.ts'

interface State {
  tat: number
  adminsTat: number
  cut?: number
  cutAt: number
  pausedTo: number
  /** A mailing's messages of the last second, the latest last. */
  window: { id: string; at: number }[]
  slots: number
}

/** Chats are forgotten when there are this many: a mailing writes to each only once. */
const MANY_CHATS = 50_000

/** The same arithmetic as the scripts, for one process. @param clock ms, monotonic */
export function memoryStore(clock: () => number = () => performance.now()): BudgetStore {
  const states = new Map<string, State>()
  const chats = new Map<string, number>()
  const stateOf = (key: string): State => {
    const known = states.get(key)
    if (known) return known
    const fresh = { tat: 0, adminsTat: 0, cutAt: 0, pausedTo: 0, window: [], slots: 0 }
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
      const tat = Math.max(state.tat, now - ask.burst * interval)
      const before = ask.most > 0 ? state.window.at(-Math.max(1, ask.most - ask.count + 1)) : undefined
      const last = ask.most > 0 ? state.window.at(-1) : undefined
      const begins = Math.max(now, tat, before ? before.at + WINDOW_MS : 0, last ? last.at + interval / 2 : 0)
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
      if (ask.most === 0) return { granted: true, waitMs }
      // Never that of a slot in Redis, for which this store may stand in.
      const id = `memory ${++state.slots}`
      const parts = Array.from({ length: ask.count }, () => ({ id, at: begins }))
      state.window = inOrder([...state.window, ...parts]).slice(-ask.most)
      return { granted: true, waitMs, id }
    },
    async late(ask, id, ms) {
      const state = stateOf(keyOf(ask))
      state.window = inOrder(state.window.map((one) => (one.id === id ? { id, at: one.at + ms } : one)))
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

const inOrder = (window: State['window']) => window.toSorted((a, b) => a.at - b.at)

function forget(chats: Map<string, number>, now: number): void {
  for (const [key, tat] of chats) if (tat < now) chats.delete(key)
}
