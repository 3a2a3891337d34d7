import { Queue, Worker } from 'bullmq'
import type { BulkJobOptions } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { BullJob } from '#shared/queue/bull.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { KEEP_DONE, keepEnded, queueNames, queueSettings } from '#shared/queue/queues.ts'
import type { QueueName } from '#shared/queue/queues.ts'
import { eventually } from '../lib/eventually.ts'
import { notice } from '../lib/puppets.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** The memory that compose gives to Redis. Half of it belongs to jobs that wait. */
const MEMORY = 300_000_000
/** Who holds the locks of jobs that a test takes by hand. */
const TOKEN = 'by-hand'

test('all queues together keep less of finished jobs than an eighth of the memory that compose gives to Redis', () => {
  const kept = queueNames.filter((name) => keepEnded(queueSettings[name], 0).removeOnComplete !== true)
  expect(kept.length).toBeGreaterThan(5)
  expect(kept.length * KEEP_DONE.bytes).toBeLessThan(MEMORY / 8)
})

test.each([0, 500, 10_000, 1_000_000])(
  'of jobs of %i bytes fewer are kept the larger they are, and one at least',
  (bytes) => {
    const { removeOnComplete, removeOnFail } = keepEnded(queueSettings.notices, bytes)
    const { count } = removeOnComplete as { count: number }
    expect(count).toBeGreaterThanOrEqual(1)
    expect(count === 1 || count * bytes <= KEEP_DONE.bytes).toBe(true)
    expect(removeOnFail.count).toBeLessThanOrEqual(500)
  },
)

describe.skipIf(!redisAvailable())('a real Redis', () => {
  let redis: PrivateRedis
  let backend: QueueBackend
  beforeAll(async () => {
    redis = await startPrivateRedis()
    backend = await openBackend({ kind: 'redis', url: redis.url }, 'test')
  })
  afterAll(async () => {
    await backend.close()
    await redis.stop()
  })

  test('F90 finished jobs do not fill it: after three thousand of 10 kB it holds no more than twice what they may have', async () => {
    const producer = openProducer(backend, catalogue)
    const [queue] = producer.queues.get('notices')!
    const used = async () => Number(/used_memory:(\d+)/.exec(await backend.redis!.info('memory'))![1])
    const before = await used()
    const worker = backend.worker('notices', async () => ({ ok: true }), { concurrency: 50 })
    void worker.run()
    for (let round = 0; round < 30; round++) {
      const jobs = Array.from({ length: 100 }, (_, index) => {
        const one = notice(`${round}-${index}`, 'menu')
        return producer.add(sendNotice, { ...one, params: { text: 'x'.repeat(10_000) } })
      })
      await Promise.all(jobs)
    }
    await eventually(async () => (await queue!.getJobCounts('wait', 'active')).wait === 0)
    await eventually(async () => (await queue!.getActiveCount()) === 0)
    expect(await queue!.getCompletedCount()).toBeLessThanOrEqual(KEEP_DONE.bytes / 10_000)
    expect((await used()) - before).toBeLessThan(2 * KEEP_DONE.bytes)
    await worker.close()
  })

  // BullMQ's own scripts take 10 commands to add a job and 28 to end it and take the next one.
  test('a job is added by six commands, taken by eight, and ended together with the next one taken by fifteen', async () => {
    const { add, worker, take } = onHand('exports')
    const commands = async (act: () => Promise<unknown>) => {
      await backend.redis!.config('RESETSTAT')
      await act()
      const all = (await backend.redis!.info('commandstats')).matchAll(/cmdstat_(\S+?):calls=(\d+)/g)
      return [...all].reduce(
        (sum, [, name, calls]) => sum + (name === 'config|resetstat' ? 0 : Number(calls)),
        0,
      )
    }
    // The scripts are told to Redis with their first use.
    for (const id of ['a', 'b']) await add(id)
    await (await take())!.moveToCompleted('', TOKEN, true)
    expect(await commands(() => add('c'))).toBeLessThanOrEqual(6)
    expect(await commands(() => add('c'))).toBeLessThanOrEqual(2)
    for (const id of ['d', 'e']) await add(id)
    const jobs: (BullJob | undefined)[] = []
    expect(await commands(async () => jobs.push(await take()))).toBeLessThanOrEqual(8)
    expect(await commands(() => jobs[0]!.moveToCompleted('', TOKEN, true))).toBeLessThanOrEqual(15)
    await worker.close()
  })

  test('a job that ends where no further one is taken announces what waits to other processes', async () => {
    const { queue, add, worker, take } = onHand('broadcasts')
    for (const id of ['a', 'b', 'c']) await add(id)
    const job = (await take())!
    const marker = queue.toKey('marker')
    await backend.redis!.del(marker)
    expect(await job.moveToCompleted('', TOKEN, false)).toBeUndefined()
    expect(await backend.redis!.exists(marker)).toBe(1)
    await worker.close()
  })

  test('what has a time, a pause, a priority or no lock any more is done as BullMQ does it', async () => {
    const { queue, add, worker, take, end } = onHand('images')
    await add('first')
    await queue.pause()
    expect(await take()).toBeUndefined()
    await queue.resume()
    // What is due comes behind what waits already.
    await add('due', { delay: 1 })
    await eventually(async () => Date.now() > (await queue.getJob('due'))!.timestamp + 1)
    await add('urgent', { priority: 1 })
    const first = (await take())!
    expect(first.id).toBe('first')
    await add('later', { delay: 3_600_000 })
    expect(await end(first)).toBe('due')
    expect((await take())!.id).toBe('urgent')
    expect(await take()).toBeUndefined()
    // The worker waits until then, and no longer.
    const until = (worker as unknown as { blockUntil: number }).blockUntil
    expect(Math.abs(until - (await queue.getJob('later'))!.timestamp - 3_600_000)).toBeLessThan(2)
    await add('lost')
    const lost = (await take())!
    await backend.redis!.del(`${queue.toKey('lost')}:lock`)
    await expect(end(lost)).rejects.toThrow(/lock/)
    await worker.close()
  })

  test('a job that was ended is kept with its times, is not run again, and goes when it is old or one too many', async () => {
    const { queue, add, worker, take, end, ended } = onHand('fragment')
    const keep = (age: number, count: number) => ({ removeOnComplete: { age, count } })
    for (const id of ['no-1', 'no-2', 'no-3', 'no-4']) await add(id, keep(60, 2))
    for (let job = await take(); job; job = await take()) await job.moveToCompleted('done', TOKEN, false)
    expect(await ended()).toEqual(new Set(['no-3', 'no-4']))
    const kept = (await queue.getJob('no-3'))!
    expect(kept).toMatchObject({ returnvalue: 'done', attemptsMade: 1 })
    expect(kept.finishedOn!).toBeGreaterThanOrEqual(kept.processedOn!)
    expect(kept.processedOn!).toBeGreaterThanOrEqual(kept.timestamp)
    expect(await queue.getJob('no-1')).toBeUndefined()
    await add('no-3', { ...keep(60, 2), name: 'another' })
    expect(await take()).toBeUndefined()
    expect((await queue.getJob('no-3'))!.name).toBe('test')
    // An hour passes: the moment at which each ended says so.
    await backend.redis!.zadd(queue.toKey('completed'), Date.now() - 61_000, 'no-3')
    await add('no-5', keep(60, 5))
    expect(await end((await take())!)).toBeUndefined()
    expect(await ended()).toEqual(new Set(['no-4', 'no-5']))
    expect(await backend.redis!.exists(queue.toKey('no-3'))).toBe(0)
    await worker.close()
  })

  test('a worker of a release before takes what was added, and what such a release has added or taken is ended', async () => {
    const { queue, add, worker, take, end, ended } = onHand('upkeep')
    const options = {
      connection: { host: '127.0.0.1', port: Number(new URL(redis.url).port), maxRetriesPerRequest: null },
      prefix: queue.opts.prefix!,
    }
    const before = { queue: new Queue('upkeep', options), worker: new Worker('upkeep', null, options) }
    await add('ours')
    await before.queue.add('test', {}, { jobId: 'theirs', removeOnComplete: { age: 60, count: 5 } })
    const ours = (await before.worker.getNextJob(TOKEN, { block: false }))!
    expect(ours.id).toBe('ours')
    await ours.moveToCompleted('', TOKEN, false)
    expect(await end((await take())!)).toBeUndefined()
    expect(await ended()).toEqual(new Set(['ours', 'theirs']))
    await Promise.all([before.queue.close(), before.worker.close(), worker.close()])
  })

  /** A queue without order whose jobs the test adds, takes and ends by hand. */
  function onHand(name: QueueName) {
    const queue = backend.queue(name)
    const worker = backend.worker(name, async () => {}, { concurrency: 1, lockDuration: 60_000 })
    return {
      queue,
      worker,
      add: (jobId: string, { name: kind = 'test', ...more }: BulkJobOptions & { name?: string } = {}) =>
        queue.add(kind, { v: 1, payload: {} }, { jobId, removeOnComplete: { age: 60, count: 5 }, ...more }),
      take: async () => (await worker.getNextJob(TOKEN, { block: false })) as BullJob | undefined,
      ended: async () => new Set((await queue.getCompleted()).map(({ id }) => id)),
      /** Ends a job and says which one was taken with that. */
      end: async (job: BullJob) => {
        const next = (await job.moveToCompleted('', TOKEN, true)) as unknown[] | undefined
        if (next === undefined) return ((await worker.getNextJob(TOKEN, { block: false })) as BullJob)?.id
        return (next[1] as string) || undefined
      },
    }
  }
})
