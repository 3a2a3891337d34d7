import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { inviteCode } from '#shop/loyalty/referrals/referrals.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop, TOKENS } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

const BOT = Number(TOKENS.main.split(':')[0])
const NEWS = -1_001_000_000_001
const GROUP = -1_001_000_000_002
const TELEGRAM = 777_000

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ env: { NEWS_CHANNEL_ID: String(NEWS) } })
  const members = { [BOT]: 'administrator' }
  await shop.control('POST', '/chats', { id: NEWS, type: 'channel', title: 'News', members })
  await shop.control('POST', '/chats', { id: GROUP, type: 'supergroup', title: 'Talk', members })
})

const inGroup = (from: number, text: string) =>
  shop.control('POST', `/chats/${GROUP}/messages`, { from, text })
const joins = (chat: number, id: number, status = 'member') =>
  shop.control('PATCH', `/chats/${chat}`, { members: { [id]: status } })
const kept = async (id: number) => {
  const [row] = await shop.db.rows(q<{ persons: number; sessions: number }>`
    select (select count(*) from persons where id = ${id})::int as persons,
           (select count(*) from bot_sessions where person_id = ${id})::int as sessions`)
  return row
}
/** Waits until everything that happened in this group before has been handled. */
const allHandled = () =>
  eventually(async () => {
    // The door is looked at first: an update that has left the door is on the queue by the time that the queue is
    // counted.
    const pending = await shop.control<unknown[]>('GET', '/updates?bot=main_bot')
    const counts = await Promise.all(
      shop.shared.producer.queues.get('updates')!.map((part) => part.getJobCountByTypes('active', 'wait')),
    )
    return pending.length === 0 && counts.every((count) => count === 0)
  })

describe('what does not happen in a private chat with the bot', () => {
  test('keeps nobody: no member of the channel, nobody who writes in a group, not Telegram itself (F103)', async () => {
    const [reader, talker] = [await shop.person({ started: [] }), await shop.person({ started: [] })]
    await joins(NEWS, reader.id)
    await joins(GROUP, talker.id)
    await inGroup(talker.id, 'hello')
    await inGroup(talker.id, '/start')
    await inGroup(TELEGRAM, 'a post of the channel')
    await allHandled()
    for (const id of [reader.id, talker.id, TELEGRAM])
      expect(await kept(id)).toEqual({ persons: 0, sessions: 0 })
  })

  test('is answered nothing, whether the sender is not subscribed, floods, or is an admin (F103)', async () => {
    const stranger = await shop.person({ started: [] })
    const admin = await shop.person({ id: 900 })
    await joins(GROUP, stranger.id)
    for (let i = 0; i < 30; i++) await inGroup(stranger.id, `/help ${i}`)
    await inGroup(admin.id, '/admin')
    await allHandled()
    const calls = await shop.control<{ params: Record<string, unknown> }[]>('GET', '/requests?bot=main_bot')
    expect(calls.filter(({ params }) => Number(params['chat_id']) === GROUP)).toEqual([])
  })

  test('takes nothing from a guest: the first start is welcomed and counts for the friend who invited (F103)', async () => {
    const [inviter, guest] = [await shop.person(), await shop.person({ started: [] })]
    await inviter.start()
    await inviter.hears('Hello')
    await joins(NEWS, guest.id)
    await inGroup(guest.id, 'hello')
    await allHandled()
    await guest.start(`r_${inviteCode(BigInt(inviter.id))}`)
    await guest.hears('Hello')
    const invited = () => shop.db.rows(q`select 1 from referrals where person_id = ${guest.id}`)
    await eventually(async () => (await invited()).length === 1)
  })

  test('does not unblock: who blocked the bot and writes in a group is still not written to (F103)', async () => {
    const person = await shop.person()
    await person.start()
    await person.hears('Hello')
    const blocked = async () => {
      const [row] = await shop.db.rows(
        q<{ at: Date | null }>`select blocked_at as at from bot_sessions where person_id = ${person.id}`,
      )
      return row?.at !== null
    }
    await shop.control('PATCH', `/people/${person.id}`, { block: 'main_bot' })
    await eventually(blocked)
    await joins(NEWS, person.id)
    await inGroup(person.id, 'hello')
    await allHandled()
    expect(await blocked()).toBe(true)
    await shop.control('PATCH', `/people/${person.id}`, { unblock: 'main_bot' })
    await eventually(async () => !(await blocked()))
  })

  test('who blocks a bot that they never started is not kept by it (F103)', async () => {
    const person = await shop.person({ started: [] })
    await shop.control('PATCH', `/people/${person.id}`, { block: 'main_bot' })
    await allHandled()
    expect(await kept(person.id)).toEqual({ persons: 0, sessions: 0 })
  })
})

test.each([
  ['member', /Tokens|tokens/],
  ['restricted', /Tokens|tokens/],
  ['restricted_left', /One step/],
  ['left', /One step/],
])('to the news channel, %s is subscribed only while they are in it', async (status, words) => {
  const person = await shop.person()
  await joins(NEWS, person.id, status)
  await person.say('/buy')
  await person.hears(words)
})
