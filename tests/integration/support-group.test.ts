import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { audit } from '#shared/audit.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { setRole } from '#shared/roles.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { newId } from '#shared/ids.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { openPanelOf } from '../lib/panel.ts'
import { adminsGroup, wordsOf } from '../lib/admins-group.ts'
import type { Said } from '../lib/admins-group.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop, TOKENS } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

/** Each part has its own group: a bot writes 15 messages in one at once, and waits 3 s before each further one. */
let room = -1_001_000_000_888
const BOT = Number(TOKENS.main.split(':')[0])
/** A picture of one point. */
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

let shop: Shop
let boss: Customer
/** `helper` has the role for support; `guest` is in the group and has no role. */
let helper: Customer
let guest: Customer

beforeAll(async () => {
  shop = await openShop({
    workers: ['bot'],
    env: { PUBLIC_URL: 'https://shop.example', TELEGRAM_CHAT_RATE: '0' },
    telegram: { groupPerMinute: 0 },
  })
  boss = await shop.person({ id: ADMIN, language_code: 'en', first_name: 'Boss' })
  helper = await shop.person({ language_code: 'en', first_name: 'Helper' })
  guest = await shop.person({ language_code: 'en', first_name: 'Guest' })
  for (const person of [boss, helper]) await person.start()
  await helper.hears('Balance')
  await supports(helper.id)
  await connect('Office')
  await oweAdminAlert(shop.db, [{ name: 'main' }], {
    key: 'first',
    text: 'alert-ledger',
    buttons: [[['alert-list-open', 'a-health']]],
  })
  const first = await hears('ledger')
  // The doors learn of a new role within seconds.
  await eventually(
    async () => (await press(helper.id, first, 'All of them')).text?.includes('private chat'),
    { what: 'the role at the door' },
  )
})

const supports = (id: number) =>
  setRole(shop.db, { bot: 'main', personId: BigInt(id), role: 'support', by: BigInt(ADMIN) })

async function openScreen(): Promise<void> {
  await boss.say('/admin')
  for (const key of ['Settings', 'Alerts', 'Group for alerts', 'Change for main']) await boss.press(key)
}

/** Makes a group with topics and connects it. */
async function connect(title: string): Promise<void> {
  room--
  const members = {
    [BOT]: 'administrator',
    [ADMIN]: 'creator',
    [helper.id]: 'administrator',
    [guest.id]: 'member',
  }
  await shop.control('POST', '/chats', { id: room, type: 'supergroup', title, members, is_forum: true })
  await openScreen()
  await boss.say(`https://t.me/c/${String(room).slice(4)}/15`)
  await boss.hears(`by topics to the group ${title}`)
}

const group = async () => (await createSettings(shop.db, shop.config).get(alertsGroup, 'main'))!
const there = () => adminsGroup(shop, room)
const inRoom = () => there().seen()
const words = wordsOf
const hears = (what: string | RegExp, after?: number) => there().hears(what, after)
const writes = async (from: number, body: object): Promise<number> =>
  (await shop.control<{ message_id: number }>('POST', `/chats/${room}/messages`, { from, ...body }))
    .message_id
const replies = (from: number, to: Said, text: string) => writes(from, { text, reply_to: to.message_id })
const press = (person: number, post: Said, key: string) => there().press(person, post, key)
const told = (below: number, what: string | RegExp) => there().told(below, what)
const isTaken = (message: number) =>
  eventually(async () => (await inRoom()).find((one) => one.message_id === message)?.bot_reactions?.[0], {
    what: 'the mark that it was sent',
  })
const kept = (person: Customer) =>
  shop.db.rows(q<{ text: string; admin: bigint | null; payment: string | null; waits: boolean }>`
    select text, admin_id as admin, payment_id as payment, waits from support_messages
    where person_id = ${person.id} order by created_at`)

let count = 0
/** A customer with an open question, as it stands in the group. */
async function question(of?: (person: Customer) => Promise<void>) {
  const person = await shop.person({ language_code: 'en', first_name: 'Ann' })
  await person.start()
  await person.hears('Balance')
  await of?.(person)
  const text = `Question ${++count} <b>`
  if (!of) await person.say('/support')
  await person.hears(/Write (here )?what happened/)
  await person.say(text)
  await person.hears('Support has your message')
  return { person, text, post: await hears(text) }
}

/** Somebody asks while the group takes nothing. */
async function ask(): Promise<string> {
  const person = await shop.person({ language_code: 'en' })
  const text = `Question ${++count} <b>`
  await person.start()
  await person.say('/support')
  await person.say(text)
  await person.hears('Support has your message')
  return text
}

async function payment(person: Customer): Promise<string> {
  const id = newId()
  await createPayment(shop.db, {
    id,
    personId: BigInt(person.id),
    bot: 'main',
    provider: 'manual',
    asset: 'RUB',
    amount: 50_000n,
    creditAsset: 'RUB',
    creditAmount: 50_000n,
  })
  return id
}

describe('questions in the topic of the admins’ group', () => {
  test('a question stands in its own topic and nowhere else; a reply of support answers it once, and the customer sees it was read', async () => {
    const { person, text, post } = await question()
    expect(post.message_thread_id).toBe((await group()).threads.support)
    const reply = await replies(helper.id, post, 'Here is the <answer>')
    await person.hears(/A message from support[^]*Here is the <answer>/)
    expect(await isTaken(reply)).toBe('👌')
    await person.hears('Support has read your message')
    const both = [
      { text, admin: null, payment: null, waits: false },
      { text: 'Here is the <answer>', admin: BigInt(helper.id), payment: null, waits: false },
    ]
    expect(await kept(person)).toEqual(both)
    // Telegram sends the update once more, under another number.
    const chat = { id: room, type: 'supergroup', title: 'Office', is_forum: true }
    const from = { id: helper.id, is_bot: false, first_name: 'Helper', language_code: 'en' }
    await shop.inject({
      message: {
        message_id: reply,
        from,
        chat,
        date: post.date,
        text: 'Here is the <answer>',
        reply_to_message: {
          message_id: post.message_id,
          from: { id: BOT, is_bot: true, first_name: 'Main', username: 'main_bot' },
          chat,
          date: post.date,
          reply_markup: { inline_keyboard: post.inline_keyboard },
        },
      },
    })
    const next = await replies(helper.id, post, 'And one thing more')
    await isTaken(next)
    await person.hears('And one thing more')
    expect((await kept(person)).map((one) => one.text)).toEqual([text, both[1]!.text, 'And one thing more'])
    expect(
      (await boss.messages()).some((one) => words(one).includes(text)),
      'nobody is told twice',
    ).toBe(false)
  })

  test('a reply is about the same payment; a photo goes with its words, and what comes back stands in the topic with its photo', async () => {
    const { person, post } = await question(async (one) => {
      await payment(one)
      await one.say('/paysupport')
      await one.press('It is about a payment or an order')
      await one.press('₽500')
    })
    const [asked] = await kept(person)
    expect(asked!.payment).toMatch(/^\w{16}$/)
    await writes(helper.id, { photo: PIXEL, caption: 'Press this one', reply_to: post.message_id })
    const got = await person.hears(/About payment[^]*Press this one/)
    expect(got.photo).toBeDefined()
    await person.press('Answer')
    await person.sendPhoto(Buffer.from(PIXEL, 'base64'), { caption: 'It looks so' })
    expect((await hears('It looks so')).photo).toBeDefined()
    expect((await kept(person)).map((one) => one.payment)).toEqual([1, 2, 3].map(() => asked!.payment))
  })

  test('whoever answers second is told what the first one wrote, and sends their own words by a key that is theirs alone', async () => {
    const { person, post } = await question()
    await isTaken(await replies(helper.id, post, 'It is on its way'))
    const second = await replies(ADMIN, post, 'It has come')
    const warned = await told(second, /Helper answered[^]*It is on its way/)
    expect((await kept(person)).map(({ text }) => text)).not.toContain('It has come')
    expect(await press(helper.id, warned, 'Send to the customer')).toMatchObject({ show_alert: true })
    await Promise.all([1, 2].map(() => press(ADMIN, warned, 'Send to the customer')))
    await person.hears('It has come')
    expect((await kept(person)).filter(({ text }) => text === 'It has come')).toHaveLength(1)
  })

  test('two admins who reply at the same moment: one answer goes, the other admin is asked', async () => {
    const { person, post } = await question()
    const both = await Promise.all([replies(helper.id, post, 'Mine'), replies(ADMIN, post, 'Ours')])
    await eventually(async () => {
      const all = await inRoom()
      const taken = all.filter((one) => both.includes(one.message_id) && one.bot_reactions)
      const asked = all.filter((one) => both.includes(one.reply_to_message_id ?? 0))
      return taken.length === 1 && asked.length === 1
    })
    expect((await kept(person)).filter(({ admin }) => admin !== null)).toHaveLength(1)
  })

  test('what is no answer to a customer goes to nobody, with clear words where somebody meant one', async () => {
    const { person, post } = await question()
    const { support } = (await group()).threads
    const talk = await writes(helper.id, { text: 'Who takes this?', message_thread_id: support })
    const voice = await writes(helper.id, { voice: PIXEL, reply_to: post.message_id })
    await told(voice, 'only words, a photo or a file')
    await told(await replies(helper.id, post, '/help'), 'only words, a photo or a file')
    await told(await replies(helper.id, post, 'x'.repeat(2_001)), '2.000')
    const stranger = await replies(guest.id, post, 'I know it!')
    await told(stranger, 'Only administrators of this bot')
    const hidden = await writes(helper.id, { text: 'Me', reply_to: post.message_id, as: 'anonymous' })
    await told(hidden, 'write anonymously')
    await shop.db.rows(q`update admins set role = 'read-only' where person_id = ${helper.id}`)
    await told(await replies(helper.id, post, 'May I?'), 'takes the role support')
    await shop.db.rows(q`update admins set role = 'support' where person_id = ${helper.id}`)
    expect(await press(guest.id, post, 'Answer')).toMatchObject({
      text: expect.stringContaining('Only admin'),
    })
    const block = (how: string) => shop.control('PATCH', `/people/${person.id}`, { [how]: 'main_bot' })
    const blocked = () =>
      shop.db.rows(q`select 1 from bot_sessions where person_id = ${person.id} and blocked_at is not null`)
    await block('block')
    await eventually(async () => (await blocked()).length === 1)
    await told(await replies(helper.id, post, 'Are you there?'), 'has blocked the bot')
    await block('unblock')
    await eventually(async () => (await blocked()).length === 0)
    const last = await replies(helper.id, post, 'Now')
    await isTaken(last)
    await shop.control('PATCH', `/chats/${room}/messages/${last}`, { text: 'Later' })
    await told(last, 'already has the first version')
    await person.hears('Now')
    expect((await kept(person)).map(({ text }) => text).slice(1)).toEqual(['Now'])
    expect((await inRoom()).filter((one) => one.reply_to_message_id === talk)).toEqual([])
  })
})

describe('what else is done about it', () => {
  beforeAll(() => connect('Side office'))

  test('what admins do elsewhere stands in the topic with their name, and the panel answers nothing that another has answered meanwhile', async () => {
    const { person, post } = await question()
    const panel = await openPanelOf(shop.url, boss)
    const page = await panel.get(`/people/${person.id}`)
    const act = page.body['acts'].find((one: { path: string }) => one.path.endsWith('/answer'))
    const answered = await replies(helper.id, post, 'From the topic')
    await isTaken(answered)
    const late = await panel.post(act.path, { ...act.sends, words: 'From the panel' })
    expect(late.status).toBeGreaterThanOrEqual(400)
    expect(JSON.stringify(late.body)).toMatch(/Helper has answered[^]*From the topic/)
    const [again] = (await panel.get(`/people/${person.id}`)).body['acts'].filter((one: { path: string }) =>
      one.path.endsWith('/answer'),
    )
    const sent = { ...again.sends, words: 'From the panel <too>' }
    expect(
      (await Promise.all([1, 2].map(() => panel.post(again.path, sent)))).map(({ status }) => status),
    ).toEqual([200, 200])
    const note = await hears('Boss wrote to customer[^]*From the panel <too>')
    expect(note.message_thread_id).toBe(post.message_thread_id)
    const target = `payment ${await payment(person)}`
    await audit(shop.db, { actor: BigInt(ADMIN), action: 'request.approve', target, bot: 'main' })
    const done = await hears('Boss approved a request. Payment')
    expect(done.message_thread_id).toBe((await group()).threads.requests)
    const notes = (await inRoom()).filter((one) => words(one).startsWith('✅'))
    expect(notes.map(words).join(), 'what stands in the topic is not told again').not.toContain(
      'From the topic',
    )
    // The shop is closed for its customers, and not for its admins.
    await shop.db.rows(q`update bots set state = 'paused' where name = 'main'`)
    await told(await replies(helper.id, post, 'While the bot is paused'), 'Boss answered')
    await shop.db.rows(q`update bots set state = 'active' where name = 'main'`)
  })

  test('what is written below another alert about a payment goes to its customer after one key more', async () => {
    const person = await shop.person({ language_code: 'en' })
    await person.start()
    await person.hears('Balance')
    const id = await payment(person)
    const alert = { key: newId(), text: 'alert-payback-address', params: { sum: '5', person: '7', find: id } }
    await oweAdminAlert(shop.db, [{ name: 'main' }], {
      ...alert,
      buttons: [[['support-open-payment', 'a-payment', id]]],
    })
    const post = await hears(id)
    const reply = await replies(helper.id, post, 'Which address?')
    const asked = await told(reply, 'Send this to the customer')
    expect(await kept(person)).toEqual([])
    await press(helper.id, asked, 'Send to the customer')
    await person.hears(/About payment[^]*Which address/)
    expect((await kept(person)).map(({ payment: about }) => about)).toEqual([id])
    await helper.hears('Sent to customer')
  })
})

describe('a group that cannot be connected', () => {
  test('a group where the bot may not manage topics is refused in clear words, and so is the old number of a group that moved', async () => {
    const members = { [BOT]: 'administrator', [ADMIN]: 'creator' }
    const other = { type: 'supergroup', title: 'Not yet', members, is_forum: true }
    const [weak, old, now] = [-1_001_000_000_701, -1_001_000_000_702, -1_001_000_000_703]
    for (const id of [weak, old]) await shop.control('POST', '/chats', { ...other, id })
    await shop.control('PATCH', `/chats/${weak}`, { withheld: { [BOT]: ['can_manage_topics'] } })
    await shop.control('PATCH', `/chats/${old}`, { migrate_to_chat_id: now })
    await openScreen()
    const before = (await group()).chat
    await boss.say(String(weak))
    await boss.hears('administrator who may manage topics')
    await boss.say(String(old))
    await boss.hears(`its number is ${now} now`)
    expect((await group()).chat).toBe(before)
  })
})

describe('a group that changes', () => {
  beforeAll(() => connect('Other office'))

  test('a deleted topic is made anew, a closed one takes the question, and a request by Telegram to wait loses none', async () => {
    const before = (await group()).threads.support!
    await shop.control('PATCH', `/chats/${room}/topics/${before}`, { deleted: true })
    await shop.fault({ on: 'call', method: 'sendMessage', chat: room, do: { retry_after: 1 } })
    const { post } = await question()
    const now = (await group()).threads.support!
    expect(now).not.toBe(before)
    expect(post.message_thread_id).toBe(now)
    // The maker of a topic opens it again, also without any right in the group.
    await shop.control('PATCH', `/chats/${room}/topics/${now}`, { closed: true })
    await shop.control('PATCH', `/chats/${room}`, { members: { [BOT]: 'member' } })
    expect((await question()).post.message_thread_id).toBe(now)
    await isTaken(await replies(helper.id, post, 'Still here'))
    await shop.control('PATCH', `/chats/${room}/topics/${now}`, { deleted: true })
    const text = await ask()
    await boss.hears(text)
    await helper.hears(text)
    await boss.hears('it lacks rights')
    await shop.control('PATCH', `/chats/${room}`, { members: { [BOT]: 'administrator' } })
  })

  test('thrown out of its group, the bot tells every admin with the role; an admin who never pressed Start is asked to', async () => {
    const newcomer = await shop.person({ language_code: 'en', started: [], first_name: 'New' })
    await shop.db.rows(q`insert into persons (id, first_name) values (${newcomer.id}, 'New')`)
    await setRole(shop.db, { bot: 'main', personId: BigInt(newcomer.id), role: 'support', by: BigInt(ADMIN) })
    await shop.control('PATCH', `/chats/${room}`, { members: { [newcomer.id]: 'member' } })
    const { post } = await question()
    await eventually(async () => {
      const { text = '' } = await press(newcomer.id, post, 'Answer')
      return text.includes('press Start')
    })
    await told(await replies(newcomer.id, post, 'Hello'), 'press Start')
    await shop.control('PATCH', `/chats/${room}`, { members: { [BOT]: 'kicked' } })
    const text = await ask()
    await boss.hears(text)
    await helper.hears(text)
    await boss.hears('no longer in the group')
  })
})
