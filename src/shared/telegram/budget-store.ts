import type { Lane } from './budget-rules.ts'

/** What is asked of the store: everything it needs to decide, so that its two kinds decide alike. */
export interface Ask {
  bot: string
  lane: Lane
  chat: number
  count: number
  /** Messages in any `WINDOW_MS`; 0 = they are not counted. */
  most: number
  rate: number
  burst: number
  aheadMs: number
  /** With this much given away, ms, the admins' share begins. */
  rushMs: number
  share: number
  /** 0 = no admin asks. */
  adminsBurst: number
  chatIntervalMs: number
  chatBurst: number
}

/** granted: the slot begins in `waitMs`; otherwise ask again after `waitMs`. */
export interface Slot {
  granted: boolean
  waitMs: number
  /** Not granted because this one chat had enough, while others may go. */
  chatOnly?: boolean
  /** Of a mailing's slot: what to call it when it is used late. */
  id?: string
}

export interface BudgetStore {
  take(ask: Ask): Promise<Slot>
  /** The messages of a slot went this much later than it began. */
  late(ask: Pick<Ask, 'bot' | 'lane' | 'count'>, id: string, ms: number): Promise<void>
  /** Nothing goes for this long, and the rate falls. */
  cut(bot: string, pauseMs: number, rate: number): Promise<void>
}
