import { expect } from 'vitest'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { createStanding } from '#shared/queue/standing.ts'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'

test('F35 a worker gives way to none whose report is of before the clock of Redis was set back by an hour', async () => {
  const backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'tk')
  atEnd(() => backend.close())
  const log = createLog({ level: 'silent', name: 'test' })
  await backend.redis!.zadd(backend.key('standing-bot'), String(Date.now() + 3_600_000), '0:gone')
  const standing = createStanding({ backend, metrics: createMetrics(), log }, 'bot', {
    database: () => Promise.reject(new Error('away')),
  })
  atEnd(() => standing.stop())
  standing.doubt('database')
  await eventually(async () => {
    const reports = await backend.redis!.zrange(backend.key('standing-bot'), '0', '-1')
    return reports.some((report) => report.startsWith('1000:'))
  })
  expect(await standing.yields()).toBe(false)
  // Another one that is better off counts as before.
  await eventually(async () => {
    await backend.redis!.zadd(backend.key('standing-bot'), String(Date.now() - 500), '0:well')
    return standing.yields()
  })
})
