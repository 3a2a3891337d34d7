import { catalogue } from '#shop/jobs.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { Transient } from '#shared/errors.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { eventually } from '../lib/eventually.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('a process that starts while Redis is away (F22, F30)', () => {
  let redis: PrivateRedis
  afterAll(() => redis.stop())

  test('takes jobs as soon as Redis is there, without a restart', async () => {
    redis = await startPrivateRedis()
    await redis.kill()
    const backend = await openBackend({ kind: 'redis', url: redis.url }, 'late')
    const producer = openProducer(backend, catalogue)
    const add = (updateId: number) =>
      producer.add(telegramUpdate, { bot: 'main', update: { update_id: updateId } as never })
    try {
      await expect(add(1)).rejects.toThrow(Transient)
      await redis.start()
      await eventually(async () => {
        await add(2)
        return true
      })
    } finally {
      await backend.close()
    }
  })
})
