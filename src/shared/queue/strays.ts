import { setTimeout as sleep } from 'node:timers/promises'
import { explain } from '../errors.ts'
import type { Sql } from '../db/db.ts'
import type { Log } from '../log.ts'
import type { QueueBackend } from './backend.ts'
import type { QueueServer } from './queue-server.ts'
import type { BullJob } from './bull.ts'
import type { QueueName } from './queues.ts'
import { queueSql } from './tables.ts'

// A stray is a job on a server to which its queue belonged before REDIS_QUEUES was changed. Strays are done where they
// are.

/** How often a process looks for strays: one command for each other server. */
export const STRAYS_MS = 2_000

interface Whose {
  backend: QueueBackend
  log: Log
  queue: QueueName
  /** The names of the BullMQ queues behind the queue's name. */
  names: string[]
  stopping: AbortSignal
}

/**
 * Looks on every server for jobs of queues that belong to another server.
 * @param take starts a worker for such a queue, once
 */
export async function takeStrays(
  { backend, log, queue, names, stopping }: Whose,
  take: (server: QueueServer, name: string) => void,
): Promise<void> {
  if (backend.servers.length === 1) return
  const taken = new Set<string>()
  while (!stopping.aborted) {
    for (const server of backend.servers) {
      const { place } = server
      const others = names.filter((name) => backend.home(name) !== server && !taken.has(`${place} ${name}`))
      // A server that is away is looked at when it is back.
      const found = await server.unfinished(others).catch(() => [])
      if (stopping.aborted) return
      if (found.length > 0)
        log.info(
          { queue, server: place, partitions: found.length },
          'jobs of a moved queue are done where they are',
        )
      for (const name of found) {
        taken.add(`${place} ${name}`)
        take(server, name)
      }
    }
    await sleep(STRAYS_MS, undefined, { signal: stopping }).catch(() => {})
  }
}

/** The partitions of this server that have jobs left on another server. A server that is away is not waited for. */
export async function leftElsewhere(
  { backend, log }: Pick<Whose, 'backend' | 'log'>,
  home: QueueServer,
  names: string[],
): Promise<Set<string>> {
  const others = backend.servers.filter((server) => server !== home)
  const left = await Promise.all(
    others.map((server) =>
      server.unfinished(names).catch((error: unknown) => {
        const reason = explain(error)
        log.warn({ server: server.place, reason }, 'a Redis is away: which jobs it still holds is unknown')
        return []
      }),
    ),
  )
  return new Set(left.flat())
}

/** Whether the job was owed again while its server was away, and then done at its queue's new server. */
export async function wasDoneElsewhere(sql: Sql, { id, data }: BullJob): Promise<boolean> {
  const { outboxKey } = data
  if (!outboxKey) return false
  try {
    const [row] = await sql.rows(
      queueSql.selectFrom('outbox').select(['state', 'enqueued']).where('key', '=', outboxKey),
    )
    const delivery = id === outboxKey ? 0 : Number(id!.slice(outboxKey.length + 1))
    return row !== undefined && (row.state === 'done' || row.state === 'dead' || delivery < row.enqueued - 1)
  } catch {
    // The database is away: the job runs and decides by itself.
    return false
  }
}
