import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import { createLimit } from '#shared/limits.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { createBudget } from '#shared/telegram/budget.ts'
import { createLastKnown } from '#workers/bot/last-known.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'

/** Two processes of one shop, and one of another shop, with the same Redis. */
let one: QueueBackend, replica: QueueBackend, other: QueueBackend
beforeAll(async () => {
  const url = await redisUrl()
  const [name, another] = [0, 1].map(() => `shop${randomBytes(4).toString('hex')}`) as [string, string]
  const open = (prefix: string) => openBackend({ kind: 'redis', url }, prefix)
  ;[one, replica, other] = (await Promise.all([name, name, another].map(open))) as [
    QueueBackend,
    QueueBackend,
    QueueBackend,
  ]
})
afterAll(() => Promise.all([one, replica, other].map((backend) => backend?.close())))

test('a limit that is used up in one shop is used up in all its processes, and not in another shop on the same Redis', async () => {
  const take = (backend: QueueBackend) =>
    createLimit(backend, { name: 'person', points: 1, seconds: 3_600 }).take('5000000001')
  expect(await take(one)).toBe(0)
  expect(await take(replica)).toBeGreaterThan(0)
  expect(await take(other)).toBe(0)
})

test('a bot that has to wait for Telegram waits in all processes of its shop, and no namesake in another one', async () => {
  const budget = (backend: QueueBackend) => createBudget(backend, '7000000001', { sendRate: 30, chatRate: 1 })
  await budget(one).slowDown(3_600)
  const granted = await Promise.all(
    [one, replica, other].map((backend) => budget(backend).ask('answers', 5, 1)),
  )
  expect(granted.map((slot) => slot.granted)).toEqual([false, false, true])
})

test('the last known balance of a person is that of their shop', async () => {
  createLastKnown(one).keep(5_000_000_001n, [{ asset: 'TOK', available: 40n, held: 0n }])
  await eventually(() => createLastKnown(replica).read(5_000_000_001n), { what: 'the balance' })
  expect(await createLastKnown(other).read(5_000_000_001n)).toBeUndefined()
})
