import { catalogue } from '#shop/jobs.ts'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { partitionProblem } from '#shared/queue/partitions.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { queueState } from '#shared/queue/states.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { startNode } from '../lib/processes.ts'
import { openStage, telegramMessage } from '../lib/puppets.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('another number of partitions', () => {
  test('F13 is refused while processes with the former number run or jobs are left; started as documented, it keeps every chat in its order', async () => {
    const stage = await openStage(await redisUrl())
    const chats = Array.from({ length: 20 }, (_, index) => index + 1)
    const add = async (producer: Producer, number: number) => {
      for (const chat of chats) await producer.add(telegramUpdate, telegramMessage(chat, number, 'slow'))
    }
    const done = (entries: number) => eventually(async () => (await stage.log()).length === entries)
    try {
      expect(await partitionProblem(stage.backend, 'test')).toBeUndefined()
      const old = await stage.puppet('updates', 'old')
      await add(stage.producer, 0)
      // A rolling deploy would start the new release beside the old one, which must be refused. Another process of
      // the old release may still start.
      await expect(stage.puppet('updates', 'too early', { partitions: 96 })).rejects.toThrow(
        'processes with 64 of them are running',
      )
      await stage.puppet('updates', 'old too').then((one) => one.kill('SIGTERM'))

      await done(2 * chats.length)
      await eventually(async () => (await queueState(stage, 'updates')).counts.active === 0)
      await old.kill('SIGTERM')
      await stage.producer.add(telegramUpdate, telegramMessage(7, 1, 'slow'), { delayMs: 3_600_000 })
      await stage.backend.close()
      const more = await openBackend({ kind: 'redis', url: stage.url }, 'test', 96)
      await eventually(async () =>
        (await partitionProblem(more, 'test'))?.includes('1 jobs are left in the 64'),
      )
      await more.redis!.del(...(await more.redis!.keys('{test:updates-*')))

      await Promise.all(['one', 'two'].map((name) => stage.puppet('updates', name, { partitions: 96 })))
      expect(await partitionProblem(more, 'test')).toBeUndefined()
      const producer = openProducer(more, catalogue)
      await add(producer, 1)
      await add(producer, 2)
      // For each eight partitions there is one more, for admins.
      expect(producer.queues.get('updates')).toHaveLength(96 + 12)
      await done(6 * chats.length)
      const log = await stage.log()
      for (const chat of chats) {
        const own = log.filter(({ key }) => Math.floor(Number(key) / 1_000) === chat)
        expect(own.map(({ key, what }) => `${Number(key) % 1_000} ${what}`)).toEqual(
          [0, 1, 2].flatMap((number) => [`${number} start`, `${number} end`]),
        )
      }
      await more.close()
    } finally {
      await stage.close()
    }
  })

  test('is refused in a sentence by the shop’s own processes; an emptied Redis, or another database in it, remembers no number', async () => {
    const [database, url, other, third] = [
      await createDatabase(),
      await redisUrl(),
      await redisUrl(),
      await redisUrl(),
    ]
    const before = await openBackend({ kind: 'redis', url }, 'tk', 32)
    const elsewhere = await openBackend({ kind: 'redis', url: other }, 'tk')
    expect(await partitionProblem(before, 'tk')).toBeUndefined()
    expect(await partitionProblem(elsewhere, 'tk')).toBeUndefined()
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: url,
      BOT_TOKEN: `1:${'A'.repeat(35)}`,
      BOTS: '',
      PORT: '0',
    }
    const start = (more: object) =>
      startNode(join(repository, 'bin/gateway.ts'), [], { env: { ...env, ...more }, cwd: repository })
    const doors = await openBackend({ kind: 'redis', url: third, doors: true }, 'tk')
    const [gateway, moved] = [
      start({}),
      start({ REDIS_URL: third, REDIS_QUEUES: JSON.stringify({ updates: other }) }),
    ]
    expect(await Promise.all([gateway.ended, moved.ended])).toEqual([1, 1])
    expect(moved.lines.join('\n')).toContain(
      'telekassa cannot use these queues: gateways are running that put the chats on other Redis servers',
    )
    expect(gateway.lines.join('\n')).toContain(
      'telekassa cannot use these queues: this release has 64 partitions of updates, and processes with 32',
    )
    await before.redis!.flushdb()
    const after = await openBackend({ kind: 'redis', url }, 'tk')
    expect(await partitionProblem(after, 'tk')).toContain('processes with 32 of them are running')
    await before.close()
    await eventually(async () => (await partitionProblem(after, 'tk')) === undefined)
    await Promise.all([doors.close(), after.close(), elsewhere.close(), database.drop()])
  })
})
