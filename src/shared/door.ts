import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import type { Shared } from './context.ts'
import type { Db } from './db/db.ts'
import type { Bots } from './telegram/bots.ts'

/** What the doors work with. Only the Balance API and the pages need the database; no other door needs it to take something in. */
export interface DoorContext extends Shared {
  db: Db
  /** Whose updates are taken; those of the settings unless told. */
  bots?: Bots
  /** Why Telegram refuses the address of every bot's door; undefined = of one at least it does not. */
  webhooksRefused?: () => string | undefined
}

/** The routes of a room: what it takes in over HTTP. The gateway mounts them and knows nothing else of them. */
export interface Door {
  mount(app: FastifyInstance, context: DoorContext): Promise<void>
  /** Measures its own requests, because the gateway's hook costs too much there. */
  measuresItself?: boolean
  /** Answers, in its own form, what fastify refuses before it knows the route. */
  early?: { below: string; refuse(reply: FastifyReply, error: FastifyError): void }
}

/** What proxies add; a caller who adds them by hand only loses by it. */
const PROXIED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']

/** The request came through a proxy, so from anybody, whatever address it has. */
export const throughProxy = (headers: Readonly<Record<string, unknown>>): boolean =>
  PROXIED.some((name) => headers[name] !== undefined)
