import { beforeAll, describe, expect } from 'vitest'
import { sql as q } from 'kysely'
import { ADMIN, openShop } from '../lib/shop.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { eventually } from '../lib/eventually.ts'
import { setRole } from '#shared/roles.ts'
import { expire } from '#shop/payments/jobs.ts'
import type { Bubble } from '../lib/phone.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { give } from '../lib/give.ts'

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

let shop: Shop
let boss: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'upkeep', 'billing'] })
  boss = await shop.person({ id: ADMIN, language_code: 'en' })
  await boss.start()
})

async function customer(kopecks = 0n, more: Record<string, unknown> = {}): Promise<Customer> {
  const person = await shop.person({ language_code: 'en', ...more })
  await person.start()
  await eventually(async () => (await rows(person)) > 0, { what: 'the session' })
  if (kopecks > 0n) await give(shop.db, person.id, kopecks)
  return person
}
const rows = async ({ id }: Customer) =>
  (await shop.db.rows(q`select from bot_sessions where person_id = ${id}`)).length

/** Makes an item by the form and opens its page. */
async function make(form: string): Promise<void> {
  await boss.say('/admin')
  await boss.press('Own goods')
  await boss.press('New item')
  await boss.hears('Describe the item')
  await boss.say(form)
}
const document = (text: string) => boss.sendFile(Buffer.from(text), { file_name: 'keys.txt' })

describe('what owners sell of their own', () => {
  test('an admin makes an item and sends its keys as a file; a buyer finds it, buys it, and sees it again', async () => {
    await make(
      'kind: stock\nru: Ключ <Steam>\nen: Steam <key>\nen-text: For two\nplayers & more\nprice: 150 RUB\nlow: 0\nuntil: 2100-01-01',
    )
    await boss.hears(/Steam <key>[^]*one for each customer[^]*₽150/)
    await boss.press('Add keys')
    await boss.hears('Send keys as text')
    await document('AAAA-1111\n\nBBBB-<2>\nAAAA-1111\n')
    await boss.hears(/2 keys added[^]*Duplicates \(1\), lines: 4[^]*Free: 2/)
    const sent = await shop.control<{ messages: { document?: object; deleted: boolean }[] }>(
      'GET',
      `/chats/main_bot/${ADMIN}?limit=200`,
    )
    expect(
      sent.messages.filter((one) => one.document && !one.deleted),
      'the file is gone from the chat',
    ).toEqual([])

    const person = await customer(15_000n)
    await person.say('/goods')
    await person.press('Find')
    await person.say('steam')
    await person.press('Steam <key> · ₽150')
    await person.hears(/Steam <key>[^]*players & more[^]*2 left/)
    const { message, key } = await person.key('Buy · ₽150')
    // Telegram shows the deadline in the reader's own zone.
    expect(message.entities).toContainEqual(expect.objectContaining({ type: 'date_time' }))
    await Promise.all([1, 2].map(() => person.tap(message.message_id, key.callback_data!)))
    await person.hears(/Steam <key> is yours[^]*AAAA-1111/)
    await person.say('/goods')
    await person.press('My purchases')
    await person.press(/^Steam <key> · (?!₽)/)
    await person.hears('AAAA-1111')
    const [sold] = await shop.db.rows(
      q<{ count: bigint }>`select count(*) from shelf_lines where state = 'sold'`,
    )
    expect(sold!.count).toBe(1n)
    // Nobody else opens the purchase, whatever they press.
    const [order] = await shop.db.rows(
      q<{ id: string }>`select id from orders where person_id = ${person.id}`,
    )
    await boss.say(`/find ${order!.id}`)
    await boss.press('Replace')
    await boss.hears('Why is it replaced')
    await boss.say('does not open')
    await boss.hears('the customer knows')
    await boss.press('Open the order')
    await boss.press('Give the money back')
    await boss.say('our fault')
    await boss.hears('The customer was refunded')
    expect((await boss.messages()).filter((one) => one.text?.includes('AAAA-1111'))).toEqual([])
  })

  test('a buyer with too little on the balance has the key set aside, drops it, and is charged nothing', async () => {
    await make('kind: text\nru: Гайд\nen: Guide\nprice: 10 TOK\nlimit: 1')
    await boss.press('What the customer gets')
    await boss.hears('Send the text')
    await boss.say('Read this & that')
    await boss.hears('The text for the customer is saved')
    const person = await customer()
    await person.say('/goods')
    await person.press('Guide · 10 tokens')
    await person.press('Buy · 10 tokens')
    await person.hears(/“Guide” costs 10 tokens\. You are 10 tokens short/)
    await person.press('Cancel')
    await person.hears('Balance')
    const orders = await shop.db.rows(
      q<{ state: string }>`select state from orders where person_id = ${person.id}`,
    )
    expect(orders).toEqual([{ state: 'cancelled' }])

    /** Buys it again by a key of its own, and returns the message that asks for the money. */
    const asksForMoney = async () => {
      const before = (await person.messages()).map(({ message_id }) => message_id)
      await person.say('/goods')
      await person.press('Guide · 10 tokens')
      await person.press('Buy · 10 tokens')
      return await eventually(
        async () =>
          (await person.messages()).find(
            ({ message_id, text }) => !before.includes(message_id) && text?.includes('costs 10 tokens'),
          ),
        { what: 'the message that asks for the money' },
      )
    }
    const keysOf = ({ inline_keyboard }: Bubble) => inline_keyboard?.flat().map(({ text }) => text)
    const becomes = ({ message_id }: Bubble, words: string) =>
      eventually(
        async () => {
          const now = (await person.messages()).find((one) => one.message_id === message_id)!
          return now.text?.includes(words) ? now : undefined
        },
        { what: words },
      )
    // The key is pressed in the menu, which is another message.
    const dropped = await asksForMoney()
    await person.say('/menu')
    await person.hears(/Not finished: “Guide”/)
    await person.press('Cancel')
    expect(keysOf(await becomes(dropped, 'the purchase is cancelled'))).toEqual([
      'See the item',
      'To the menu',
    ])
    // A phone that has not seen the change yet still shows the old keys.
    const old = dropped
      .inline_keyboard!.flat()
      .filter((key) => key.callback_data && key.text !== 'To the menu')
    expect(old).toHaveLength(2)
    for (const { text: words, callback_data } of old) {
      const { text = '' } = await person.tap(dropped.message_id, callback_data!)
      expect(text, words).toContain('cancelled or complete already')
    }
    const expiring = await asksForMoney()
    await shop.db.rows(q`
      update orders set expires_at = now() - interval '1 hour'
      where person_id = ${person.id} and state = 'awaiting_payment'`)
    await shop.shared.producer.add(expire, { at: 'passed' })
    expect(keysOf(await becomes(expiring, 'the time to pay is over'))).toEqual([
      'See the item',
      'To the menu',
    ])
  })

  test('a buyer fills in what a service asks for, sees it taken on the live card, and reads the answer; another is refused', async () => {
    await make(
      'kind: service\nru: Прокачка\nen: Levelling\nprice: 150 RUB\nhours: 2\nask-1: number | Уровень | Level\nask-2: choice | Сервер | Server | EU, US\nask-3: photo | Профиль | Profile',
    )
    await boss.hears(/a service, done by an admin[^]*Time: 2 hours, questions to the customer: 3/)
    await boss.say('/admin')
    // A person who does more than twenty things in ten seconds is slowed down, so each order has a person of its
    // own.
    const order = async (person: Customer, level: string) => {
      await person.say('/goods')
      await person.press('Levelling · ₽150')
      await person.press('Buy · ₽150')
      await person.hears(/Question 1 of 3[^]*Level/)
      await person.say(level)
      await person.hears(/Question 2 of 3[^]*Server/)
      await person.press('US')
      await person.hears(/Question 3 of 3[^]*Profile/)
      await person.sendPhoto(PIXEL)
      await person.hears(/Is everything right[^]*Level[^]*7[^]*Server[^]*US[^]*a photo/)
      const { message, key } = await person.key('All correct, order')
      await Promise.all([1, 2].map(() => person.tap(message.message_id, key.callback_data!)))
      return await person.hears(/Levelling is ordered, and the money for it is reserved/)
    }
    const person = await customer(15_000n)
    const other = await customer(15_000n)
    await other.say('/goods')
    await other.press('Levelling · ₽150')
    await other.press('Buy · ₽150')
    await other.hears(/Question 1 of 3/)
    await other.say('seven')
    await other.hears('A number is needed')
    const card = await order(person, '7')
    await boss.say('/admin')
    await boss.press(/^🛠 Services/)
    await boss.press(/^🆕 Levelling/)
    await boss.hears(/Level[^]*7[^]*Server[^]*US[^]*a photo[^]*To be done by/)
    await boss.press('Show the photos')
    await boss.press('Take it')
    await eventually(
      async () =>
        (await person.messages()).some(
          ({ message_id, text = '' }) =>
            message_id === card.message_id && text.includes('somebody is working on it'),
        ),
      {
        what: 'the live card',
      },
    )
    await boss.press('Open the order')
    await boss.press('Done')
    await boss.hears('Write what the customer gets')
    await boss.say('Level <80>')
    await boss.hears('the customer has the answer')
    await person.press('See the purchase')
    await person.hears(/Levelling is done:\s+Level <80>/)
    await order(other, '7')
    await boss.say('/admin')
    await boss.press(/^🛠 Services/)
    await boss.press(/^🆕 Levelling/)
    await boss.press('Refuse')
    await boss.say('the server was closed')
    await boss.hears('the customer has the money back')
    await other.hears(/could not be done[^]*₽150[^]*the server was closed/)
  })

  test('a file is sent to its buyers as often as they like, and brought to another bot once', async () => {
    await make('kind: file\nru: Книга\nen: Book\nprice: 150 RUB')
    await boss.hears('There is no file yet')
    await boss.press('Add the file')
    await boss.hears('Send a file, a photo or a video')
    await boss.say('here')
    await boss.hears('Send a file, a photo or a video.')
    await boss.sendFile(Buffer.from('the book'), { file_name: 'book <1>.txt' })
    await boss.hears('File: book <1>.txt')
    const person = await customer(15_000n)
    await person.say('/goods')
    await person.press('Book · ₽150')
    await person.press('Buy · ₽150')
    const files = async (who = person) => (await who.messages()).filter(({ document }) => document).length
    await eventually(async () => (await files()) === 1, { what: 'the file' })
    // Another bot uploads the file for its first buyer, and keeps a file id of its own.
    const ids = () =>
      shop.db.rows(
        q<{
          bot: string
        }>`select bot from shelf_files where file_id is not null group by bot, file_id order by bot`,
      )
    for (const count of [1, 2]) {
      const other = await customer(15_000n, { bot: 'second_bot' })
      await other.say('/goods')
      await other.press('Book · ₽150')
      await other.press('Buy · ₽150')
      await eventually(async () => (await files(other)) === 1, {
        what: `the file in the other bot, ${count}`,
      })
      await eventually(async () => (await ids()).length > 1, { what: 'an id of the other bot’s own' })
      expect(await ids()).toEqual([{ bot: 'main' }, { bot: 'second' }])
    }
    await person.say('/goods')
    await person.press('My purchases')
    await person.press(/^Book · (?!₽)/)
    await eventually(async () => (await files()) === 2, { what: 'the file again' })
  })

  test('a gift: its buyer sends a link, the friend who opens it has the goods, and both see how it stands', async () => {
    await make('kind: text\nru: Секрет\nen: Secret\nprice: 150 RUB\nlimit: 1')
    await boss.press('What the customer gets')
    await boss.say('OPEN-SESAME')
    await boss.hears('The text for the customer is saved')
    const person = await customer(30_000n)
    await person.say('/goods')
    await person.press('Secret · ₽150')
    const { message, key } = await person.key('As a gift · ₽150')
    await Promise.all([1, 2].map(() => person.tap(message.message_id, key.callback_data!)))
    const card = await person.hears(/Secret: the gift is ready/)
    const [, token] = /\?start=(gift_[\w-]{22})/.exec(card.text!)!
    await person.say(`/start ${token}`)
    await eventually(
      async () => (await person.messages()).filter(({ text = '' }) => text.includes(token!)).length > 1,
      { what: 'the buyer’s own look' },
    )
    const friend = await customer()
    await friend.say('/start gift_AAAAAAAAAAAAAAAAAAAAAA')
    await friend.hears('There is no such gift')
    await friend.say(`/start ${token}`)
    await friend.hears(/Secret is yours[^]*OPEN-SESAME/)
    await person.hears('Your gift “Secret” was opened')
    const late = await customer()
    await late.say(`/start ${token}`)
    await late.hears('Somebody else has opened this gift already')
    await friend.say('/goods')
    await friend.press('My purchases')
    await friend.press(/^🎁 Secret · /)
    await friend.hears('OPEN-SESAME')
    await person.say('/goods')
    await person.press('My purchases')
    await person.press(/^🎁 Secret · /)
    await person.hears(/Secret: the gift was opened/)
    for (const one of [person, late])
      expect((await one.messages()).filter(({ text = '' }) => text.includes('OPEN-SESAME'))).toEqual([])
  })

  test('a gift from a stock, for which the balance is too small, is paid with Stars and goes on by itself: the message that asked for the money becomes the gift', async () => {
    await make('kind: stock\nru: Ваучер\nen: Voucher\nprice: 10 TOK')
    await boss.press('Add keys')
    await boss.say('VOUCHER-1')
    await boss.hears(/1 key added[^]*Free: 1/)
    const person = await customer()
    await person.say('/goods')
    await person.press('Voucher · 10 tokens')
    await person.press('As a gift · 10 tokens')
    const asked = await person.hears(
      /“Voucher” as a gift costs 10 tokens\. You are 10 tokens short[^]*is reserved for you/,
    )
    await person.say('/menu')
    await person.hears(/🎁 “Voucher”/)
    await person.payWith('Pay ')
    await person.hears('your gift “Voucher” is ready')
    await eventually(
      async () => {
        const card = (await person.messages()).find(({ message_id }) => message_id === asked.message_id)
        return /Voucher: the gift is ready/.test(card?.text ?? '') && card
      },
      { what: 'the card of the gift' },
    )
    await person.press('See the purchase')
    const ready = await person.hears(/Voucher: the gift is ready/)
    const friend = await customer()
    await friend.say(`/start ${/\?start=(gift_[\w-]{22})/.exec(ready.text!)![1]!}`)
    await friend.hears(/Voucher is yours[^]*VOUCHER-1/)
    await person.hears('Your gift “Voucher” was opened')
  })

  test('a line of a form that is not understood is named, the list says why the menu has no key yet, and no category stands inside itself', async () => {
    await make('price 500')
    await boss.hears('I do not understand the line “price 500”')
    await boss.say('kind: stock\nru: Ноль\nen: Zero\nprice: 0')
    await boss.hears('Missing or out of range: price')
    await boss.say('kind: stock\nru: Бот\nen: Bot\nprice: 5\nbots: nowhere')
    await boss.hears('There is no bot nowhere')
    await boss.say('/admin')
    await boss.press('Own goods')
    await boss.hears('has no button “Goods” yet')
    await boss.press('Categories')
    await boss.press('New category')
    await boss.say('ru: Игры\nen: Games')
    await boss.hears(/Games[^]*Inside category: —/)
    await boss.press('Change')
    const [category] = await shop.db.rows(q<{ id: bigint }>`select id from shelf_categories`)
    await boss.say(`under: ${category!.id}`)
    await boss.hears('inside itself')
  })

  test('the owner reads on the bot’s page and on the page of health whether inline mode is on, and how to turn it on', async () => {
    await shop.control('PATCH', '/bots/main_bot', { supports_inline_queries: false })
    await shop.db.tx((tx) =>
      setRole(tx, { bot: 'second', personId: BigInt(ADMIN), role: 'owner', by: BigInt(ADMIN) }),
    )
    for (const [name, words] of [
      ['main', /Inline mode is off.*@BotFather: \/setinline, the bot @main_bot/],
      ['second', 'Inline mode is on: type @second_bot in any chat'],
    ] as const) {
      await boss.say('/admin')
      await boss.press('Bots')
      await boss.press(`⚙ ${name}`)
      await boss.hears(words)
    }
    await boss.say('/admin')
    await boss.press('Health')
    await boss.hears(/@main_bot: [^·\n]+ · inline mode is off; \/setinline[^]*@second_bot: \w+\n/)
    await shop.control('PATCH', '/bots/main_bot', { supports_inline_queries: true })
  })
})
