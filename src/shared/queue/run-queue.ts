import { setTimeout as sleep } from 'node:timers/promises'
import { DelayedError } from 'bullmq'
import { explain } from '../errors.ts'
import { markerOf } from './outbox.ts'
import type { QueueServer } from './queue-server.ts'
import type { BullWorker } from './bull.ts'
import { createCrew } from './crew.ts'
import type { Crew } from './crew.ts'
import { execute } from './executor.ts'
import type { ExecutorContext, Handler, Workplace } from './executor.ts'
import { watchLocks } from './held.ts'
import type { PutOff } from './bull.ts'
import type { OfChat } from './take-by-chats.ts'
import { KEEP_EVENTS, RENEWED_AT, bullNames, queueSettings } from './queues.ts'
import type { QueueName } from './queues.ts'
import type { Taking } from './standing.ts'
import { STRAYS_MS, leftElsewhere, takeStrays, wasDoneElsewhere } from './strays.ts'

const AWAY_MS = 1_000
/** How long a job waits before this process looks again whether an earlier run of its chat has ended. */
const CHAT_BUSY_MS = 1_000
/** Servers that this process has told to be away. */
const away = new WeakSet<QueueServer>()

export interface RunningQueue extends Taking {
  /**
   * Takes no more jobs, waits for the running ones up to the deadline and leaves the rest: other workers take those
   * when their locks end.
   */
  stop(deadlineMs: number): Promise<void>
}

/**
 * Works on one queue with the handlers of its jobs.
 * @throws when a kind of job of this queue has no handler: a process is complete or refuses to start
 */
export function runQueue(context: ExecutorContext, queue: QueueName, handlers: Handler[]): RunningQueue {
  const byName = new Map(
    handlers.filter(({ type }) => type.queue === queue).map((one) => [one.type.name, one]),
  )
  for (const type of context.producer.catalogue.values()) {
    if (type.queue === queue && !byName.has(type.name))
      throw new Error(`no handler for ${type.name} on ${queue}`)
  }
  const stopping = new AbortController()
  const settings = queueSettings[queue]
  const markDone = markerOf(context.db)
  const refusals = tellRefusals(context, queue)
  const heldUp = new Map<string, number>()
  const chatsAtWork = new Map<string, () => boolean>()
  const stopped = { stopping: stopping.signal }
  const place = { context, queue, settings, byName, markDone, refusals, heldUp, chatsAtWork, ...stopped }
  // The counter must exist at 0 before its first event; otherwise the alert would not see the rise from nothing to 1.
  context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }, 0)
  const { backend, log } = context
  const names = bullNames(queue, backend.partitions)
  const crew = createCrew(log, queue)
  const starting = [...Map.groupBy(names, (name) => backend.home(name))].map(([server, some]) =>
    start(place, server, some, crew),
  )
  const strays = takeStrays({ backend, log, queue, names, stopping: stopping.signal }, (server, name) =>
    crew.join(startWorker(place, name, server)),
  )
  return {
    rest: () => crew.rest(),
    goOn: () => crew.goOn(),
    async stop(deadlineMs) {
      stopping.abort()
      await Promise.all([...starting, strays])
      await crew.stop(deadlineMs)
    },
  }
}

interface WorkerPlace extends Omit<Workplace, 'worker'> {
  refusals: (error: Error) => void
  /** The chats that this process has in hand, each with whether its run still has the job. */
  chatsAtWork: Map<string, () => boolean>
}

/**
 * Other parts tell that a server is away. But a command that a server refuses, for example for want of a right, is
 * refused for ever, and nothing else would tell of it; so the log says it, once for each reason.
 */
function tellRefusals({ backend, log }: ExecutorContext, queue: QueueName): (error: Error) => void {
  const told = new Set<string>()
  return (error) => {
    const reason = explain(error)
    if (error.name !== 'ReplyError' || backend.isAway(error))
      return log.debug({ queue, reason }, 'the server of a queue does not answer, its worker waits')
    if (told.has(reason)) return
    told.add(reason)
    log.error({ queue, reason }, 'the server of a queue refuses a command of its worker')
  }
}

/** Starts the workers of those BullMQ queues of a name that belong to one server, as soon as it answers. */
async function start(place: WorkerPlace, server: QueueServer, names: string[], crew: Crew): Promise<void> {
  const { context, queue, stopping } = place
  const again = (ms: number) => sleep(ms, undefined, { signal: stopping }).catch(() => {})
  while (!stopping.aborted) {
    try {
      await makeReady(place, server, names)
      if (away.delete(server)) context.log.info({ server: server.place }, 'the server of the queues is back')
      break
    } catch (error) {
      const reason = explain(error)
      // All queues of a process ask the same server every second, so one line tells of it.
      context.log[away.has(server) ? 'debug' : 'warn'](
        { queue, server: server.place, reason },
        'the server of the queues is away, waiting for it to come back',
      )
      away.add(server)
      await again(AWAY_MS)
    }
  }
  let waiting = names
  // Jobs that were put on another server earlier are older. So a partition starts here only when nothing of it is left
  // there; otherwise a chat would lose its order.
  while (!stopping.aborted && place.settings.ordered && waiting.length > 0) {
    const left = await leftElsewhere(context, server, waiting)
    for (const name of waiting) if (!left.has(name)) crew.join(startWorker(place, name))
    waiting = waiting.filter((name) => left.has(name))
    if (waiting.length > 0) await again(STRAYS_MS)
  }
  if (!stopping.aborted) for (const name of waiting) crew.join(startWorker(place, name))
}

/**
 * Waits until the queue answers: a BullMQ worker that is made while its PostgreSQL is away never starts. It also
 * limits what BullMQ's own scripts take of a partition to one job at a time over all processes (its global concurrency).
 * @throws when the queue is away
 */
async function makeReady({ settings }: WorkerPlace, server: QueueServer, names: string[]): Promise<void> {
  await server.ping()
  const queues = names.map((name) => server.queue(name).on('error', () => {}))
  try {
    await Promise.all(queues.map((one) => server.keepEvents(one, KEEP_EVENTS)))
    if (settings.ordered) await Promise.all(queues.map((one) => one.setGlobalConcurrency(1)))
  } finally {
    await Promise.allSettled(queues.map((one) => one.close()))
  }
}

/** @param stray the server with leftover jobs that this worker empties; undefined for a queue's own server */
function startWorker(place: WorkerPlace, bullName: string, stray?: QueueServer): BullWorker {
  const { context, queue, settings, refusals } = place
  const worker: BullWorker = (stray ?? context.backend).worker(
    bullName,
    async (job, token) => {
      const { isHeld, letGo } = locks.took(job.id!)
      try {
        if (stray && (await wasDoneElsewhere(context.db, job))) return { ok: true }
        const run = () => execute({ ...place, worker }, { job, token, isHeld })
        return await afterEarlierRun(place, { worker, job, token, isHeld, stopping: place.stopping }, run)
      } finally {
        letGo()
      }
    },
    {
      concurrency: settings.concurrency,
      lockDuration: settings.lockMs,
      lockRenewTime: settings.lockMs * RENEWED_AT,
      stalledInterval: settings.lookMs,
      // A job must not fail because two workers died while they had it: handlers may run any number of times.
      maxStalledCount: 10,
    },
  )
  const locks = watchLocks(worker, settings.lockMs)
  worker.on('error', refusals)
  worker.on('stalled', () => context.metrics.jobs.inc({ queue, name: '', outcome: 'stalled' }))
  worker
    .run()
    .catch((error: unknown) =>
      context.log.error({ queue, reason: explain(error) }, 'the worker of a queue stopped'),
    )
  return worker
}

/**
 * A process that stood still, or whose Redis was emptied, has lost its locks, and is given jobs whose chats it still has
 * in hand. Such a job waits until the earlier run has ended or knows that its lock is gone: from then on that run calls nobody.
 * Waiting for the end would hold up the chat for as long as a call hangs, because the process that put a job off is the
 * first to take it again.
 */
async function afterEarlierRun<T>(
  { context, chatsAtWork }: Pick<WorkerPlace, 'context' | 'chatsAtWork'>,
  { isHeld, ...taken }: Omit<PutOff, 'afterMs'> & { isHeld: () => boolean },
  run: () => Promise<T>,
): Promise<T> {
  const { chat } = taken.job.opts as OfChat
  if (chat === undefined) return run()
  try {
    while (chatsAtWork.get(chat)?.()) await context.backend.putOffInOrder({ ...taken, afterMs: CHAT_BUSY_MS })
  } catch {
    // Also where the queue refused to put the job off: the job is free again when its lock ends, and has lost no try.
    throw new DelayedError()
  }
  chatsAtWork.set(chat, isHeld)
  try {
    return await run()
  } finally {
    if (chatsAtWork.get(chat) === isHeld) chatsAtWork.delete(chat)
  }
}
