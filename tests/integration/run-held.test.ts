import { expect, inject, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { isHeld } from '#shared/queue/held.ts'
import { done } from '#shared/queue/job.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { queueSettings } from '#shared/queue/queues.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { createSecrets } from '#shared/secrets.ts'
import { catalogue } from '#shop/jobs.ts'
import { atEnd } from '../lib/at-end.ts'
import { createDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { redisUrl } from '../lib/redis.ts'

test.each((inject('redisUrl') ? ['redis', 'postgres'] : ['postgres']) as ('redis' | 'postgres')[])(
  'F11 a run that takes longer than the life of its lock keeps its job, on %s',
  async (kind) => {
    const database = await createDatabase()
    const db = await openDb(database.url, { max: 5, name: 'held' })
    const target: QueueTarget =
      kind === 'redis' ? { kind, url: await redisUrl() } : { kind, url: database.url }
    const backend = await openBackend(target, 'test')
    const producer = openProducer(backend, catalogue, createSecrets(PUPPET_KEY))
    const context = { backend, db, producer, secrets: createSecrets(PUPPET_KEY), metrics: createMetrics() }
    const seen: boolean[] = []
    const running = runQueue({ ...context, log: createLog({ level: 'silent', name: 'test' }) }, 'updates', [
      handle(telegramUpdate, async () => {
        await sleep(2.5 * queueSettings.updates.lockMs)
        seen.push(isHeld())
        return done
      }),
    ])
    atEnd(async () => {
      await running.stop(1_000)
      await Promise.allSettled([...producer.queues.values()].flat().map((queue) => queue.close()))
      await backend.close()
      await db.close()
      await database.drop()
    })
    await producer.add(telegramUpdate, telegramMessage(7, 1, 'x'))
    await eventually(() => seen.length > 0)
    expect(seen).toEqual([true])
  },
)
