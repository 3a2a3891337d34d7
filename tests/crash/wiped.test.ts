import { catalogue } from '#shop/jobs.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Update } from 'grammy/types'
import { createLog } from '#shared/log.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { owe, relay } from '#shared/queue/outbox.ts'
import { oweWiped } from '#shared/queue/wiped.ts'
import { eventually } from '../lib/eventually.ts'
import { notice, openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { redisUrl, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const log = createLog({ level: 'silent', name: 'test' })

describe.skipIf(!redisAvailable())('a Redis that lost its queues', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await openStage(await redisUrl())
  })
  afterEach(() => stage.close())
  const look = (own = ['main']) => oweWiped(stage.db, stage, stage.backend.servers[0]!, 'main', own)
  const states = () =>
    stage.db.rows<{ key: string; state: string }>({
      text: 'select key, state from outbox order by key',
      values: [],
    })

  test('F27 is noticed at once: what was queued is owed again, delayed jobs too, and runs once', async () => {
    await look()
    await stage.db.tx(async (tx) => {
      for (let n = 0; n < 20; n++) await owe(tx, sendNotice, notice(`wiped-${n}`, 'done'))
      await owe(tx, sendNotice, notice('tomorrow', 'done'), { delayMs: 86_400_000 })
    })
    expect(await relay(stage.db, stage.producer, log)).toBe(21)
    expect(await look()).toBeUndefined()

    await stage.backend.redis!.flushdb()
    expect(await look()).toBe(21)
    expect(await look()).toBeUndefined()
    await stage.puppet('notices', 'one')
    await eventually(async () => (await states()).filter(({ state }) => state === 'done').length === 20)
    expect((await stage.log()).filter(({ what }) => what === 'end')).toHaveLength(20)
    const left = async () => (await states()).filter(({ state }) => state !== 'done')
    await expect.poll(left).toEqual([{ key: 'notice-tomorrow', state: 'queued' }])
  })

  test('F29 that fell back to an older copy is noticed too; replicas that look at the same moment see nothing', async () => {
    await Promise.all(Array.from({ length: 8 }, () => look()))
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('lagging', 'done')))
    await relay(stage.db, stage.producer, log)
    expect(await Promise.all(Array.from({ length: 8 }, () => look()))).toEqual(Array(8).fill(undefined))

    await stage.backend.redis!.decrby('test:beat', 3)
    expect((await Promise.all([look(), look()])).filter((owed) => owed !== undefined)).toEqual([1])
  })

  test('another deployment on the same database keeps its jobs where they are', async () => {
    await look()
    await stage.db.tx((tx) => owe(tx, sendNotice, { ...notice('theirs', 'done'), bot: 'other' }))
    await relay(stage.db, stage.producer, log)
    await stage.backend.redis!.flushdb()
    expect(await look()).toBe(0)
    expect(await states()).toEqual([{ key: 'notice-theirs', state: 'queued' }])
  })

  test('a bot that was added while everything runs gets its jobs back as well', async () => {
    await look(['main'])
    await stage.db.tx((tx) => owe(tx, sendNotice, { ...notice('added', 'done'), bot: 'added' }))
    await relay(stage.db, stage.producer, log)
    expect(await look(['main', 'added'])).toBeUndefined()
    await stage.backend.redis!.flushdb()
    expect(await look(['main', 'added'])).toBe(1)
  })

  test('a shop that starts with a new QUEUE_PREFIX enqueues there what it still owes', async () => {
    await look()
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('moves', 'done')))
    await relay(stage.db, stage.producer, log)
    const next = await openBackend({ kind: 'redis', url: stage.url }, 'next')
    try {
      const producer = openProducer(next, catalogue)
      expect(await oweWiped(stage.db, { backend: next, producer }, next.servers[0]!, 'main', ['main'])).toBe(
        1,
      )
      expect(await relay(stage.db, producer, log)).toBe(1)
      expect(await producer.queues.get('notices')![0]!.getWaitingCount()).toBe(1)
    } finally {
      await next.close()
    }
  })

  test('a chat keeps its order over two processes after Redis was wiped under them', async () => {
    await look()
    await Promise.all(['a', 'b'].map((name) => stage.puppet('updates', name)))
    await stage.producer.add(telegramUpdate, update(0))
    await eventually(async () => (await stage.log()).length === 2)
    await stage.backend.redis!.flushdb()
    expect(await look()).toBe(0)

    for (let number = 1; number <= 6; number++)
      await stage.producer.add(telegramUpdate, update(number, 'slow'))
    await eventually(async () => (await stage.log()).length === 14)
    const [, , ...after] = await stage.log()
    expect(after.map(({ what }) => what)).toEqual(Array.from({ length: 6 }, () => ['start', 'end']).flat())
  })
})

test.skipIf(!redisAvailable())(
  'F30 a process that started while Redis was away enqueues when it is there, on every queue',
  async () => {
    const redis = await startPrivateRedis()
    await redis.kill()
    const backend = await openBackend({ kind: 'redis', url: redis.url }, 'test')
    const producer = openProducer(backend, catalogue)
    try {
      await expect(producer.add(sendNotice, notice('early', 'done'))).rejects.toThrow('does not take jobs')
      await redis.start()
      await eventually(() => producer.add(sendNotice, notice('there', 'done')).then(() => true))
      for (let chat = 1; chat <= 200; chat++) await producer.add(telegramUpdate, updateOf(chat))
    } finally {
      await backend.close()
      await redis.stop()
    }
  },
)

test.skipIf(!redisAvailable())(
  'F30 a handler that enqueues while Redis is away loses no try: its update is handled when Redis is back',
  async () => {
    const redis = await startPrivateRedis()
    const stage = await openStage(redis.url)
    try {
      await stage.puppet('updates', 'one')
      await stage.producer.add(telegramUpdate, update(1, 'enqueue'))
      await eventually(async () => (await stage.log()).length === 1)
      await redis.kill()
      await sleep(6_000)
      await redis.start()
      await eventually(async () => (await stage.log()).some(({ what }) => what === 'end'))
      expect(await stage.db.rows({ text: 'select key from outbox', values: [] })).toEqual([])
    } finally {
      await stage.close()
      await redis.stop()
    }
  },
)

const update = (number: number, part = 'brief') => updateOf(5, number, part)

const updateOf = (chat: number, number = 0, part = 'brief') => ({
  bot: 'main',
  update: {
    update_id: chat * 1_000 + number,
    message: { message_id: 1, date: 0, chat: { id: chat, type: 'private', first_name: 'x' }, text: part },
  } as Update,
})
