import type { Acting } from './acts.ts'
import type { Role } from './roles.ts'

/**
 * Something that may need an admin. Its room declares it once; the bot's admin panel and the panel in a browser both show
 * it.
 */
export interface Attention {
  /** The title of its section, and the route of the admin button that opens it. */
  text: string
  route: string
  /** The role that sees it. */
  minimum: Role
  /** What waits in the bots that the admin serves. */
  waiting(admin: Looking): Promise<Waiting>
  /** The line at the top of the bot's panel, with the variable `count`. */
  waitingText?: string
  /** The place in the panel where an admin decides about it; absent = only the chat offers that. */
  opens?: string
}

/** How many things of a kind wait for an admin. */
export interface Waiting {
  count: number
  /** Since when the oldest of them waits, where people wait for an answer. */
  since?: Date | undefined
}

interface Looking extends Pick<Acting, 'app' | 'served'> {
  bot: { name: string }
}
