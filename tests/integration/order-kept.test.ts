import { createSecrets } from '#shared/secrets.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { catalogue } from '#shop/jobs.ts'
import type { Update } from 'grammy/types'
import { describe, expect, inject, test } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { STUCK_AFTER_MS, createProgress } from '#shared/progress.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend, QueueTarget } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import type { RunningQueue } from '#shared/queue/run-queue.ts'
import { done, later } from '#shared/queue/job.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { createDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl, testOnRedis } from '../lib/redis.ts'

const update = (chat: number, number: number) => ({
  bot: 'main',
  update: {
    update_id: chat * 1000 + number,
    message: { message_id: 1, date: 0, chat: { id: chat, type: 'private', first_name: 'x' }, text: 'x' },
  } as Update,
})

const CHATS = 12
const EACH = 6

/** A queue with a database, and what `runQueue` needs. */
async function openQueue(kind: 'redis' | 'postgres' = 'redis') {
  const database = await createDatabase()
  const db = await openDb(database.url, { max: 5, name: 'order' })
  const target: QueueTarget = kind === 'redis' ? { kind, url: await redisUrl() } : { kind, url: database.url }
  const backend = await openBackend(target, 'test')
  const secrets = createSecrets(PUPPET_KEY)
  const producer = openProducer(backend, catalogue, secrets)
  const log = createLog({ level: 'silent', name: 'test' })
  return {
    context: { backend, db, producer, secrets, log, metrics: createMetrics() },
    close: async (running: RunningQueue) => {
      await running.stop(1_000)
      await Promise.allSettled([...producer.queues.values()].flat().map((queue) => queue.close()))
      await backend.close()
      await db.close()
      await database.drop()
    },
  }
}

describe('an update that must wait (Telegram asked to slow down) is not overtaken', () => {
  test.each((inject('redisUrl') ? ['redis', 'postgres'] : ['postgres']) as ('redis' | 'postgres')[])(
    'on %s',
    async (kind) => {
      const { context, close } = await openQueue(kind)
      const { producer } = context
      const handled: number[] = []
      const waited = new Set<number>()
      const running = runQueue(context, 'updates', [
        handle(telegramUpdate, async (job) => {
          const id = job.update.update_id
          // Every second update is put off once.
          if (id % 2 === 0 && !waited.has(id)) {
            waited.add(id)
            return later(150, 'as told')
          }
          handled.push(id)
          return done
        }),
      ])
      try {
        for (let number = 1; number <= EACH; number++) {
          for (let chat = 1; chat <= CHATS; chat++) await producer.add(telegramUpdate, update(chat, number))
        }
        await eventually(() => new Set(handled).size === CHATS * EACH)
        for (let chat = 1; chat <= CHATS; chat++) {
          const own = handled.filter((id) => Math.floor(id / 1000) === chat)
          expect(own, `chat ${chat}`).toEqual(own.toSorted((a, b) => a - b))
        }
      } finally {
        await close(running)
      }
    },
  )
})

testOnRedis(
  'F38 an update that hangs while it is put off is named with its step, so that its worker ends and another takes it',
  async () => {
    const { context, close } = await openQueue()
    const { backend: redis, producer } = context
    let answer = () => {}
    const late = new Promise<void>((resolve) => (answer = resolve))
    let held = false
    const backend: QueueBackend = {
      ...redis,
      async putOffInOrder(putOff) {
        held = true
        await late
        return redis.putOffInOrder({ ...putOff, afterMs: 1 })
      },
    }
    let now = 0
    const progress = createProgress(() => now)
    let runs = 0
    await producer.add(telegramUpdate, update(1, 1))
    const running = runQueue({ ...context, backend, progress }, 'updates', [
      handle(telegramUpdate, async () => (++runs === 1 ? later(5_000, 'as told') : done)),
    ])
    const hanging = () => progress.hanging(() => Promise.resolve(true))
    try {
      await eventually(() => held)
      now += STUCK_AFTER_MS + 4_999
      expect(await hanging()).toBeUndefined()
      now += 1
      expect(await hanging()).toMatch(
        /^the job update-main-1001 of updates-\d+ has been in the step "put off"/,
      )
      answer()
      await eventually(() => runs === 2)
      await eventually(async () => (now += STUCK_AFTER_MS * 2) > 0 && (await hanging()) === undefined)
    } finally {
      await close(running)
    }
  },
)

testOnRedis(
  'F38 an update that its queue refuses to put off, again and again while it answers others, is named as well',
  async () => {
    const { context, close } = await openQueue()
    const { backend: redis, producer } = context
    let refusals = 0
    let full = true
    const backend: QueueBackend = {
      ...redis,
      putOffInOrder(putOff) {
        if (!full) return redis.putOffInOrder({ ...putOff, afterMs: 1 })
        refusals++
        return Promise.reject(new Error("OOM command not allowed when used memory > 'maxmemory'."))
      },
    }
    let now = 0
    const progress = createProgress(() => now)
    let runs = 0
    await producer.add(telegramUpdate, update(1, 1))
    const running = runQueue({ ...context, backend, progress }, 'updates', [
      handle(telegramUpdate, async () => (++runs === 1 ? later(5_000, 'as told') : done)),
    ])
    try {
      await eventually(() => refusals === 1)
      now += STUCK_AFTER_MS + 5_000
      await eventually(() => refusals === 2)
      expect(await progress.hanging(() => Promise.resolve(true))).toContain('in the step "put off"')
      expect(await progress.hanging(() => Promise.resolve(false))).toBeUndefined()
      full = false
      await eventually(() => runs === 2)
    } finally {
      await close(running)
    }
  },
)

testOnRedis(
  'F38 an update whose statement gets no answer from a database that answers others is given up, after the log named it',
  async () => {
    const { context, close } = await openQueue()
    const { db, producer } = context
    const lines: string[] = []
    const log = createLog({ level: 'warn', name: 'test', to: { write: (line) => void lines.push(line) } })
    let away = true
    const standing = {
      isAway: () => Promise.resolve(away),
      yields: () => Promise.resolve(false),
      yielding: new AbortController().signal,
    }
    await producer.add(telegramUpdate, update(1, 1))
    await producer.add(telegramUpdate, update(1, 2))
    const runs: number[] = []
    const { now } = Date
    Date.now = () => now() + 6 * 60_000
    const running = runQueue({ ...context, log, standing }, 'updates', [
      handle(telegramUpdate, async ({ update: { update_id: id } }) => {
        runs.push(id)
        if (id === 1001) throw new Error('Query read timeout')
        return done
      }),
    ])
    try {
      await eventually(() => runs.length >= 2)
      expect(new Set(runs), 'an outage costs no try').toEqual(new Set([1001]))
      const heldUp = lines.filter((line) => line.includes('of its chat wait behind it'))
      expect(heldUp).toHaveLength(1)
      expect(JSON.parse(heldUp[0]!)).toMatchObject({ reason: 'Query read timeout', id: 'update-main-1001' })
      away = false
      await eventually(() => runs.includes(1002))
      const [letter] = await db.rows<{ reason: string }>({
        text: 'select reason from outbox',
        values: [],
      })
      expect(letter!.reason).toContain('Query read timeout')
    } finally {
      Date.now = now
      await close(running)
    }
  },
)

testOnRedis('F38 the mark of a delayed update that is gone holds up nobody', async () => {
  const { context, close } = await openQueue()
  const { producer, backend } = context
  const parts = producer.queues.get('updates')!
  for (const queue of parts) await backend.redis!.zadd(queue.toKey('delayed'), 0, 'gone')
  let runs = 0
  const running = runQueue(context, 'updates', [handle(telegramUpdate, async () => (runs++, done))])
  try {
    await eventually(async () => {
      const left = await Promise.all(parts.map((queue) => queue.getDelayedCount()))
      return left.every((count) => count === 0)
    })
    await producer.add(telegramUpdate, update(1, 1))
    await eventually(() => runs === 1)
    expect(await Promise.all(parts.map((queue) => queue.getJob('gone')))).toEqual(parts.map(() => undefined))
  } finally {
    await close(running)
  }
})

testOnRedis(
  'F90 an update whose queue is full, also when the update is put off, loses no try and is not overtaken',
  async () => {
    const { context, close } = await openQueue()
    const { backend: redis, producer } = context
    const full = () => new Error("OOM command not allowed when used memory > 'maxmemory'.")
    let refusals = 1
    const backend: QueueBackend = {
      ...redis,
      putOffInOrder: (putOff) =>
        refusals-- > 0 ? Promise.reject(full()) : redis.putOffInOrder({ ...putOff, afterMs: 1 }),
    }
    const { metrics } = context
    const runs: number[] = []
    await producer.add(telegramUpdate, update(1, 1))
    await producer.add(telegramUpdate, update(1, 2))
    const running = runQueue({ ...context, backend }, 'updates', [
      handle(telegramUpdate, async (job) => {
        runs.push(job.update.update_id)
        if (runs.length === 1) throw full()
        return done
      }),
    ])
    try {
      await eventually(() => runs.length >= 3)
      expect(runs).toEqual([1001, 1001, 1002])
      expect(refusals).toBe(-1)
      const outcomes = async () => {
        const { values } = await metrics.jobs.get()
        return Object.fromEntries(values.map(({ labels, value }) => [labels['outcome'], value]))
      }
      await eventually(async () => (await outcomes())['completed'] === 2)
      expect(await outcomes()).toMatchObject({ later: 1, completed: 2 })
      expect(await outcomes()).not.toHaveProperty('retried')
    } finally {
      await close(running)
    }
  },
)

testOnRedis(
  'F11 a process that lost its locks does not begin an update of a chat that it still has in hand',
  async () => {
    const { context, close } = await openQueue()
    const { backend, producer } = context
    const redis = backend.redis!
    let end = () => {}
    const ended = new Promise<void>((resolve) => (end = resolve))
    const begun: number[] = []
    let inHand = 0
    let most = 0
    await producer.add(telegramUpdate, update(1, 1))
    const running = runQueue(context, 'updates', [
      handle(telegramUpdate, async (job) => {
        begun.push(job.update.update_id)
        most = Math.max(most, ++inHand)
        if (begun.length === 1) await ended
        inHand--
        return done
      }),
    ])
    try {
      await eventually(() => begun.length === 1)
      // Redis is emptied, the update is delivered again, and another one of the chat comes.
      await redis.del(...(await redis.keys('*updates-*')))
      await producer.add(telegramUpdate, update(1, 1))
      await producer.add(telegramUpdate, update(1, 2))
      const other = update(2, 1)
      await producer.add(telegramUpdate, other)
      await eventually(() => begun.includes(2001))
      const waits = async () =>
        (await redis.keys('*update-main-1001')).length === 1 &&
        (await redis.keys('*update-main-100*:lock')).length === 0
      await eventually(waits, { what: 'the update is put off' })
      expect(begun).toEqual([1001, 2001])
      end()
      await eventually(() => begun.length === 4)
      expect(begun).toEqual([1001, 2001, 1001, 1002])
      expect(most).toBe(2)
    } finally {
      end()
      await close(running)
    }
  },
)
