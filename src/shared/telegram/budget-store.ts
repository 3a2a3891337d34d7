import type { Lane } from './budget-rules.ts'

/** A question to the store, with everything the store needs to decide, so that both kinds of store decide alike. */
export interface Ask {
  bot: string
  lane: Lane
  chat: number
  count: number
  rate: number
  burst: number
  /** Like `burst`, for a mailing that is under way; 0 = the lane is no mailing's. */
  catchUp: number
  aheadMs: number
  /** When slots are given away this far ahead, ms, the admins' share begins. */
  rushMs: number
  share: number
  /** 0 = the call is not for an admin. */
  adminsBurst: number
  chatIntervalMs: number
  chatBurst: number
}

/** granted: the slot begins in `waitMs`; not granted: ask again after `waitMs`. */
export interface Slot {
  granted: boolean
  waitMs: number
  /** The slot was refused only because this chat got too many messages; other chats may go on. */
  chatOnly?: boolean
}

/** Room for this many messages of a mailing that are sent together. */
export interface Place {
  id: string
  count: number
}

/** A place whose messages Telegram has answered, with the time since then. */
export interface Left extends Place {
  agoMs: number
  /** From taking the place to the answer, ms; undefined = the place was not used. */
  tookMs: number | undefined
}

/** What one process reports and asks about the window of a bot's mailings. */
export interface Pass {
  bot: string
  lane: Lane
  /** The number of messages that may have a place at the same time. */
  most: number
  /** The requests that wait for a place, the oldest first. */
  asked: Place[]
  left: Left[]
  /** Calls that are still under way. */
  held: Place[]
}

/** How many of the requests got their places; the next one asks again after `waitMs`. */
export interface Passed {
  granted: number
  waitMs: number
}

export interface BudgetStore {
  take(ask: Ask): Promise<Slot>
  pass(pass: Pass): Promise<Passed>
  /** For this long nothing is sent, and afterwards the rate is lower. */
  cut(bot: string, pauseMs: number, rate: number): Promise<void>
}
