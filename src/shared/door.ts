import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import type { Shared } from './context.ts'
import type { Db } from './db/db.ts'
import type { Bots } from './telegram/bots.ts'

/**
 * What the doors work with. Only the Balance API and the pages need the database; every other door takes things in
 * without it.
 */
export interface DoorContext extends Shared {
  db: Db
  /** The bots whose updates are taken; by default those of the settings. */
  bots?: Bots
  /** Why Telegram refuses the addresses of all bots' doors; undefined = it accepts at least one. */
  webhooksRefused?: () => string | undefined
}

/** The HTTP routes of a room. The gateway mounts them and knows nothing else about them. */
export interface Door {
  mount(app: FastifyInstance, context: DoorContext): Promise<void>
  /** The room measures its requests itself, because the gateway's hook would cost too much there. */
  measuresItself?: boolean
  /** Answers, in the room's own form, a request that fastify refuses before it knows the route. */
  early?: { below: readonly string[]; refuse(reply: FastifyReply, error: FastifyError): void }
}

/** Headers that proxies add. A caller who adds them by hand only loses rights by it. */
const PROXIED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']

/** Whether the request came through a proxy. Then it may come from anybody, whatever its socket's address is. */
export const throughProxy = (headers: Readonly<Record<string, unknown>>): boolean =>
  PROXIED.some((name) => headers[name] !== undefined)
