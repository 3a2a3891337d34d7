import type { Context } from '#shared/context.ts'
import { explain } from '#shared/errors.ts'
import type { QueueServer } from '#shared/queue/queue-server.ts'
import { oweLost } from '#shared/queue/outbox.ts'
import { oweWiped } from '#shared/queue/wiped.ts'
import { readGauges } from './gauges.ts'
import { readBacklog, readVitals } from './vitals.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** A queued job that nobody finished within this time is owed again. It is longer than any job may take. */
const LOST_AFTER_MS = 15 * MINUTE
/**
 * After Redis was emptied, two processes may work on one chat at once, and queued jobs are missing, for at most this
 * time.
 */
const WIPED_MS = 2 * SECOND
const GAUGES_MS = 5 * SECOND

export interface Ticking {
  stop(): void
}

/**
 * Enqueues every periodic job of the catalogue. Replicas agree by the job's id, which names the time slot. A timer of
 * our own instead of BullMQ's scheduler: after the queue was emptied there is nothing to restore.
 */
export function startTicking(app: Context): Ticking {
  const refused = tellRefused(app)
  const timers = [...app.producer.catalogue.values()].flatMap((job) => {
    const { everyMs } = job
    if (everyMs === undefined) return []
    const tick = () => {
      const slot = Math.floor(Date.now() / everyMs) * everyMs
      app.producer.add(job, { at: String(slot) }).catch((error: unknown) => refused(job.name, error))
    }
    tick()
    return setInterval(tick, everyMs)
  })
  const quietly = (work: () => Promise<unknown>) => () =>
    void work().catch((error: unknown) =>
      app.log.debug({ reason: explain(error) }, 'upkeep waits for the database'),
    )
  const every = (everyMs: number, work: () => Promise<unknown>) =>
    timers.push(setInterval(quietly(work), everyMs))
  every(30 * SECOND, () => oweLost(app.db, LOST_AFTER_MS))
  every(WIPED_MS, () => healQueue(app))
  every(GAUGES_MS, () => readGauges(app))
  every(15 * SECOND, () => readVitals(app))
  every(MINUTE, () => readBacklog(app))
  return { stop: () => timers.forEach(clearInterval) }
}

/**
 * All periodic jobs are due when a process starts, and on a busy machine Redis may answer none of them in time. So a
 * server that is away is one line a minute, and so is each other reason.
 */
function tellRefused({ log, backend }: Context): (job: string, error: unknown) => void {
  const told = new Map<string, number>()
  return (job, error) => {
    const reason = explain(error)
    const why = backend.isAway(error) ? 'away' : reason
    const isTold = performance.now() - (told.get(why) ?? -MINUTE) < MINUTE
    if (!isTold) told.set(why, performance.now())
    log[isTold ? 'debug' : 'warn'](
      { job, reason },
      'periodic jobs could not be enqueued: the next ones do their work',
    )
  }
}

/** Each server is handled separately, so that one that is away does not delay the others. */
async function healQueue(app: Context): Promise<void> {
  await Promise.all(app.backend.servers.map((server) => healServer(app, server)))
}

async function healServer(app: Context, server: QueueServer): Promise<void> {
  const { db, relay, config, bots, log } = app
  const names = config.bots.map(({ name }) => name)
  const owed = await oweWiped(db, app, server, names.toSorted().join(' '), [...bots.keys()])
  if (owed === undefined) return
  log.warn(
    { owed, server: server.place },
    'Redis has lost its queues: what the database knows of is owed again',
  )
  relay.kick()
}
