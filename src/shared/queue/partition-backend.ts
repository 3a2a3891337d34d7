import { createHash } from 'node:crypto'
import { DelayedError, Queue, Worker, raw2NextJobData } from 'bullmq'
import type { JobType, MinimalJob, MoveToDelayedOpts } from 'bullmq'
import type { Redis } from 'ioredis'
import type { BullQueue, BullWorker, Processor, PutOff, WorkerTuning } from './bull.ts'
import { openMarkers } from './markers.ts'
import type { Markers } from './markers.ts'
import { PARTITION_SCRIPTS } from './partition-scripts.ts'
import { waitIfRefused } from './redis-errors.ts'
import { ScriptedBackend, defineScripts } from './scripted-backend.ts'
import type { Adding, BackendOptions, Completing, Ended } from './scripted-backend.ts'
import { AT_ONCE, BY_CHATS } from './take-by-chats.ts'
import type { OfChat } from './take-by-chats.ts'

// An ordered queue is 64 BullMQ queues, its partitions. A process waits for all of them with one connection and looks
// at all with one script, not 64.

/**
 * BullMQ's own worker of a partition looks this rarely: our look at all partitions finds jobs whose marker was lost.
 */
const LOOK_BY_ITSELF_S = 3_600
/**
 * After one process looked, no other process looks for this share of the interval. With 1.0 the process's own next
 * look would come too early and be skipped.
 */
const LOOK_COUNTS = 0.9
/** A look without an answer for this long keeps no longer from the next one: its connection has been left by then. */
const LOOK_MS = 20_000
/** The clocks of this process and of Redis are read a moment apart, so a job may be due this much later. */
const LATER_MS = 10
/** What BullMQ reads as "there is no job now". */
const NOTHING = [null, '', 0, 0] as const
/** The one script of many partitions. */
const LOOK = 'lookAtPartitions'

const chatOf = ([, job]: Adding): string => (job.opts as OfChat).chat ?? ''

class PartitionBackend extends ScriptedBackend<Exclude<keyof typeof PARTITION_SCRIPTS, typeof LOOK>> {
  readonly #markers: Markers | undefined
  /**
   * Whether there may be something to take. BullMQ asks for a next job after each that it got; here whoever adds one, ends
   * one or looks at all partitions says by a marker when asking is worth a call.
   */
  #mayTake = true

  /** @param markers for workers: all of them wait together */
  constructor(redis: Redis, name: string, opts: BackendOptions, markers?: Markers) {
    super(redis, name, opts)
    this.#markers = markers
    markers?.watch(this.keys['marker']!)
  }

  protected override addStandardJob(...adding: Adding): Promise<string | number> {
    return this.addBy('addToPartition', adding, chatOf(adding)) ?? super.addStandardJob(...adding)
  }

  protected override addDelayedJob(...adding: Adding): Promise<string | number> {
    const { delay = 0 } = adding[1].opts
    const added = this.addBy('addDelayedToPartition', adding, chatOf(adding), delay)
    return added ?? super.addDelayedJob(...adding)
  }

  override async getRanges(types: JobType[], start = 0, end = 1, asc = false): Promise<[string][]> {
    const [type, ...others] = types
    if (type !== 'waiting' || others.length > 0 || asc) return super.getRanges(types, start, end, asc)
    const ids = await (await this.client).lrange(this.keys['wait']!, start, end)
    return [ids as [string]]
  }

  override async moveToActive(token: string): Promise<unknown[]> {
    return this.#mayTake ? this.#take(token, true) : [...NOTHING]
  }

  /** @param fromRest nothing ended just now: if nothing is in hand either, the partition was idle */
  async #take(token: string, fromRest: boolean): Promise<unknown[]> {
    this.#mayTake = false
    this.#markers?.forget(this.keys['marker']!)
    try {
      const taken = await waitIfRefused(this.run('takeFromPartition', token, this.lockMs, fromRest ? 1 : 0))
      return raw2NextJobData(taken as unknown[])
    } catch (error) {
      this.#mayTake = true
      throw error
    }
  }

  /** Lets go of a job until its time. If its lock is lost, nothing is done: whoever has the job now decides. */
  async putOff(id: string, token: string, afterMs: number, asTry = false): Promise<void> {
    const ms = Math.ceil(afterMs)
    await this.run('putOffInPartition', id, token, ms, asTry ? 1 : 0)
    // If this process is gone by then, the look at all partitions finds the job.
    setTimeout(() => this.#markers?.tell(this.keys['marker']!), ms + LATER_MS).unref()
  }

  override async moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    returnValue: R,
    remove: Completing[2],
    token: string,
    fetchNext: boolean,
  ): Ended {
    // BullMQ's own script handles what ours cannot: a job of an older release with other options, and a job whose lock
    // is lost.
    const itsWay = () =>
      this.#thenTake(super.moveToCompleted(job, returnValue, remove, token, false), token, fetchNext)
    if (remove !== true) return itsWay()
    if (fetchNext) this.#markers?.forget(this.keys['marker']!)
    const next = await this.run('endInPartition', job.id!, token, this.lockMs, fetchNext ? 1 : 0)
    if (Number(next) < 0) return itsWay()
    return { result: raw2NextJobData(next as unknown[]), finishedOn: Date.now() }
  }

  override moveToFailed<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    reason: string,
    remove: Completing[2],
    token: string,
    fetchNext: boolean,
    fields?: Record<string, unknown>,
  ): Ended {
    return this.#thenTake(super.moveToFailed(job, reason, remove, token, false, fields), token, fetchNext)
  }

  /** For errors that nobody expected. BullMQ's own script lets later jobs of the chat go first. */
  override async moveToDelayed(
    id: string,
    _timestamp: number,
    afterMs: number,
    token = '0',
    { skipAttempt = false, fetchNext = false }: MoveToDelayedOpts = {},
  ): Promise<void | unknown[]> {
    await this.putOff(id, token, afterMs, !skipAttempt)
    if (fetchNext) return this.#take(token, false).catch(() => undefined)
  }

  /** BullMQ's scripts end the job but do not take the next one: they know nothing of chats, nor of jobs that are put off. */
  async #thenTake(ending: Ended, token: string, fetchNext: boolean): Ended {
    const { finishedOn } = await ending
    // The job has ended, whatever becomes of this call; without an answer the worker asks again.
    const result = fetchNext ? await this.#take(token, false).catch(() => undefined) : undefined
    return { result, finishedOn }
  }

  override async waitForJob(blockTimeout: number): Promise<{ member: string; score: number } | null> {
    const came = await this.#markers!.next(this.keys['marker']!, blockTimeout * 1000)
    this.#mayTake = true
    return came ? { member: '0', score: 0 } : null
  }

  override async disconnectBlocking(): Promise<void> {
    this.#markers?.leave(this.keys['marker']!)
  }

  override async close(force?: boolean): Promise<void> {
    this.#markers?.leave(this.keys['marker']!)
    await super.close(force)
  }

  override async reconnectBlocking(): Promise<void> {
    this.#markers?.watch(this.keys['marker']!)
  }
}

/**
 * Puts a job off until its time; jobs of its chat wait behind it, all others go on.
 * @throws what tells BullMQ that the job went back to its queue
 */
export async function putOffInPartition({ worker, job, token, afterMs }: PutOff): Promise<never> {
  await (worker.backend as PartitionBackend).putOff(job.id!, token!, afterMs)
  throw new DelayedError()
}

export interface Partitions {
  queue(name: string, opts: BackendOptions): BullQueue
  worker(name: string, process: Processor, opts: WorkerTuning & { prefix: string }): BullWorker
}

/**
 * @param consumer for workers; `producer` for queues
 * @param connect opens the waiting connection
 * @param row its key lets one process at a time look at all partitions. If processes may differ about which partitions
 * are theirs (`shared`), each set of partitions has a key of its own; otherwise some partitions would be looked at by
 * nobody
 */
export function openPartitions(
  { producer, consumer }: { producer: Redis; consumer: Redis },
  connect: () => Redis,
  row: { key: string; shared: boolean },
): Partitions {
  for (const redis of [producer, consumer]) defineScripts(redis, PARTITION_SCRIPTS, LOOK)
  const markers = openMarkers(connect)
  /** Workers by the prefix of their keys in Redis. */
  const workers = new Map<string, BullWorker>()
  let timer: NodeJS.Timeout | undefined
  /** When the look began that has no answer yet. */
  let lookedAt: number | undefined

  async function look(everyMs: number, maxStalled: number, lockMs: number): Promise<void> {
    const now = performance.now()
    if (lookedAt !== undefined && now - lookedAt < LOOK_MS) return
    lookedAt = now
    const bases = [...workers.keys()].toSorted()
    const key = row.shared ? `${row.key}:${createHash('sha1').update(bases.join()).digest('hex')}` : row.key
    const args = [Math.ceil(everyMs * LOOK_COUNTS), Date.now(), maxStalled, lockMs]
    try {
      const scripts = consumer as unknown as Record<string, (...args: unknown[]) => Promise<string[]>>
      const stalled = await scripts[LOOK]!(bases.length + 1, key, ...bases, ...args)
      for (let at = 0; at < stalled.length; at += 2) {
        workers.get(stalled[at]!)?.emit('stalled', stalled[at + 1]!, 'active')
      }
    } catch (error) {
      // If Redis is away now, the next look finds the same jobs.
      workers
        .values()
        .next()
        .value?.emit('error', error as Error)
    } finally {
      if (lookedAt === now) lookedAt = undefined
    }
  }

  return {
    queue: (name, opts) =>
      new Queue(
        name,
        { ...opts, connection: producer },
        () => new PartitionBackend(producer, name, opts),
      ) as BullQueue,
    worker(name, process, opts) {
      const all = {
        ...opts,
        concurrency: AT_ONCE,
        connection: consumer,
        autorun: false,
        skipStalledCheck: true,
        drainDelay: LOOK_BY_ITSELF_S,
      }
      const worker = new Worker(name, process, all, (_, given) => {
        return new PartitionBackend(consumer, name, { ...given, prefix: opts.prefix }, markers)
      }) as BullWorker
      Object.assign(worker, { id: worker.id + BY_CHATS })
      const base = worker.toKey('')
      // A paused process must not take markers: they are meant for processes that take jobs.
      const marker = worker.toKey('marker')
      worker.on('paused', () => markers.leave(marker))
      worker.on('resumed', () => markers.watch(marker))
      workers.set(base, worker)
      const { stalledInterval = 30_000, maxStalledCount = 1, lockDuration = 30_000 } = opts
      timer ??= setInterval(() => void look(stalledInterval, maxStalledCount, lockDuration), stalledInterval)
      worker.once('closing', () => {
        workers.delete(base)
        if (workers.size > 0) return
        clearInterval(timer)
        timer = undefined
      })
      return worker
    },
  }
}
