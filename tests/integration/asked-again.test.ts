import { catalogue } from '#shop/jobs.ts'
import { sql as q } from 'kysely'
import type { Update } from 'grammy/types'
import { beforeAll, expect } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { askedBy, isAskedAgain, newestWaiting, rememberAsked } from '#workers/bot/asked-again.ts'
import { createDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

const HOUR = 3_600_000
const lines: string[] = []
let shop: Shop
let anna: Customer
beforeAll(async () => {
  shop = await openShop({ lines, telegram: { callbackAnswerMs: 2 * HOUR } })
  anna = await shop.person()
})

const leftOut = () => lines.filter((line) => line.includes('asked again')).length
const inQueue = async (state: 'active' | 'wait') => {
  const parts = shop.shared.producer.queues.get('updates')!
  const counts = await Promise.all(parts.map((part) => part.getJobCountByTypes(state)))
  return counts.reduce((sum, count) => sum + count, 0)
}
const handled = async () => {
  const [row] = await shop.db.rows(q<{ count: number }>`select count(*)::int as count from handled_updates`)
  return row!.count
}

/** Holds up a person's chat while `act` goes on, and returns when everything was handled. */
async function whileWaiting(act: () => Promise<void>) {
  await shop.fault({ on: 'call', method: 'sendMessage', times: 1, do: { delay_ms: HOUR } })
  await anna.say('/help')
  await eventually(async () => (await inQueue('active')) === 1)
  await act()
  await shop.control('PUT', '/clock', { advance_ms: HOUR })
  // A job goes from waiting to active, so the two are counted in that order: the other way round a job that begins
  // in between would be in neither count.
  await eventually(async () => (await inQueue('wait')) + (await inQueue('active')) === 0)
}

test('of a key tapped again and again while nobody answers, one tap is worked on, and every one is answered', async () => {
  await anna.start()
  const { message, key } = await anna.key('Buy tokens')
  // The answer is seen before its update is noted as handled.
  await eventually(async () => (await handled()) === 1, { what: 'Start is handled' })
  const taps: Promise<{ answered: boolean }>[] = []
  const tap = async (waiting: number) => {
    taps.push(anna.tap(message.message_id, key.callback_data!, 2 * HOUR))
    await eventually(async () => (await inQueue('wait')) === waiting)
  }
  await whileWaiting(async () => {
    await tap(1)
    await tap(2)
    await tap(3)
    await anna.say('/balance')
    await anna.say('/balance')
    await eventually(async () => (await inQueue('wait')) === 5)
    // After something else, the same tap counts as asked anew.
    await tap(6)
  })
  expect(await Promise.all(taps)).toMatchObject(Array(4).fill({ answered: true }))
  expect(leftOut()).toBe(3)
  expect(await handled()).toBe(1 + 7)
  const balances = (await shop.calls('sendMessage')).filter(({ params }) =>
    /Your balance/.test(String(params['text'])),
  )
  expect(balances).toHaveLength(1)
})

test('a key tapped again with its first answer in sight is answered twice, and so is a text that comes twice', async () => {
  const before = leftOut()
  for (const round of [1, 2]) {
    await anna.say('/balance')
    await eventually(async () => {
      const sent = await shop.calls('sendMessage')
      return sent.filter(({ params }) => /Your balance/.test(String(params['text']))).length === 1 + round
    })
  }
  await whileWaiting(async () => {
    for (const text of ['hello?', 'hello?']) await anna.say(text)
    await eventually(async () => (await inQueue('wait')) === 2)
  })
  const told = (await anna.messages()).filter(({ text }) => text?.includes('did not understand'))
  expect(told).toHaveLength(2)
  expect(leftOut()).toBe(before)
})

test('while customers press Start and none of their partitions moves, an admin is answered, and so is whoever was just given a role', async () => {
  const admin = await shop.person({ id: ADMIN })
  const helper = await shop.person()
  const crowd = await Promise.all(Array.from({ length: 20 }, () => shop.person()))
  await helper.start()
  await helper.hears('Hello')
  const parts = shop.shared.producer.queues.get('updates')!
  const customers = parts.slice(0, shop.shared.backend.partitions)
  expect(parts.length - customers.length).toBe(8)
  await Promise.all(customers.map((part) => part.pause()))
  const paused = async () =>
    (await Promise.all(customers.map((part) => part.getJobCountByTypes('wait')))).reduce(
      (sum, count) => sum + count,
      0,
    )
  await Promise.all(crowd.map((one) => one.start()))
  await eventually(async () => (await paused()) === crowd.length)
  await admin.say('/admin')
  await admin.press('Requests')
  await admin.hears('request')
  await shop.db.rows(
    q`insert into admins (bot, person_id, role, added_by) values ('main', ${helper.id}, 'support', ${ADMIN})`,
  )
  // The gateway knows of the role after it has read the roles again.
  await eventually(async () => {
    await helper.say('/admin')
    await helper.hears('Admin', 500)
    return true
  })
  expect(await paused()).toBeGreaterThanOrEqual(crowd.length)
  await Promise.all(customers.map((part) => part.resume()))
  await Promise.all(crowd.map((one) => one.hears('Hello')))
})

test('what one bot was asked leaves no tap of another bot out, and a bot whose queue is away answers everything', async () => {
  const job = (bot: string, update_id: number) => ({ bot, update: { update_id } })
  const producer = (ids: string[] | Error) => ({
    ...shop.shared.producer,
    waiting: async () => (ids instanceof Error ? Promise.reject(ids) : ids),
  })
  const waiting = ['update-main-12~wait-1', 'update-main-2-90', 'update-main-9', 'update-main-8', '0:1']
  expect(await newestWaiting(producer(waiting), job('main', 7))).toBe(9)
  expect(await newestWaiting(producer(waiting), job('main-2', 70))).toBe(90)
  expect(await newestWaiting(producer(new Error('away')), job('main', 7))).toBe(undefined)

  const press = (data: string) => ({ update_id: 1, callback_query: { data, message: { message_id: 5 } } })
  const asked = askedBy(press('a~x') as never)
  const session = {}
  expect(isAskedAgain(session, asked, 8)).toBe(false)
  rememberAsked(session, asked, 9)
  expect(isAskedAgain(session, asked, 9)).toBe(true)
  expect(isAskedAgain(session, asked, 10)).toBe(false)
  expect(isAskedAgain(session, askedBy(press('b~x') as never), 9)).toBe(false)
  rememberAsked(session, undefined, 9)
  expect(session).toEqual({})
  // The API can write a session, so `asked` may be anything.
  expect(isAskedAgain({ asked: null as never }, asked, 9)).toBe(false)
})

test.each(['redis', 'postgres'])('the newest update that waits is known on %s', async (kind) => {
  const database = await createDatabase()
  const target = { kind, url: kind === 'redis' ? await redisUrl() : database.url } as QueueTarget
  const backend = await openBackend(target, 'asked')
  const producer = openProducer(backend, catalogue)
  const typed = (update_id: number) => {
    const chat = { id: 5, type: 'private', first_name: 'A' }
    return { bot: 'main', update: { update_id, message: { message_id: 1, date: 0, chat } } as Update }
  }
  try {
    expect(await newestWaiting(producer, typed(1))).toBe(undefined)
    for (const id of [2, 3, 5]) await producer.add(telegramUpdate, typed(id))
    expect(await newestWaiting(producer, typed(1))).toBe(5)
  } finally {
    await Promise.allSettled([...producer.queues.values()].flat().map((queue) => queue.close()))
    await backend.close()
    await database.drop()
  }
})
