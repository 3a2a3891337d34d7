import type { JobsOptions } from 'bullmq'
import { catalogue } from '#shop/jobs.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { BullQueue, BullWorker } from '#shared/queue/bull.ts'
import { expire } from '#shop/payments/jobs.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { queueSettings } from '#shared/queue/queues.ts'
import type { QueueName } from '#shared/queue/queues.ts'
import { runnableJobs } from '#shared/queue/runnable.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())(
  'F38: a worker is restarted only for jobs that it could have taken',
  () => {
    let backend: QueueBackend
    let producer: Producer
    let release: () => void
    const countRunnable = async (of: Producer, names: QueueName[]) =>
      [...(await runnableJobs({ producer: of, backend }, names)).values()].reduce(
        (sum, count) => sum + count,
        0,
      )
    const workers: BullWorker[] = []

    /** A worker of another process, which holds every job that it takes until `release` is called. */
    function holdJobs(name: string, concurrency: number): void {
      const released = new Promise<void>((resolve) => (release = resolve))
      const worker = backend.worker(name, () => released, { concurrency })
      workers.push(worker)
      void worker.run()
    }

    beforeAll(async () => {
      backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'tk')
      producer = openProducer(backend, catalogue)
    })
    afterAll(async () => {
      release?.()
      await Promise.all(workers.map((worker) => worker.close(true)))
      await Promise.all([...producer.queues.values()].flat().map((queue) => queue.close()))
      await backend.close()
    })

    test('a job that waits while nobody works on its queue', async () => {
      expect(await countRunnable(producer, ['upkeep', 'updates'])).toBe(0)
      await producer.add(expire, { at: '1' })
      expect(await countRunnable(producer, ['upkeep', 'updates'])).toBe(1)
      expect(await countRunnable(producer, ['updates'])).toBe(0)
    })

    test('not one of a queue that somebody paused', async () => {
      const [queue] = producer.queues.get('upkeep')!
      await queue!.pause()
      expect(await countRunnable(producer, ['upkeep'])).toBe(0)
      await queue!.resume()
      expect(await countRunnable(producer, ['upkeep'])).toBe(1)
    })

    test('not one behind as many long jobs as a process has room for', async () => {
      const { concurrency } = queueSettings.upkeep
      for (let at = 2; at <= concurrency + 3; at++) await producer.add(expire, { at: String(at) })
      holdJobs('upkeep', concurrency)
      const [queue] = producer.queues.get('upkeep')!
      await eventually(async () => (await queue!.getActiveCount()) === concurrency)
      expect(await queue!.getWaitingCount()).toBe(3)
      expect(await countRunnable(producer, ['upkeep'])).toBe(0)
    })

    test('not one of a chat whose partition another process is working on', async () => {
      const queue = producer.queues.get('updates')![7]!
      const data = { v: 1 as const, payload: {} }
      await queue.add('any', data)
      await queue.add('any', data)
      expect((await runnableJobs({ producer, backend }, ['updates'])).get('updates-7')).toBe(2)
      await queue.setGlobalConcurrency(1)
      holdJobs(queue.name, 1)
      await eventually(async () => (await queue.getActiveCount()) === 1)
      expect(await countRunnable(producer, ['updates'])).toBe(0)
    })

    test('one behind a job at work that has no lock, which nobody works on and no look returns', async () => {
      const queue = producer.queues.get('updates')![11]!
      for (const jobId of ['one', 'two']) await queue.add('any', { v: 1, payload: {} }, { jobId })
      const { redis } = backend
      await redis!.rpoplpush(queue.toKey('wait'), queue.toKey('active'))
      await redis!.set(`${queue.toKey('one')}:lock`, 'token', 'PX', 60_000)
      expect(await countRunnable(producer, ['updates'])).toBe(0)
      await redis!.del(`${queue.toKey('one')}:lock`)
      expect(await countRunnable(producer, ['updates'])).toBe(1)
      await redis!.del(queue.toKey('wait'))
    })

    test('not one that is put off for longer than a worker may stand still, nor those of its chat; those of other chats', async () => {
      const queue = producer.queues.get('updates')![9]!
      const add = (jobId: string, chat: string) =>
        queue.add('any', { v: 1, payload: {} }, { jobId, chat } as JobsOptions)
      await add('first', 'main 1')
      expect(await countRunnable(producer, ['updates'])).toBe(1)
      const stopping = new AbortController().signal
      const worker: BullWorker = backend.worker(
        queue.name,
        (job, token) => backend.putOffInOrder({ worker, job, token, afterMs: 3_600_000, stopping }),
        { concurrency: 1 },
      )
      void worker.run()
      await eventually(() => isPutOff(queue))
      await worker.close()
      expect(await countRunnable(producer, ['updates'])).toBe(0)
      await add('second', 'main 1')
      expect(await countRunnable(producer, ['updates'])).toBe(0)
      await add('other', 'main 2')
      expect(await countRunnable(producer, ['updates'])).toBe(1)
    })

    const isPutOff = async (queue: BullQueue) =>
      (await backend.redis!.hexists(queue.toKey('first'), 'due')) === 1 &&
      (await queue.getWaitingCount()) === 1
  },
)
