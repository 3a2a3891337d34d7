import { sql as q } from 'kysely'
import { afterEach, beforeAll, describe, expect } from 'vitest'
import type { AlertTopic } from '#shared/alert-topics.ts'
import { newId } from '#shared/ids.ts'
import { oweAdminAlert, owePersonNotice, oweTeamNotice } from '#shared/notices.ts'
import { setRole } from '#shared/roles.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { adminsGroup, wordsOf } from '../lib/admins-group.ts'
import type { Said } from '../lib/admins-group.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

const ROOM = -1_001_000_000_888
const BOT = Number(TOKENS.main.split(':')[0])
/** A call waits so long by the simulated Telegram's own clock, until the test lets the time pass. */
const HOUR_MS = 3_600_000

let shop: Shop
let boss: Customer
let mate: Customer
let group: ReturnType<typeof adminsGroup>
const main = { name: 'main', admins: [BigInt(ADMIN)] }

beforeAll(async () => {
  shop = await openShop({
    workers: ['bot'],
    env: { TELEGRAM_CHAT_RATE: '0' },
    telegram: { groupPerMinute: 0 },
  })
  boss = await shop.person({ id: ADMIN, language_code: 'en', first_name: 'Boss' })
  mate = await shop.person({ language_code: 'en', first_name: 'Mate' })
  for (const one of [boss, mate]) {
    await one.start()
    await one.hears('Balance')
  }
  await setRole(shop.db, { bot: 'main', personId: BigInt(mate.id), role: 'admin', by: BigInt(ADMIN) })
  await shop.control('POST', '/chats', {
    id: ROOM,
    type: 'supergroup',
    title: 'Office',
    is_forum: true,
    members: { [mate.id]: 'member', [BOT]: 'administrator', [ADMIN]: 'creator' },
  })
  group = adminsGroup(shop, ROOM)
  const value = { chat: String(ROOM), title: 'Office', by: String(ADMIN), threads: {} }
  await createSettings(shop.db, shop.config).set(shop.db, alertsGroup, {
    value,
    bot: 'main',
    by: BigInt(ADMIN),
  })
  // The worker reads its settings again after at most 2 s, and makes each topic with the first message to it.
  for (const topic of ['operations', 'payments'] as const)
    await eventually(
      async () => {
        await tell(topic, 'probe')
        return (await group.seen()).some((one) => wordsOf(one).includes('probe'))
      },
      { everyMs: 300 },
    )
})

/** Owes a message to a topic of the group. */
const tell = (topic: AlertTopic, what: string, key = newId()) =>
  oweTeamNotice(
    shop.db,
    main,
    { topic, minimum: 'admin' },
    { key, text: 'alert-bot-parked', params: { bot: what } },
  )
/** Which of these the group has, in the order in which they stand there. */
const heard = async (...those: string[]) =>
  (await group.seen())
    .toSorted((a, b) => a.message_id - b.message_id)
    .map((one) => those.find((what) => wordsOf(one).includes(what)))
    .filter((what) => what !== undefined)
/** Holds the next call of this method to the group, once no earlier message is on its way, which would be held instead. */
async function hold(method: string): Promise<void> {
  await eventually(async () => {
    const owed = await shop.db.rows(q`
      select 1 from outbox where job = 'notice.send' and state in ('owed', 'queued')`)
    return owed.length === 0
  })
  await shop.fault({ on: 'call', method, chat: ROOM, times: 1, do: { arrive_ms: HOUR_MS } })
}
const letGo = () => shop.control('PUT', '/clock', { advance_ms: HOUR_MS })
afterEach(async () => {
  await shop.control('PUT', '/faults', [])
  await letGo()
})

describe('messages to one topic of the admins’ group', () => {
  test('arrive in the order in which they were owed when Telegram is slow with the first, and keep nobody else waiting', async () => {
    await hold('sendMessage')
    await tell('operations', 'It happened')
    await eventually(async () => (await shop.control<{ hits: number }[]>('GET', '/faults'))[0]?.hits === 1)
    const later = Array.from({ length: 25 }, (_, at) => `Then ${at}.`)
    for (const what of [...later, 'It is over']) await tell('operations', what)
    await tell('payments', 'Another topic')
    await owePersonNotice(shop.db, {
      key: newId(),
      bot: 'main',
      personId: BigInt(mate.id),
      text: 'alert-bot-parked',
      params: { bot: 'Somebody else' },
    })
    await group.hears('Another topic')
    await mate.hears('Somebody else')
    expect(await heard('It happened', ...later, 'It is over')).toEqual([])
    await letGo()
    await group.hears('It is over')
    expect(await heard('It happened', ...later, 'It is over')).toEqual([
      'It happened',
      ...later,
      'It is over',
    ])
  })

  test('wait for one whose job the queue has lost no longer than two minutes', async () => {
    const lost = newId()
    const queued = (minutes: number) =>
      shop.db.rows(q`
        insert into outbox (key, job, payload, bot, state, enqueued, updated_at)
        values (${`notice-${lost}`}, 'notice.send', '{"bot": "main", "team": {"topic": "operations"}}', 'main', 'queued', 1,
                now() - ${minutes} * interval '1 minute')
        on conflict (key) do update set updated_at = excluded.updated_at`)
    await queued(0)
    await tell('operations', 'Behind it')
    await tell('payments', 'Beside it')
    await group.hears('Beside it')
    expect(await heard('Behind it')).toEqual([])
    await queued(3)
    await group.hears('Behind it')
    await shop.db.rows(q`update outbox set state = 'done' where key = ${`notice-${lost}`}`)
  })

  test('tell what happened again before they tell that it is over, though the alert waits for its next five minutes', async () => {
    const alert = (text: string, params: Record<string, string> = {}) =>
      oweAdminAlert(shop.db, [{ name: 'main' }], { key: newId(), text, params })
    await alert('alert-ledger')
    const first = await group.hears('The ledger does not add up')
    await alert('alert-ledger')
    await alert('alert-audit-log', { lines: '1' })
    const over = await group.hears('The audit log was changed')
    const again = await group.hears('The ledger does not add up', first.message_id)
    expect(again.message_id).toBeLessThan(over.message_id)
  })
})

describe('an alert that asks for a decision', () => {
  const now = async ({ message_id }: Said) =>
    (await group.seen()).find((one) => one.message_id === message_id)!
  const keysOf = ({ inline_keyboard = [] }: Said) => inline_keyboard.flat().map(({ text }) => text)

  test('F123 gets no keys back when another admin approves while the keys for the first are on their way to Telegram', async () => {
    await boss.say(`/adjust ${mate.id} 90000 RUB thanks`)
    await boss.hears(/second admin|another admin/i)
    const third = await shop.person({ language_code: 'en', first_name: 'Third' })
    await third.start()
    await third.hears('Balance')
    await setRole(shop.db, { bot: 'main', personId: BigInt(third.id), role: 'admin', by: BigInt(ADMIN) })
    const post = await group.hears('A second admin is needed')
    await eventually(async () => {
      await group.press(third.id, post, '✋ Decide')
      return keysOf(await now(post)).includes('Approve (Third)')
    })
    // A second press of the third admin may still be worked on, and its edit must not be the one that is held.
    await third.say('/help')
    await third.hears('/topup')
    const asked = await now(post)
    await hold('editMessageReplyMarkup')
    await group.press(ADMIN, asked, '✋ Decide')
    await eventually(async () => (await shop.control<{ hits: number }[]>('GET', '/faults'))[0]?.hits === 1)
    // A busy machine may answer the press later than the simulated Telegram waits for it.
    await group.press(third.id, asked, 'Approve (Third)')
    await eventually(async () => wordsOf(await now(post)).includes('Approved by Third'))
    expect(keysOf(await now(post))).toEqual([])
    await letGo()
    // What one admin does is worked on in its order: when this is answered, the held keys have come and are judged.
    await boss.say('/help')
    await boss.hears('/topup')
    expect(keysOf(await now(post))).toEqual([])
    expect(wordsOf(await now(post)).split('Approved by Third')).toHaveLength(2)
  })
})
