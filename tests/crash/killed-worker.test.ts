import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { queueNames, queueSettings } from '#shared/queue/queues.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { eventually } from '../lib/eventually.ts'
import { notice, openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * How long a killed process may keep a job that people wait for, in ms: the life of its lock, plus the time to the
 * next look at such jobs.
 */
const AT_MOST = {
  updates: 5_000,
  checkout: 5_000,
  notices: 10_000,
  billing: 10_000,
  fragment: 10_000,
  images: 10_000,
}

describe.skipIf(!redisAvailable())('a killed process (F109)', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage(await redisUrl())
  })
  afterEach(() => stage.close())

  const begin = (queue: 'updates' | 'notices', part: string) =>
    queue === 'updates'
      ? stage.producer.add(telegramUpdate, telegramMessage(7, 1, part))
      : stage.producer.add(sendNotice, notice('7001', part))
  /** The remaining lives, in ms, of the keys that end in these letters. */
  const lives = async (end: string) => {
    const keys = await stage.backend.redis!.keys(`*test:*${end}`)
    return Promise.all(keys.map((key) => stage.backend.redis!.pttl(key)))
  }
  const log = async () => (await stage.log()).map(({ what, process }) => `${what} ${process}`)

  test.each(['updates', 'notices'] as const)(
    'of %s with a job at work loses the job to another process within seconds, and the job is run to its end once',
    async (queue) => {
      const processes = { one: await stage.puppet(queue, 'one'), two: await stage.puppet(queue, 'two') }
      await begin(queue, 'hang-once')
      await eventually(async () => (await stage.log()).length === 1)
      const [held] = await stage.log()
      const [lock] = await lives(':lock')
      expect(lock).toBeGreaterThan(0)
      // The mark of a look exists only after a look, and may have expired just now, so it is awaited.
      const look = await eventually(
        async () => (await lives(queue === 'updates' ? 'look-at-partitions' : ':stalled-check'))[0],
      )
      expect(lock! + look).toBeLessThanOrEqual(AT_MOST[queue])
      await processes[held!.process as 'one' | 'two'].kill('SIGKILL')
      const other = held!.process === 'one' ? 'two' : 'one'
      await eventually(async () => (await stage.log()).length === 3)
      expect(await log()).toEqual([`start ${held!.process}`, `start ${other}`, `end ${other}`])
    },
  )

  test('is told from a slow one: a job that takes long keeps its lock', async () => {
    await Promise.all(['one', 'two'].map((name) => stage.puppet('updates', name)))
    await begin('updates', 'hang-once')
    await eventually(async () => (await stage.log()).length === 1)
    let [renewed, before] = [0, 0]
    await eventually(async () => {
      const [now = 0] = await lives(':lock')
      if (now > before) renewed++
      before = now
      return renewed > 6
    })
    expect(await log()).toHaveLength(1)
  })

  test('is noticed in time on every queue that people wait for: locks are short, and looked at often enough', () => {
    const late = queueNames.filter((name) => {
      const { lockMs, lookMs } = queueSettings[name]
      return lockMs + lookMs > ((AT_MOST as Record<string, number>)[name] ?? 40_000)
    })
    expect(late).toEqual([])
  })
})
