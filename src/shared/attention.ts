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
  /** How many things of this kind wait, in the bots that the admin serves. */
  waiting(admin: Looking): Promise<number>
  /** Since when the oldest of them waits, where people wait for an answer. */
  since?(admin: Looking): Promise<Date | undefined>
  /** The line at the top of the bot's panel, with the variable `count`. */
  waitingText?: string
  /** The place in the panel where an admin decides about it; absent = only the chat offers that. */
  opens?: string
}

interface Looking extends Pick<Acting, 'app' | 'served'> {
  bot: { name: string }
}
