import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { BullJob, BullQueue, BullWorker } from '#shared/queue/bull.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { catalogue } from '#shop/jobs.ts'
import { telegramMessage } from './puppets.ts'
import { redisUrl } from './redis.ts'

/** Nobody looks for jobs that wait, so a job whose wake-up is lost never runs. */
export const NEVER = 3_600_000
const CHATS = 12

/** What a handler of `work` gets beside its job. */
export interface InHand {
  worker: BullWorker
  token: string | undefined
  /** Puts the job off, and throws what tells BullMQ so. */
  putOff: (afterMs: number) => Promise<void>
}

/** A partition with workers of two processes, and some chats whose updates come there. */
export interface OnePartition {
  url: string
  backends: QueueBackend[]
  producer: Producer
  part: BullQueue
  redis: NonNullable<QueueBackend['redis']>
  /** The beginning of the partition's keys. */
  base: string
  chats: number[]
  add(chat: number, number: number, options?: Parameters<Producer['add']>[2]): Promise<void>
  work(
    handle: (job: BullJob, inHand: InHand) => Promise<unknown>,
    options?: { process?: number; lookMs?: number; lockMs?: number },
  ): BullWorker
  close(): Promise<void>
}

/** Chat and number of a job. */
export const nameOf = ({ id }: Pick<BullJob, 'id'>) => {
  const number = Number(/\d+/.exec(id!)![0])
  return { chat: Math.floor(number / 1_000), number: number % 1_000 }
}

export async function openPartition(address?: string): Promise<OnePartition> {
  const url = address ?? (await redisUrl())
  const target = { kind: 'redis', url } as const
  const backends = await Promise.all([openBackend(target, 'tk'), openBackend(target, 'tk')])
  const producer = openProducer(backends[0], catalogue)
  const [part] = producer.queues.get('updates')! as [BullQueue]
  const workers: BullWorker[] = []
  const add: OnePartition['add'] = (chat, number, options) =>
    producer.add(telegramUpdate, telegramMessage(chat, number, 'x'), options)
  const chats: number[] = []
  for (let chat = 1; chats.length < CHATS; chat++) {
    await add(chat, 0)
    if ((await part.getRanges(['waiting'], 0, 0)).length === 0) continue
    chats.push(chat)
    await part.drain()
  }
  const stopping = new AbortController().signal
  return {
    url,
    backends,
    producer,
    part,
    redis: backends[0].redis!,
    base: part.toKey(''),
    chats,
    add,
    work(handle, { process = 0, lookMs = NEVER, lockMs = 3_500 } = {}) {
      const worker: BullWorker = backends[process]!.worker(
        part.name,
        (job, token) =>
          handle(job, {
            worker,
            token,
            putOff: (afterMs) => backends[process]!.putOffInOrder({ worker, job, token, afterMs, stopping }),
          }),
        { concurrency: 1, lockDuration: lockMs, stalledInterval: lookMs },
      )
      workers.push(worker)
      void worker.run()
      return worker
    },
    async close() {
      await Promise.all(workers.splice(0).map((worker) => worker.close(true)))
      await Promise.all([...producer.queues.values()].flat().map((queue) => queue.close()))
      await Promise.all(backends.map((backend) => backend.close()))
    },
  }
}
