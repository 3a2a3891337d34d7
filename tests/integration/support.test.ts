import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { createSettings } from '#shared/settings/settings.ts'
import { forgetOldMessages } from '#shop/support/worker/upkeep.ts'
import { checkFile } from '#shop/support/messages.ts'
import { keepCard } from '#shop/support/questions.ts'
import { supportDays } from '#shop/support/settings.ts'
import { openPanelOf } from '../lib/panel.ts'
import { newId } from '#shared/ids.ts'
import { createPayment } from '#shop/payments/payments.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

/** A picture of one point. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

let shop: Shop
let boss: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'], env: { PUBLIC_URL: 'https://shop.example' } })
  boss = await shop.person({ id: ADMIN, language_code: 'en' })
  await boss.start()
})

const kept = (person: Customer) =>
  shop.db.rows(q<{ text: string; admin: bigint | null; payment: string | null }>`
    select text, admin_id as admin, payment_id as payment from support_messages
    where person_id = ${person.id} order by created_at`)

async function customer(language = 'en'): Promise<Customer> {
  const person = await shop.person({ language_code: language, first_name: 'Ann' })
  await person.start()
  await person.key(language === 'en' ? 'Balance' : 'Баланс')
  return person
}

describe('support without a contact of the owner', () => {
  test('a person writes in the bot, every admin is told, and the answer comes back with a key to answer it', async () => {
    const person = await customer()
    await person.say('/support')
    await person.hears('Write here what happened')
    await person.say('Where are my <tokens>?')
    await person.hears('Support has your message')
    await boss.hears('Where are my <tokens>?')
    await boss.press('Answer')
    await boss.hears('Write the message')
    await boss.say('They are <here>.')
    await boss.hears(/This is what customer[^]*They are <here>\./)
    expect(await kept(person), 'nothing is sent before the yes').toHaveLength(1)
    const { message, key } = await boss.key('Send')
    await Promise.all([1, 2].map(() => boss.tap(message.message_id, key.callback_data!)))
    await boss.hears(/Sent to customer/)
    await person.hears(/A message from support[^]*They are <here>\./)
    expect(await kept(person), 'two taps are one message').toHaveLength(2)
    await person.press('Answer')
    await person.say('Thank you')
    await boss.hears(/Ann[^]*Thank you/)
  })

  test('F40 an answer to somebody who has blocked the bot is not sent, and their question stays open', async () => {
    const person = await customer()
    await person.say('/support')
    await person.hears('Write here what happened')
    await person.say('Where is my order?')
    await boss.hears('Where is my order?')
    await boss.press('Answer')
    await boss.hears('Write the message')
    await boss.say('On its way.')
    await boss.hears(/This is what customer[^]*On its way\./)
    await shop.control('PATCH', `/people/${person.id}`, { block: 'main_bot' })
    await eventually(
      async () =>
        (
          await shop.db.rows(q`
            select 1 from bot_sessions where person_id = ${person.id} and blocked_at is not null`)
        )[0],
    )
    expect(await boss.press('Send')).toMatchObject({ text: expect.stringContaining('has blocked the bot') })
    expect(await kept(person)).toHaveLength(1)
    const [question] = await shop.db.rows(q<{ waits: boolean }>`
      select waits from support_messages where person_id = ${person.id}`)
    expect(question!.waits).toBe(true)
    // The preview goes with its key.
    await boss.say('/menu')
    await boss.key('Balance')
  })

  test('a question that is just typed is understood by nobody but people: one key hands it to support as it is', async () => {
    const person = await customer()
    await person.say('Why is my <picture> so dark?')
    const { message_id } = await person.hears('I did not understand that')
    const { key } = await person.key('Pass it on to support')
    await Promise.all([1, 2].map(() => person.tap(message_id, key.callback_data!)))
    await boss.hears(/Ann[^]*Why is my <picture> so dark\?/)
    expect(await kept(person), 'two taps are one question').toHaveLength(1)
    // An English reader finds the Mini App under an English word, from the first message on.
    const chat = `/chats/main_bot/${person.id}?limit=1`
    const { bot } = await person.control<{ bot: { menuButton: { text?: string } } }>('GET', chat)
    expect(bot.menuButton.text).toBe('Shop')
  })

  test('plain words after a message of support are the answer to it, about the same payment', async () => {
    const person = await customer()
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
    await person.say('/paysupport')
    await person.press('It is about a payment or an order')
    await person.press('₽500')
    await person.hears(`Write what happened to ${id}`)
    await person.say('It does not come')
    await boss.hears(new RegExp(`About payment ${id}[^]*It does not come`))
    expect(await boss.shows('Open the payment')).toBe(true)
    await boss.press('Answer')
    await boss.say('Which bank?')
    await boss.press('Send')
    await person.hears(/About payment[^]*Which bank\?/)
    await person.say('/balance')
    await person.hears('Your balance')
    await person.say('The green one')
    await boss.hears(new RegExp(`About payment ${id}[^]*The green one`))
    expect((await kept(person)).map(({ payment }) => payment)).toEqual([id, id, id])
  })

  test('words that answer nothing are not taken for a question to support', async () => {
    const person = await customer()
    await person.say('hello')
    await person.hears(/waiting for|did not understand/i)
    expect(await kept(person)).toEqual([])
  })

  test('speaks Russian, and tells a person who has written ten messages in an hour that this is the limit', async () => {
    const person = await customer('ru')
    await person.say('/support')
    await person.hears('Напишите сюда, что случилось')
    for (let n = 1; n <= 10; n++) {
      await person.say(`вопрос ${n}`)
      await eventually(async () => (await kept(person)).length === n, { what: `message ${n} is kept` })
    }
    await person.say('вопрос 11')
    await person.hears('За час можно отправить 10 сообщений')
    expect(await kept(person)).toHaveLength(10)
  })
})

/** A payment that is over, with its page open in the person's chat. */
async function paid(person: Customer): Promise<string> {
  const id = newId()
  await createPayment(shop.db, {
    id,
    personId: BigInt(person.id),
    bot: 'main',
    provider: 'cryptopay',
    asset: 'USDT',
    amount: 5_000_000n,
    creditAsset: 'RUB',
    creditAmount: 40_000n,
  })
  await shop.db.rows(q`update payments set state = 'expired' where id = ${id}`)
  return id
}
const letters = (id: string) =>
  shop.db.rows(q<{ text: string; waits: boolean; isRead: boolean }>`
    select text, waits, read_at is not null as "isRead" from support_messages
    where payment_id = ${id} order by created_at`)

describe('a question about an order or a payment', () => {
  test('a key on the card ties the question to it; the admin sees both on one page, and the person sees that it was read', async () => {
    const person = await customer()
    const id = await paid(person)
    await person.say('/topup')
    await person.press('My payments')
    await person.press(/5/)
    await person.press('Ask about it')
    await person.hears(`Write what happened to ${id}`)
    await person.say('I have paid it')
    await person.hears('Support has your message')
    await person.say('/support')
    await person.hears('Write')
    await person.say('And something else')
    // The admin hears of both messages before the page is opened, because each of them has a key to answer.
    await boss.hears('I have paid it')
    await boss.hears('And something else')
    await boss.say('/admin')
    await boss.hears(/customers? waits? for an answer · since/)
    await boss.press(/Questions/)
    await boss.press(/I have paid it/)
    await boss.hears(new RegExp(`${id}[^]*customer: I have paid it`))
    await person.hears('Support has read your message')
    const [other] = await shop.db.rows(q<{ isRead: boolean }>`
      select read_at is not null as "isRead" from support_messages
      where person_id = ${person.id} and text = 'And something else'`)
    expect(other, 'the page of the payment does not show it').toEqual({ isRead: false })
    expect(await boss.shows('Technical log'), 'the story beside it').toBe(true)
    await boss.press('Answer')
    await boss.hears('Write the message')
    await boss.say('Which network?')
    await boss.hears(/This is what customer[^]*Which network\?/)
    await boss.press('Send')
    await person.hears(/About payment[^]*Which network\?/)
    expect(await letters(id)).toEqual([
      { text: 'I have paid it', waits: false, isRead: true },
      { text: 'Which network?', waits: false, isRead: false },
    ])
  })

  test('at the panel a question stands with its age, its photo beside the story; the same answer pressed twice goes once', async () => {
    const person = await customer()
    const id = await paid(person)
    await person.say('/support')
    await person.press('It is about a payment or an order')
    await person.press(/5/)
    await person.hears('Write what happened')
    await person.sendPhoto(PIXEL, { caption: 'Look at the receipt' })
    await person.hears('Support has your message')
    const panel = await openPanelOf(shop.url, boss)
    const home = await panel.get('/home')
    const waiting = home.body['waiting'].find((one: { opens: string }) => one.opens === 'questions')
    expect(waiting).toMatchObject({ count: expect.any(Number), since: expect.stringContaining('since') })
    const list = await panel.get('/lists/questions')
    expect(list.body['rows'].map((one: { opens: string }) => one.opens)).toContain(`payment/${id}`)
    const page = await panel.get(`/payments/${id}`)
    expect(page.body['notes'].at(-1)).toContain('Look at the receipt')
    expect(page.body['story'].join('\n'), 'in the story, too').toContain('Look at the receipt')
    expect(page.body['files']).toHaveLength(1)
    const act = page.body['acts'].find((one: { path: string }) => one.path.endsWith('/answer'))
    const words = { ...act.sends, words: 'It is credited now' }
    const both = await Promise.all([1, 2].map(() => panel.post(act.path, words)))
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    await person.hears(/About payment[^]*It is credited now/)
    expect((await letters(id)).map(({ waits }) => waits)).toEqual([false, false])
    const other = await panel.post(`/people/${boss.id}/answer`, { ...words, words: 'x' })
    expect(other.status, 'about a payment of somebody else').toBe(404)
  })

  test('what a person asks about one payment goes on waiting when another one is answered or put away, in the chat as at the panel', async () => {
    const person = await customer()
    const things = [await paid(person), await paid(person), await paid(person)]
    const ask = async (thing: string | null, text: string) =>
      shop.db.rows(q`
        insert into support_messages (id, bot, person_id, text, payment_id, waits, created_at)
        values (${newId()}, 'main', ${person.id}, ${text}, ${thing}, true, clock_timestamp())`)
    for (const [at, thing] of things.entries()) await ask(thing, `Where is number ${at}?`)
    await ask(null, 'Hello?')
    const open = async () =>
      (
        await shop.db.rows(q<{ line: string }>`
          select text || case when read_at is null then '' else ' read' end as line
          from support_messages where person_id = ${person.id} and waits order by created_at`)
      ).map(({ line }) => line)
    const panel = await openPanelOf(shop.url, boss)
    const actOf = async (thing: string, name: string) =>
      (await panel.get(`/payments/${thing}`)).body['acts'].find((one: { path: string }) =>
        one.path.endsWith(name),
      ) as { path: string; sends: object }
    const answer = await actOf(things[0]!, '/answer')
    expect((await panel.post(answer.path, { ...answer.sends, words: 'It is here' })).status).toBe(200)
    // What is about nothing in particular is answered with it.
    expect(await open()).toEqual(['Where is number 1?', 'Where is number 2?'])
    const end = await actOf(things[1]!, '/question-end')
    expect((await panel.post(end.path, end.sends)).status).toBe(200)
    expect(await open()).toEqual(['Where is number 2?'])
    const listed = (await panel.get('/lists/questions')).body['rows'].map(
      (one: { opens: string }) => one.opens,
    )
    expect(things.map((thing) => listed.includes(`payment/${thing}`))).toEqual([false, false, true])
    await boss.say(`/find ${things[2]!}`)
    await boss.hears('Where is number 2?')
    await boss.press('No answer needed')
    await boss.press('Close it')
    await eventually(async () => (await open()).length === 0, {
      what: 'the last one is put away in the chat',
    })
  })

  test('an answer at the panel answers what its page showed: what came since, or in another bot, goes on waiting, and the admin reads of it', async () => {
    const person = await customer()
    const ask = (text: string, bot = 'main') =>
      shop.db.rows(q`
        insert into support_messages (id, bot, person_id, text, waits, created_at)
        values (${newId()}, ${bot}, ${person.id}, ${text}, true, clock_timestamp())`)
    const open = async () =>
      (
        await shop.db.rows(q<{ text: string }>`
          select text from support_messages where person_id = ${person.id} and waits order by created_at`)
      ).map(({ text }) => text)
    await ask('How do I pay?')
    const panel = await openPanelOf(shop.url, boss)
    const actOf = async (name: string) =>
      (await panel.get(`/people/${person.id}`)).body['acts'].find((one: { path: string }) =>
        one.path.endsWith(name),
      ) as { path: string; sends: object }
    const [answer, end] = [await actOf('/answer'), await actOf('/question-end')]
    await ask('And where is my refund?')
    await ask('Hello from the other bot', 'second')
    const said = await panel.post(answer.path, { ...answer.sends, words: 'By card' })
    expect(said.body['said']).toContain('there came: “And where is my refund?”')
    expect(await open()).toEqual(['And where is my refund?', 'Hello from the other bot'])
    await person.hears('By card')
    expect((await panel.post(end.path, end.sends)).body['said']).toContain('And where is my refund?')
    expect(await open()).toEqual(['And where is my refund?', 'Hello from the other bot'])
    const next = await actOf('/question-end')
    expect((await panel.post(next.path, next.sends)).body['said']).toBe('The question is closed.')
    expect(await open()).toEqual(['Hello from the other bot'])
  })

  test('what support has read before its confirmation was sent is shown as read by a job of its own, whatever the first one saw', async () => {
    const person = await customer()
    await person.say('/support')
    await person.say('Quick')
    const confirmed = q`select from support_messages where person_id = ${person.id} and card_message_id is not null`
    await eventually(async () => (await shop.db.rows(confirmed)).length > 0, {
      what: 'its confirmation is kept',
    })
    const [sent] = await shop.db.rows(q<{ id: string }>`
      update support_messages set read_at = now() where person_id = ${person.id} returning id`)
    const first = `support-read-${sent!.id}`
    // The first job is in hand: it has looked before the confirmation was kept, and has not ended yet.
    await shop.db.rows(q`
      insert into outbox (key, job, payload, state) values (${first}, 'support.read', ${`{"messageId":"${sent!.id}"}`}::jsonb, 'queued')`)
    await shop.db.tx((tx) => keepCard(tx, sent!.id, 77))
    expect(
      await shop.db.rows(q`select key from outbox where key like ${`${first}%`} and key <> ${first}`),
    ).toEqual([{ key: `${first}-77` }])
  })

  test('a question that needs no answer is put away, a file too large is refused, and what is old is deleted by the setting', async () => {
    const person = await customer()
    expect(() => checkFile({ file_size: 21 * 1024 * 1024 })).toThrow('support.file')
    await person.say('/support')
    await person.say('Thank you all')
    await person.hears('Support has your message')
    const panel = await openPanelOf(shop.url, boss)
    expect((await panel.post(`/people/${person.id}/question-end`)).status).toBe(200)
    const open = await panel.get('/lists/questions')
    expect(JSON.stringify(open.body['rows'])).not.toContain('Thank you all')
    expect(await kept(person)).toHaveLength(1)
    await person.say('Still open')
    await eventually(async () => (await kept(person)).length === 2, { what: 'the open one is kept' })
    const settings = createSettings(shop.db, shop.config)
    await shop.db.tx((tx) => settings.set(tx, supportDays, { value: 7, by: BigInt(ADMIN) }))
    await shop.db.rows(
      q`update support_messages set created_at = now() - interval '8 days' where person_id = ${person.id}`,
    )
    await forgetOldMessages({ db: shop.db, settings })
    expect((await kept(person)).map(({ text }) => text)).toEqual(['Still open'])
    await person.hears(/Support has your message[^]*Still open/)
    expect((await panel.post(`/people/${person.id}/question-end`)).status).toBe(200)
    // A message that somebody else changes at this moment is deleted as well, as soon as that change is committed.
    const other = await shop.db.pool.connect()
    await other.query('begin')
    await other.query(`update support_messages set card_message_id = 1 where person_id = ${person.id}`)
    const forgotten = forgetOldMessages({ db: shop.db, settings })
    const waiting = q`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and query like '%support_messages%'`
    await eventually(async () => (await shop.db.rows(waiting)).length > 0, { what: 'the deletion waits' })
    await other.query('commit')
    other.release()
    await forgotten
    expect(await kept(person)).toEqual([])
  })
})
