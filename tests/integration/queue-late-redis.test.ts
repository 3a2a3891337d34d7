import { Redis } from 'ioredis'
import { catalogue } from '#shop/jobs.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { Transient } from '#shared/errors.ts'
import type { Db } from '#shared/db/db.ts'
import { createLimit } from '#shared/limits.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { stateOfServers } from '#shared/queue/primaries.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { eventually } from '../lib/eventually.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('a process whose Redis is away (F22, F30)', () => {
  let redis: PrivateRedis
  afterAll(() => redis.stop())

  test('takes jobs as soon as Redis is there, and waits only once for one that is silent', async () => {
    redis = await startPrivateRedis()
    await redis.kill()
    const backend = await openBackend({ kind: 'redis', url: redis.url }, 'late')
    const producer = openProducer(backend, catalogue)
    const add = (updateId: number) =>
      producer.add(telegramUpdate, { bot: 'main', update: { update_id: updateId } as never })
    const taken = (updateId: number) =>
      eventually(async () => {
        await add(updateId)
        return true
      })
    try {
      await expect(add(1)).rejects.toThrow(Transient)
      await redis.start()
      await taken(2)

      const limit = createLimit(backend, { name: 'late', points: 5, seconds: 60 })
      redis.freeze()
      const refused = await measured(() => expect(add(3)).rejects.toThrow(Transient))
      // One after another: with a wait for each of them they would take ten times as long as the first.
      const next = await measured(async () => {
        for (let time = 0; time < 5; time++) expect(await limit.take('somebody')).toBe(0)
        expect(await limit.take('somebody')).toBeGreaterThan(0)
        for (const id of [4, 5]) await expect(add(id)).rejects.toThrow(Transient)
        expect(await stateOfServers(backend.servers)).toMatchObject({ some: false })
      })
      expect(next).toBeLessThan(refused)
      redis.thaw()
      await taken(6)
    } finally {
      redis.thaw()
      await backend.close()
    }
  })

  test('all queues of a process tell of one Redis that is away in one line, and of its return in another', async () => {
    await redis.kill()
    const backend = await openBackend({ kind: 'redis', url: redis.url }, 'late')
    const lines: { msg: string }[] = []
    const to = { write: (line: string) => void lines.push(JSON.parse(line) as { msg: string }) }
    const log = createLog({ level: 'info', name: 'test', to })
    const producer = openProducer(backend, catalogue)
    const context = { backend, producer, log, metrics: createMetrics(), db: undefined as unknown as Db }
    const handlers = [...catalogue.values()].map((type) => handle(type, () => Promise.resolve(done)))
    const queues = ['updates', 'checkout', 'billing'] as const
    const running = queues.map((queue) => runQueue(context, queue, handlers))
    try {
      await eventually(() => lines.length > 0)
      await redis.start()
      await eventually(() => lines.some(({ msg }) => msg === 'the server of the queues is back'))
    } finally {
      await Promise.all(running.map((one) => one.stop(1_000)))
      await backend.close()
    }
    expect(lines.map(({ msg }) => msg)).toEqual([
      'the server of the queues is away, waiting for it to come back',
      'the server of the queues is back',
    ])
  })

  test('a worker whose Redis refuses one of its commands says so once, with the reason', async () => {
    const owner = new Redis(redis.url)
    await owner.acl('SETUSER', 'narrow', 'on', '>word', '~*', '&*', '+@all', '-evalsha', '-eval')
    const url = new URL(redis.url)
    Object.assign(url, { username: 'narrow', password: 'word' })
    const backend = await openBackend({ kind: 'redis', url: url.href }, 'late')
    const producer = openProducer(backend, catalogue)
    const lines: string[] = []
    const log = createLog({ level: 'info', name: 'test', to: { write: (line) => void lines.push(line) } })
    const running = runQueue(
      { backend, producer, log, metrics: createMetrics(), db: undefined as unknown as Db },
      'updates',
      [handle(telegramUpdate, () => Promise.resolve(done))],
    )
    try {
      await eventually(() =>
        lines.some((line) => line.includes('refuses a command') && line.includes('NOPERM')),
      )
    } finally {
      await running.stop(1_000)
      await backend.close()
      owner.disconnect()
    }
    const reasons = lines.map((line) => (JSON.parse(line) as { reason?: string }).reason)
    expect(reasons).toEqual([...new Set(reasons)])
  })
})

describe.skipIf(!redisAvailable())('a worker whose Redis takes no writes (F90)', () => {
  test.each(['updates-3', 'billing'])(
    'F90 of %s asks for a job twice a second, and takes it when there is room',
    async (name) => {
      const redis = await startPrivateRedis()
      const owner = new Redis(redis.url)
      const backend = await openBackend({ kind: 'redis', url: redis.url }, 'full')
      await backend.queue(name).add('any', { v: 1, payload: {} }, { jobId: 'only' })
      await owner.config('SET', 'maxmemory', '1')
      const refused: number[] = []
      let done = false
      const worker = backend.worker(name, async () => void (done = true), { concurrency: 1 })
      worker.on('error', () => void refused.push(performance.now()))
      void worker.run()
      try {
        await eventually(() => refused.length >= 4)
        expect(refused[3]! - refused[0]!).toBeGreaterThan(1_000)
        await owner.config('SET', 'maxmemory', '0')
        await eventually(() => done)
      } finally {
        await worker.close(true)
        await backend.close()
        owner.disconnect()
        await redis.stop()
      }
    },
  )
})

async function measured(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}
