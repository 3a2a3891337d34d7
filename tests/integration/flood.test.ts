import { beforeAll, expect } from 'vitest'
import type { Update } from 'grammy/types'
import { createLimit } from '#shared/limits.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})

const counted = (name: 'person' | 'person-told', id: number) =>
  `${shop.shared.backend.key(`limit-${name}`)}:${id}`
/** The window is an hour instead of ten seconds, so that on a slow machine nobody gets a second window. */
const oneWindow = (id: number) =>
  Promise.all(
    (['person', 'person-told'] as const).map((name) =>
      shop.shared.backend.redis!.set(counted(name, id), 0, 'PX', 3_600_000),
    ),
  )

test('somebody who floods is told once to slow down, and others are answered meanwhile (F73)', async () => {
  const flooder = await shop.person()
  await oneWindow(flooder.id)
  const others = await Promise.all(Array.from({ length: 10 }, () => shop.person()))
  await Promise.all(Array.from({ length: 300 }, (_, i) => flooder.say(`/help ${i}`)))
  await Promise.all(others.map((one) => one.start()))
  await Promise.all(others.map((one) => one.hears('Hello')))
  await flooder.hears('too fast')
  const heard = await flooder.messages()
  expect(heard.filter((one) => one.text?.includes('too fast'))).toHaveLength(1)
  expect(Number(await shop.shared.backend.redis!.get(counted('person', flooder.id)))).toBeGreaterThan(20)
  const answers = await shop.calls('sendMessage')
  const toFlooder = answers.filter((call) => call.params['chat_id'] === flooder.id)
  expect(toFlooder.length).toBeLessThanOrEqual(20 + 1)
})

test('each process tells the others of a person from their sixth press on, and the limit holds over all', async () => {
  const { backend } = shop.shared
  const key = 'somebody'
  await backend.redis!.set(`${backend.key('limit-two')}:${key}`, 0, 'PX', 3_600_000)
  const processes = [1, 2].map(() =>
    createLimit(backend, { name: 'two', points: 20, seconds: 3_600, untold: 5 }),
  )
  const passing = async (limit: (typeof processes)[number], times: number) => {
    let passed = 0
    for (let press = 0; press < times; press++) if ((await limit.take(key)) === 0) passed++
    return passed
  }
  expect(await passing(processes[0]!, 5)).toBe(5)
  expect(await backend.redis!.get(`${backend.key('limit-two')}:${key}`)).toBe('0')
  expect(await passing(processes[0]!, 30)).toBe(15)
  expect(await passing(processes[1]!, 30)).toBe(5)
})

test('a flood in one bot counts in the other too', async () => {
  const id = (await shop.person()).id
  await oneWindow(id)
  const [first, second] = [await shop.person({ id }), await shop.person({ id, bot: 'second_bot' })]
  await Promise.all(Array.from({ length: 60 }, () => first.say('/help')))
  await first.hears('too fast')
  const before = (await second.messages()).length
  await second.say('/start')
  const other = await shop.person({ bot: 'second_bot' })
  await other.start()
  await other.hears('Hello')
  expect((await second.messages()).filter((one) => one.from === 'bot')).toHaveLength(before)
})

test('what was put aside until the database is back is no flood when its turn comes', async () => {
  const flooder = await shop.person()
  await oneWindow(flooder.id)
  await flooder.start()
  await flooder.hears('Hello')
  await Promise.all(Array.from({ length: 60 }, () => flooder.say('/help')))
  await flooder.hears('too fast')
  const who = { id: flooder.id, first_name: 'P' }
  const message = {
    message_id: 1,
    date: 1,
    chat: { ...who, type: 'private' },
    from: { ...who, is_bot: false },
  }
  const update = { update_id: 900_000_000, message: { ...message, text: 'put aside' } } as Update
  await shop.shared.producer.add(telegramUpdate, { bot: 'main', update, waited: 1 })
  await flooder.hears('did not understand')
})

test('a payment goes through while hundreds of messages wait for a slow Telegram (F25)', async () => {
  const buyer = await shop.person()
  const link = (await buyer.order(10)).split('/').at(-1)!
  const crowd = await Promise.all(Array.from({ length: 40 }, () => shop.person()))
  await shop.fault({ on: 'call', method: 'sendMessage', times: 0, do: { delay_ms: 300 } })
  await Promise.all(crowd.flatMap((one) => Array.from({ length: 8 }, (_, i) => one.say(`/help ${i}`))))
  expect((await buyer.pay(link)).outcome).toBe('paid')
  await shop.control('PUT', '/faults', [])
  await buyer.hears('10 tokens credited')
})

test('an admin is answered while most of the many people who pressed Start before still wait', async () => {
  const admin = await shop.person({ id: ADMIN })
  const rush = await Promise.all(Array.from({ length: 1_000 }, () => shop.person()))
  const greeted = async () => {
    const told = new Set((await shop.calls('sendMessage')).map(({ params }) => Number(params['chat_id'])))
    return rush.filter(({ id }) => told.has(id)).length
  }
  await Promise.all(rush.map((one) => one.start()))
  await admin.say('/admin')
  await admin.hears('Administration')
  expect(await greeted()).toBeLessThan(rush.length / 3)
})
