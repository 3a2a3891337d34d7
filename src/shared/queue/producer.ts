import type { BulkJobOptions } from 'bullmq'
import { Transient } from '../errors.ts'
import { storableJson } from '../storable.ts'
import { currentTrace } from '../trace/trace.ts'
import type { QueueBackend } from './backend.ts'
import type { BullQueue } from './bull.ts'
import type { OfChat } from './take-by-chats.ts'
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
  /** The traceparent that the job's trace continues; by default the one of the calling code. */
  trace?: string
}

export interface Producer {
  /** Every kind of job. A name that is read from the outbox or a queue is looked up here. */
  catalogue: Catalogue
  /**
   * Puts a job on its queue; when the promise resolves, the job is stored. The same id twice is one job.
   * @throws Transient when the queue does not answer; ZodError when the payload does not match the catalogue;
   * RangeError when it is nested too deep for JSON
   */
  add<Payload>(type: JobType<Payload>, payload: Payload, options?: AddOptions): Promise<void>
  /** Ids of the jobs that wait in this job's queue (for an ordered queue: in its partition), the newest first. */
  waiting<Payload>(type: JobType<Payload>, payload: Payload, count: number): Promise<string[]>
  /** Whether any job waits in the queue, in any partition, paused or not. */
  someWait(name: QueueName): Promise<boolean>
  /** @throws when the queue, or one of its partitions, takes no jobs now */
  answers(name: QueueName): Promise<void>
  /** Every BullMQ queue behind the names: an ordered queue is many. */
  queues: ReadonlyMap<QueueName, BullQueue[]>
}

/** @param secrets seal the jobs of kinds that need a seal; without them workers do not believe such jobs */
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
        await queueOf(type, payload).add(type.name, envelope, {
          ...jobOptions(type, envelope, options.id ?? type.id(payload), options.delayMs),
          ...(type.orderKey && ({ chat: type.orderKey(payload) } satisfies OfChat)),
        })
      } catch (error) {
        if (error instanceof RangeError) throw error
        // Redis is away while a handler enqueues: the handler's job is run again in a second and loses no try.
        throw new Transient(`the queue ${type.queue} does not take jobs`, {
          cause: error,
          retryAfterMs: 1_000,
        })
      }
    },
  }
}

/** The typical size of an update: a press of a button together with the message that holds it. */
const UPDATE_BYTES = 2_000
/** About as many partitions share the memory that a queue may keep for failed jobs. */
const SHARED_BY = 64

/**
 * BullMQ's own scripts, which know nothing of chats, take one job of a partition at a time over all processes (BullMQ's
 * global concurrency). They run where a job fails, and on PostgreSQL.
 */
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
  // To serialise an update once more only for its size would cost the door a tenth of its time; a done update is not
  // kept anyway. So a typical size is assumed.
  const bytes = settings.ordered ? UPDATE_BYTES : JSON.stringify(envelope).length
  return {
    jobId,
    attempts: type.attempts,
    backoff: { type: 'exponential', delay: type.backoffMs, jitter: 0.5 },
    ...keepEnded(settings, bytes, settings.ordered ? SHARED_BY : 1),
    ...(delayMs > 0 && { delay: delayMs }),
  }
}
