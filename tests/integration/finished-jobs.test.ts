import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { KEEP_DONE, keepEnded, queueNames, queueSettings } from '#shared/queue/queues.ts'
import { eventually } from '../lib/eventually.ts'
import { notice } from '../lib/puppets.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** The memory that compose gives to Redis. Half of it belongs to jobs that wait. */
const MEMORY = 300_000_000

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
})
