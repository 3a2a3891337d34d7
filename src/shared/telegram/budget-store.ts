import type { Lane } from './budget-rules.ts'

/** What is asked of the store: everything it needs to decide, so that its two kinds decide alike. */
export interface Ask {
  bot: string
  lane: Lane
  chat: number
  count: number
  rate: number
  burst: number
  aheadMs: number
  chatIntervalMs: number
  chatBurst: number
}

/** granted: the slot begins in `waitMs`; otherwise ask again after `waitMs`. */
export interface Slot {
  granted: boolean
  waitMs: number
  /** Not granted because this one chat had enough, while others may go. */
  chatOnly?: boolean
}

export interface BudgetStore {
  take(ask: Ask): Promise<Slot>
  /** Nothing goes for this long, and the rate falls. */
  cut(bot: string, pauseMs: number, rate: number): Promise<void>
}
