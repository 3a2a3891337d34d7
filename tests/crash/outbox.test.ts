import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql as q } from 'kysely'
import { createLog } from '#shared/log.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { oweLost, owe, relay, replay } from '#shared/queue/outbox.ts'
import { eventually } from '../lib/eventually.ts'
import { notice, openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { redisUrl, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const log = createLog({ level: 'silent', name: 'test' })

const looksAt = (stage: () => Stage) => ({
  outbox: (key: string) =>
    stage().db.rows(q<{ state: string; reason: string | null; enqueued: number }>`
      select state, reason, enqueued from outbox where key = ${`notice-${key}`}`),
  ends: async (key: string) =>
    (await stage().log()).filter((line) => line.key === key && line.what === 'end').length,
})

describe.skipIf(!redisAvailable())('jobs that a transaction owes, and a worker that lives', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(await redisUrl())
    await stage.puppet('notices', 'one')
  })
  afterAll(() => stage.close())
  const { outbox, ends } = looksAt(() => stage)

  test('F6: a job of a transaction that rolled back never runs', async () => {
    await expect(
      stage.db.tx(async (tx) => {
        await owe(tx, sendNotice, notice('rolled-back', 'done'))
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('committed', 'done')))
    await eventually(async () => (await ends('committed')) === 1)
    expect((await stage.log()).map((line) => line.key)).not.toContain('rolled-back')
  })

  test('F12: a job that is refused is a dead letter with its reason at once, blocks nobody, and is replayed once', async () => {
    await stage.db.tx(async (tx) => {
      await owe(tx, sendNotice, notice('refused', 'reject'))
      await owe(tx, sendNotice, notice('odd', 'nonsense'))
      await owe(tx, sendNotice, notice('healthy', 'done'))
    })
    await eventually(async () => (await ends('healthy')) === 1)
    await eventually(async () => (await outbox('refused'))[0]?.state === 'dead')
    expect((await outbox('refused'))[0]?.reason).toBe('as told')

    expect(await replay(stage.db, 'notice-refused')).toBe(true)
    expect(await replay(stage.db, 'notice-refused')).toBe(false)
    const again = async () =>
      (await stage.log()).filter(({ key, what }) => key === 'refused' && what === 'start').length
    await eventually(async () => (await again()) === 2)
  })

  test('a job that is not ready, or failed for a moment, is tried again and finished once', async () => {
    await stage.db.tx(async (tx) => {
      await owe(tx, sendNotice, notice('later', 'later-once'))
      await owe(tx, sendNotice, notice('moment', 'transient-once'))
    })
    await eventually(async () => (await ends('later')) === 1 && (await ends('moment')) === 1)
  })

  test('a payload that is not what the catalogue says is kept as a dead letter with its content', async () => {
    const [queue] = stage.producer.queues.get('notices')!
    await queue!.add('notice.send', { v: 1, payload: { nothing: 'useful' } }, { jobId: 'broken' })
    const letter = await eventually(async () => {
      const [row] = await stage.db.rows(q<{ payload: object; reason: string }>`
        select payload, reason from outbox where key = 'broken' and state = 'dead'`)
      return row
    })
    expect(letter.payload).toEqual({ nothing: 'useful' })
    expect(letter.reason).toContain('payload is not what notice.send takes')
  })
})

describe.skipIf(!redisAvailable())('jobs that a transaction owes', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage(await redisUrl())
  })
  afterEach(() => stage.close())
  const { outbox, ends } = looksAt(() => stage)

  test('F7: a job whose process died right after the commit is picked up by another process', async () => {
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('left-behind', 'done')))
    expect((await outbox('left-behind'))[0]?.state).toBe('owed')
    await stage.puppet('notices', 'another')
    await eventually(async () => (await outbox('left-behind'))[0]?.state === 'done')
    expect(await ends('left-behind')).toBe(1)
  })

  test('F8: a relay that dies between enqueuing and its commit enqueues the same job, which runs once', async () => {
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('twice', 'done')))
    const dying = {
      ...stage.producer,
      add: async (...job: Parameters<typeof stage.producer.add>) => {
        await stage.producer.add(...job)
        throw new Error('killed here')
      },
    }
    await relay(stage.db, dying as typeof stage.producer, log)
    expect((await outbox('twice'))[0]?.state).toBe('owed')
    await stage.puppet('notices', 'one')
    await eventually(async () => (await outbox('twice'))[0]?.state === 'done')
    expect(await ends('twice')).toBe(1)
  })

  test('F27: after Redis was wiped the queue is filled again from the database', async () => {
    await stage.db.tx(async (tx) => {
      for (let n = 0; n < 50; n++) await owe(tx, sendNotice, notice(`wiped-${n}`, 'done'))
    })
    expect(await relay(stage.db, stage.producer, log)).toBe(50)
    await stage.backend.redis!.flushdb()
    expect(await oweLost(stage.db, 0)).toBe(50)
    await stage.puppet('notices', 'one')
    await eventually(async () => (await stage.log()).filter((line) => line.what === 'end').length === 50)
  })

  test('F12: a job that throws every time is tried eight times, not once more, and then kept with what it said', async () => {
    await stage.puppet('notices', 'one')
    await stage.db.tx(async (tx) => {
      await owe(tx, sendNotice, notice('poison', 'throw'))
      await owe(tx, sendNotice, notice('after-it', 'done'))
    })
    const [queue] = stage.producer.queues.get('notices')!
    await eventually(async () => {
      // The two minutes of back-off are skipped.
      for (const delayed of await queue!.getDelayed()) await delayed.promote().catch(() => {})
      return (await outbox('poison'))[0]?.state === 'dead'
    })
    expect((await outbox('poison'))[0]?.reason).toMatch(/^gave up after 8 tries: .*as told/)
    const starts = (await stage.log()).filter(({ key, what }) => key === 'poison' && what === 'start')
    expect(starts).toHaveLength(sendNotice.attempts)
    expect(await ends('after-it')).toBe(1)
    // The dead letter is kept before the queue lets go of the job.
    const left = () => queue!.getJobCounts('active', 'delayed', 'wait')
    await expect.poll(left).toEqual({ active: 0, delayed: 0, wait: 0 })
  })

  test('F13: a job that this release does not know waits and is not lost', async () => {
    const [queue] = stage.producer.queues.get('notices')!
    await queue!.add('notice.of-tomorrow', { v: 1, payload: {} }, { jobId: 'tomorrow' })
    await queue!.add('notice.send', { v: 2 as 1, payload: {} }, { jobId: 'envelope' })
    await stage.puppet('notices', 'one')
    await eventually(async () => (await queue!.getJobCounts('delayed')).delayed === 2)
    expect((await queue!.getJobCounts('failed')).failed).toBe(0)
  })

  test('F9: SIGTERM lets a job at work finish, takes no other, and ends with 0', async () => {
    const puppet = await stage.puppet('notices', 'one')
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('at-work', 'slow')))
    await eventually(async () => (await stage.log()).some(({ key }) => key === 'at-work'))
    await puppet.kill('SIGTERM')
    expect(await puppet.ended).toBe(0)
    expect(await ends('at-work')).toBe(1)
  })
})

describe.skipIf(!redisAvailable())('a Redis that dies', () => {
  test('F26 F30: Redis killed in mid-job: producers fail at once, nothing owed is lost, workers come back by themselves', async () => {
    const redis = await startPrivateRedis()
    const stage = await openStage(redis.url)
    try {
      await stage.puppet('notices', 'one')
      await stage.db.tx((tx) => owe(tx, sendNotice, notice('before', 'slow')))
      await eventually(async () => (await stage.log()).some(({ key }) => key === 'before'))
      await redis.kill()

      await expect(stage.producer.add(sendNotice, notice('refused', 'done'))).rejects.toThrow(
        'does not take jobs',
      )
      await stage.db.tx(async (tx) => {
        for (let n = 0; n < 20; n++) await owe(tx, sendNotice, notice(`meanwhile-${n}`, 'done'))
      })
      await redis.start()
      await eventually(async () => {
        const ended = (await stage.log()).filter(({ what }) => what === 'end').map(({ key }) => key)
        return new Set(ended).size === 21
      })
    } finally {
      await stage.close()
      await redis.stop()
    }
  })

  test('F28: a Redis that may throw keys away is refused, with what to do', async () => {
    const { checkRedis, isTooOld } = await import('../../bin/lib/check-redis.ts')
    const redis = await startPrivateRedis(['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'])
    const { refuse } = await checkRedis(redis.url)
    expect(refuse).toContain('allkeys-lru')
    expect(refuse).toContain('Set it to noeviction')
    const client = new Redis(redis.url)
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    expect((await checkRedis(redis.url)).refuse).toBeUndefined()
    await client.config('SET', 'appendfsync', 'everysec')
    expect((await checkRedis(redis.url)).warn.join()).toContain('Set appendfsync always')
    client.disconnect()
    await redis.stop()
    expect((await checkRedis(redis.url)).refuse).toContain('nothing listens there')
    expect(['5.0.14', '6.0.16', '6.2.0', '7.0.15', '8.0.3', undefined].filter(isTooOld)).toEqual([
      '5.0.14',
      '6.0.16',
    ])
  })
})
