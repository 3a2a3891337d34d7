import type { BulkJobOptions } from 'bullmq'
import { Transient } from '../errors.ts'
import { storableJson } from '../storable.ts'
import { currentTrace } from '../trace/trace.ts'
import type { QueueBackend } from './backend.ts'
import type { BullQueue } from './bull.ts'
import type { Secrets } from '../secrets.ts'
import type { Catalogue, Envelope, JobType } from './job.ts'
import { sealOf } from './seal.ts'
import { bullNames, keepEnded, queueNames, queueSettings } from './queues.ts'
import type { QueueName, QueueSettings } from './queues.ts'

export interface AddOptions {
  /** Milliseconds until the job may run. */
  delayMs?: number
  /** Replaces the job's own id; the outbox numbers its deliveries. */
  id?: string
  outboxKey?: string
  /** The traceparent from which the job's trace goes on; by default that of the code that adds the job. */
  trace?: string
}

export interface Producer {
  /** Every kind of job there is: what a name in the outbox or in a queue stands for. */
  catalogue: Catalogue
  /**
   * Puts a job on its queue; it is there for good when this resolves. The same id twice is one job.
   * @throws Transient when the queue does not answer; ZodError when the payload is not what the catalogue says;
   * RangeError when it is nested too deep for JSON
   */
  add<Payload>(type: JobType<Payload>, payload: Payload, options?: AddOptions): Promise<void>
  /** Ids of jobs that wait in the queue (of an ordered one: in the partition) of this job, the newest first. */
  waiting<Payload>(type: JobType<Payload>, payload: Payload, count: number): Promise<string[]>
  /** Whether a job waits in the queue, in whichever partition, paused or not. */
  someWait(name: QueueName): Promise<boolean>
  /** @throws when the queue, or one of its partitions, does not take jobs now */
  answers(name: QueueName): Promise<void>
  /** Every BullMQ queue behind the names: an ordered queue is many. */
  queues: ReadonlyMap<QueueName, BullQueue[]>
}

/** @param secrets seal what says by itself what happened; without them nobody believes it */
export function openProducer(
  backend: QueueBackend,
  catalogue: Catalogue,
  secrets?: Pick<Secrets, 'sign'>,
): Producer {
  const queues = new Map<QueueName, BullQueue[]>()
  for (const name of queueNames) {
    queues.set(
      name,
      bullNames(name, backend.partitions).map((bullName) => backend.queue(bullName).on('error', () => {})),
    )
  }
  function queueOf<Payload>(type: JobType<Payload>, payload: Payload): BullQueue {
    const parts = queues.get(type.queue)!
    if (parts.length === 1) return parts[0]!
    const key = type.orderKey!(payload)
    const common = backend.partitions
    if (!type.ofAdmin?.(payload)) return parts[partition(key, common)]!
    return parts[common + partition(key, parts.length - common)]!
  }
  return {
    catalogue,
    queues,
    async answers(name) {
      const servers = new Set(queues.get(name)!.map((queue) => backend.home(queue.name)))
      await Promise.all([...servers].map((server) => server.ping()))
    },
    waiting: (type, payload, count) => queueOf(type, payload).getRanges(['waiting'], 0, count - 1),
    someWait: (name) => backend.someWait(queues.get(name)!),
    async add(type, payload, options = {}) {
      const trace = options.trace ?? currentTrace()
      const envelope: Envelope = {
        v: 1,
        payload: storableJson(type.payload.parse(payload)),
        ...(options.outboxKey && { outboxKey: options.outboxKey }),
        ...(trace && { trace }),
      }
      if (type.sealed && secrets) envelope.seal = sealOf(secrets, type.name, envelope)
      try {
        await queueOf(type, payload).add(
          type.name,
          envelope,
          jobOptions(type, envelope, options.id ?? type.id(payload), options.delayMs),
        )
      } catch (error) {
        if (error instanceof RangeError) throw error
        // A handler that enqueues while Redis is away is run again in a second, and its job loses no try by that.
        throw new Transient(`the queue ${type.queue} does not take jobs`, {
          cause: error,
          retryAfterMs: 1_000,
        })
      }
    },
  }
}

/** Some press in a chat, with the message that it was under. */
const UPDATE_BYTES = 2_000
/** Partitions of a queue, about. */
const SHARED_BY = 64

/** Marks the partitions of ordered queues: one job at a time over all processes, by BullMQ's global concurrency. */
export async function runOneAtATime({ queues }: Pick<Producer, 'queues'>): Promise<void> {
  const ordered = queueNames.filter((name) => (queueSettings[name] as QueueSettings).ordered)
  const parts = ordered.flatMap((name) => queues.get(name)!)
  await Promise.all(parts.map((queue) => queue.setGlobalConcurrency(1)))
}

/** FNV-1a, 32 bits: spreads short keys evenly and costs a twentieth of a cryptographic hash. */
function partition(key: string, count: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % count
}

function jobOptions(
  type: Pick<JobType, 'queue' | 'attempts' | 'backoffMs'>,
  envelope: Envelope,
  jobId: string,
  delayMs = 0,
): BulkJobOptions {
  const settings: QueueSettings = queueSettings[type.queue]
  // Writing an update down once more would cost the door a tenth; it is kept only when it fails.
  const bytes = settings.ordered ? UPDATE_BYTES : JSON.stringify(envelope).length
  return {
    jobId,
    attempts: type.attempts,
    backoff: { type: 'exponential', delay: type.backoffMs, jitter: 0.5 },
    ...keepEnded(settings, bytes, settings.ordered ? SHARED_BY : 1),
    ...(delayMs > 0 && { delay: delayMs }),
  }
}
