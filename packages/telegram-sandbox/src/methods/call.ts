import type { Params } from '../params.ts'
import type { Bot, World } from '../store.ts'

/** One Bot API call while it is worked on. */
export interface Call {
  world: World
  bot: Bot
  p: Params
  /** Aborted when the caller closes the connection. */
  gone: AbortSignal
}

/** Returns what goes into `result`; refuses by throwing an ApiError. */
export type Method = (call: Call) => unknown
