import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { oweAdminAlert } from '#shared/notices.ts'
import { setRole } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { lookAfterServices } from '#shop/shelf/worker/services.ts'
import { adminsGroup, wordsOf } from '../lib/admins-group.ts'
import type { Said } from '../lib/admins-group.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { shelfOf } from '../lib/shelf.ts'

const ROOM = -1_001_000_000_999
const BOT = Number(TOKENS.main.split(':')[0])

let shop: Shop
let boss: Customer
/** `mate` is a second admin, `helper` answers customers only, `guest` has no role. */
let mate: Customer
let helper: Customer
let guest: Customer
let group: ReturnType<typeof adminsGroup>

beforeAll(async () => {
  shop = await openShop({
    workers: ['bot'],
    env: { TELEGRAM_CHAT_RATE: '0' },
    telegram: { groupPerMinute: 0 },
  })
  const named = (first_name: string, id?: number) =>
    shop.person({ language_code: 'en', first_name, ...(id !== undefined && { id }) })
  boss = await named('Boss', ADMIN)
  mate = await named('Mate')
  helper = await named('Helper')
  guest = await named('Guest')
  for (const one of [boss, mate, helper]) {
    await one.start()
    await one.hears('Balance')
  }
  await role(mate.id, 'admin')
  await role(helper.id, 'support')
  const members = Object.fromEntries([mate, helper, guest].map(({ id }) => [id, 'member']))
  await shop.control('POST', '/chats', {
    id: ROOM,
    type: 'supergroup',
    title: 'Office',
    is_forum: true,
    members: { ...members, [BOT]: 'administrator', [ADMIN]: 'creator' },
  })
  group = adminsGroup(shop, ROOM)
  await boss.say('/admin')
  for (const key of ['Settings', 'Alerts', 'Group for alerts', 'Change for main']) await boss.press(key)
  await boss.say(`https://t.me/c/${String(ROOM).slice(4)}/15`)
  await boss.hears('by topics to the group Office')
})

const role = (id: number, given: Role | undefined) =>
  setRole(shop.db, { bot: 'main', personId: BigInt(id), role: given, by: BigInt(ADMIN) })
const now = async ({ message_id }: Said): Promise<Said> =>
  (await group.seen()).find((one) => one.message_id === message_id)!
const keysOf = ({ inline_keyboard = [] }: Said) => inline_keyboard.flat().map(({ text }) => text)
/** The alert once it says this. */
const says = (post: Said, what: string) =>
  eventually(async () => [await now(post)].find((one) => wordsOf(one).includes(what)), {
    what: `the alert says ${what}`,
  })
/** What one admin does is worked on in its order, so a press before this has changed the alert where it changes it. */
async function finished(admin: Customer): Promise<void> {
  await admin.say('/help')
  await admin.hears('/topup')
}
/** Presses until the doors know the role, which takes them two seconds. */
const pressKnown = (person: Customer, post: Said, key: string, what: RegExp) =>
  eventually(async () => {
    const answer = await group.press(person.id, post, key)
    return what.test(answer.text ?? '') ? answer : undefined
  })
/** What the doors and the bot answer to people who may not do this. */
async function refusedTo(post: Said, key: string): Promise<void> {
  const before = keysOf(post)
  expect(await group.press(guest.id, post, key)).toMatchObject({
    text: expect.stringContaining('Only administrators of this bot'),
    show_alert: true,
  })
  await pressKnown(helper, post, key, /role/)
  expect(keysOf(await now(post))).toEqual(before)
}

describe('acts below an alert in the admins’ group', () => {
  test('of two admins who take an order at once one has it, the other one reads who, and the alert says it instead of its key', async () => {
    const shelf = await shelfOf(shop)
    const item = await shelf.item({
      kind: 'service',
      terms: { hours: 24, asks: [] },
      name: { ru: 'Помощь', en: 'Help <b>' },
    })
    const buyer = BigInt(guest.id)
    await shop.db.rows(
      q`insert into persons (id, first_name) values (${buyer}, 'Guest') on conflict do nothing`,
    )
    await shelf.give(buyer, 500n)
    const { order } = await shelf.buy(shelf.service(buyer, item, [], { bot: 'main' }))
    await lookAfterServices({ db: shop.db, bots: new Map([['main', { name: 'main' }]]) as never })
    const post = await group.hears('Somebody ordered Help <b>')
    expect(keysOf(post)).toEqual(['Take it', 'Open the order'])
    await refusedTo(post, 'Take it')
    await pressKnown(mate, post, 'Open the order', /Opened in your private chat: @main_bot/)
    await mate.hears(order.id)
    const answers = await Promise.all([boss, mate].map(({ id }) => group.press(id, post, 'Take it')))
    const [row] = await shop.db.rows(q<{ by: bigint }>`
      select taken_by as by from shelf_services where order_id = ${order.id}`)
    const name = row!.by === BigInt(ADMIN) ? 'Boss' : 'Mate'
    expect(answers.map(({ text }) => text)).toEqual([`🛠 Taken by ${name}`, `🛠 Taken by ${name}`])
    const after = await says(post, `Somebody ordered Help <b>.\n\n🛠 Taken by ${name}`)
    await eventually(async () => keysOf(await now(after)).join() === 'Open the order')
    const took = await shop.db.rows(q`select 1 from audit_log where action = 'service.taken'
      and details ->> 'way' = 'group'`)
    expect(took).toHaveLength(1)
    const again = await group.press(mate.id, post, 'Take it')
    expect(again.text).toBe(`🛠 Taken by ${name}`)
    await finished(mate)
    expect(wordsOf(await now(post)).split('Taken by'), 'the alert says it once').toHaveLength(2)
    expect(
      (await group.seen()).filter((one) => wordsOf(one).startsWith('✅')),
      'the alert says it',
    ).toEqual([])
  })

  test('a correction above the limit is decided by a key that carries the name of the admin who was asked, never by its author', async () => {
    await boss.say(`/adjust ${guest.id} 90000 RUB <i>thanks`)
    const post = await group.hears('A second admin is needed')
    expect(wordsOf(post), 'people are named').toContain('Asked by Boss')
    expect(keysOf(post)).toEqual(['✋ Decide'])
    await refusedTo(post, '✋ Decide')
    await pressKnown(boss, post, '✋ Decide', /with your name/)
    const mine = await eventually(async () =>
      [await now(post)].find((one) => keysOf(one).includes('Decline (Boss)')),
    )
    expect(keysOf(mine), 'nobody approves what he asked for').toEqual(['Decline (Boss)', '✋ Decide'])
    expect(await group.press(mate.id, mine, 'Decline (Boss)')).toMatchObject({
      text: expect.stringContaining('Another administrator was asked'),
    })
    await group.press(mate.id, mine, '✋ Decide')
    const asked = await eventually(async () =>
      [await now(post)].find((one) => keysOf(one).includes('Approve (Mate)')),
    )
    expect(keysOf(asked)).toEqual(['Approve (Mate)', 'Decline (Mate)', '✋ Decide'])
    expect(await shop.db.rows(q`select 1 from adjustments where state <> 'waiting'`)).toEqual([])
    // The one approves while the author withdraws.
    const answers = await Promise.all([
      group.press(mate.id, asked, 'Approve (Mate)'),
      group.press(ADMIN, mine, 'Decline (Boss)'),
    ])
    const [{ state }] = (await shop.db.rows(q<{ state: string }>`select state from adjustments`)) as [
      { state: string },
    ]
    const said = state === 'done' ? '✅ Approved by Mate' : '🚫 Declined by Boss'
    expect(answers.map(({ text }) => text)).toEqual([said, said])
    const after = await says(post, said)
    expect(wordsOf(after)).toContain('<i>thanks')
    await eventually(async () => keysOf(await now(post)).length === 0)
  })

  test('a question is marked as read once, and the customer learns it; an admin whose role was taken away a moment ago does nothing', async () => {
    const person = await shop.person({ language_code: 'en', first_name: 'Ann' })
    await person.start()
    await person.say('/support')
    await person.hears(/Write (here )?what happened/)
    await person.say('Where is it?')
    await person.hears('Support has your message')
    const post = await group.hears('Where is it')
    // The doors learn of the role's end later than the database.
    await role(mate.id, undefined)
    const late = await group.press(mate.id, post, '👁 Mark as read')
    expect(late.text).toContain('Only administrators of this bot')
    const unread = await shop.db.rows(q`select 1 from support_messages where read_at is not null`)
    expect(unread).toEqual([])
    const first = await pressKnown(helper, post, '👁 Mark as read', /ead/)
    expect(first.text).toBe('👁 Read by Helper')
    await person.hears('Support has read your message')
    const after = await says(post, 'Where is it?\n\n👁 Read by Helper')
    expect(
      keysOf(await eventually(async () => [await now(after)].find((one) => keysOf(one).length === 2))),
    ).toEqual(['Answer', 'To the customer'])
    expect((await group.press(ADMIN, post, '👁 Mark as read')).text).toBe('👁 Already read')
    await finished(boss)
    expect(wordsOf(await now(post)), 'the alert goes on saying by whom').toMatch(/Read by Helper$/)
    expect((await shop.db.rows(q`select 1 from support_messages where waits`)).length).toBe(1)
  })

  test('a payment in doubt is asked about from the group, and its alert stays as it is', async () => {
    await oweAdminAlert(shop.db, [{ name: 'main' }], {
      key: 'doubt',
      text: 'alert-payment-sum',
      params: { number: 'x'.repeat(16), provider: 'heleket', status: 'odd' },
      buttons: [[['payment-check', 'payment-check', 'x'.repeat(16)]]],
    })
    const post = await group.hears('names no sum')
    expect((await group.press(ADMIN, post, 'Compare now')).text).toBe('Checking the payment…')
    expect(keysOf(await now(post))).toEqual(['Compare now'])
  })
})

describe('a group whose owner switches its topics off again', () => {
  const turn = (is_forum: boolean) => shop.control('PATCH', `/chats/${ROOM}`, { is_forum })

  test('loses no alert: what Telegram takes stands there, the rest comes personally, and its owner hears what is missing', async () => {
    await turn(false)
    await oweAdminAlert(shop.db, [{ name: 'main' }], {
      key: 'taken',
      text: 'alert-bot-parked',
      params: { bot: 'taken' },
    })
    const { message_id: last } = await group.hears('The bot taken')
    await shop.fault({
      on: 'call',
      method: 'sendMessage',
      chat: ROOM,
      times: 1,
      do: { status: 400, description: 'Bad Request: message thread not found' },
    })
    // Alerts with the same text are one message in five minutes, so this one has another text.
    await oweAdminAlert(shop.db, [{ name: 'main' }], { key: 'refused', text: 'alert-ledger' })
    await boss.hears('The ledger does not add up')
    await boss.hears('Office has no topics any more')
    await turn(true)
    await oweAdminAlert(shop.db, [{ name: 'main' }], {
      key: 'again',
      text: 'alert-audit-log',
      params: { lines: '1' },
    })
    await group.hears('The audit log was changed', last)
  })
})
