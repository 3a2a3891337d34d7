import type { Lane } from './budget-rules.ts'

/** What is asked of the store: everything it needs to decide, so that its two kinds decide alike. */
export interface Ask {
  bot: string
  lane: Lane
  chat: number
  count: number
  rate: number
  burst: number
  /** Of a mailing: as `burst`, while it is under way; 0 = the lane is no mailing's. */
  catchUp: number
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
}

/** Room for so many messages of a mailing that are sent at once. */
export interface Place {
  id: string
  count: number
}

/** A place whose messages Telegram answered so long ago. */
export interface Left extends Place {
  agoMs: number
  /** From the place to the answer; undefined = it was not used. */
  tookMs: number | undefined
}

/** What one process has to say about the window of a bot's mailings. */
export interface Pass {
  bot: string
  lane: Lane
  /** So many messages have a place at the same time. */
  most: number
  /** Who waits for a place, the first first. */
  asked: Place[]
  left: Left[]
  /** Calls that are still under way. */
  held: Place[]
}

/** So many of those that asked have their places; the next one asks again after `waitMs`. */
export interface Passed {
  granted: number
  waitMs: number
}

export interface BudgetStore {
  take(ask: Ask): Promise<Slot>
  pass(pass: Pass): Promise<Passed>
  /** Nothing goes for this long, and the rate falls. */
  cut(bot: string, pauseMs: number, rate: number): Promise<void>
}
