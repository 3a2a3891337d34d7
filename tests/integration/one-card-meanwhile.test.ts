import { HttpError } from 'grammy'
import type { Api } from 'grammy'
import { sql as q } from 'kysely'
import { beforeAll, expect, onTestFinished, vi } from 'vitest'
import { startFragment } from '../../sandbox/fragment/server.ts'
import type { Context } from '#shared/context.ts'
import { setOrderCard } from '#shared/money/orders.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { standsIn } from '#shared/telegram/over-card.ts'
import { refreshCard } from '#shop/stars-premium/jobs.ts'
import { bot } from '#workers/bot/worker.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import type { Bubble } from '../lib/phone.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// What a job draws, or a notice writes, in a message in which something else is shown meanwhile.

let shop: Shop
let app: Context
beforeAll(async () => {
  const reseller = await startFragment({ settings: { stepMs: 30, walletTon: '1000000' } })
  const { apiKey, phoneNumber, mnemonics } = reseller.state.settings
  shop = await openShop({
    workers: [
      {
        ...bot,
        start: async (context) => {
          app = context
          return await bot.start(context)
        },
      },
      'billing',
    ],
    env: {
      TELEGRAM_CHAT_RATE: '0',
      FRAGMENT_API_URL: reseller.url,
      FRAGMENT_API_KEY: apiKey,
      FRAGMENT_PHONE_NUMBER: phoneNumber,
      FRAGMENT_MNEMONICS: mnemonics.join(' '),
    },
  })
  shop.onClose(() => reseller.close())
})

let people = 1
let versions = 1

const now = async (buyer: Customer, { message_id }: Bubble) =>
  (await buyer.messages()).find((one) => one.message_id === message_id)!

/** Presses a key of this message and waits for what it shows then. */
async function inside(buyer: Customer, message: Bubble, words: string, shows: RegExp): Promise<Bubble> {
  const key = (await now(buyer, message)).inline_keyboard!.flat().find(({ text }) => text.includes(words))
  await buyer.tap(message.message_id, key!.callback_data!)
  return await eventually(async () => [await now(buyer, message)].find(({ text }) => shows.test(text ?? '')))
}

/** A person with an order that waits for money, shown in the message of the list of purchases. */
async function withCard(): Promise<{ buyer: Customer; id: string; card: Bubble }> {
  const buyer = await shop.person({ username: `guest_${people++}`, language_code: 'en' })
  await buyer.start()
  await buyer.key('Balance')
  await give(shop.db, buyer.id, 100n)
  await buyer.press(/Stars/)
  await buyer.press(/For me/)
  await buyer.press(/^50 ·/)
  await buyer.press(/Pay ₽.* more and buy/)
  await buyer.hears(/You are .* short/)
  const [order] = await shop.db.rows(q<{ id: string }>`select id from orders where person_id = ${buyer.id}`)
  await buyer.say('/orders')
  const list = await buyer.hears('My purchases')
  const card = await inside(buyer, list, '⭐ 50 ·', new RegExp(order!.id))
  // The update is over when the session says that navigation stands nowhere.
  await eventually(async () => !(await standsSomewhere(buyer)))
  return { buyer, id: order!.id, card }
}

const standsSomewhere = async ({ id }: Customer) =>
  (
    await shop.db.rows(q`
      select bot from bot_sessions where person_id = ${id} and session_data ->> 'anchor' is not null`)
  ).length > 0

/** Owes a redraw of the order. @returns waits for its end */
async function redraw(orderId: string): Promise<() => Promise<unknown>> {
  const version = `meanwhile-${versions++}`
  await owe(shop.db, refreshCard, { orderId, version })
  return () =>
    eventually(
      async () =>
        (
          await shop.db.rows(q`
            select key from outbox where key = ${`card-${orderId}-${version}`} and state = 'done'`)
        )[0],
    )
}

type Edit = Api['editMessageText']

/** Holds the next edit that shows this order until it is let go. */
function holdEdit(orderId: string): { held: Promise<void>; letGo: () => void; answer: 'lost' | 'comes' } {
  const { api } = app.bots.get('main')!
  const edit: Edit = api.editMessageText.bind(api)
  const it = { answer: 'comes' as 'lost' | 'comes', held: Promise.resolve(), letGo: () => {} }
  const gate = new Promise<void>((open) => (it.letGo = open))
  it.held = new Promise<void>((reached) => {
    api.editMessageText = (async (...call: Parameters<Edit>) => {
      if (typeof call[2] !== 'string' || !call[2].includes(orderId)) return await edit(...call)
      api.editMessageText = edit
      reached()
      await gate
      const answer = await edit(...call)
      if (it.answer === 'lost') throw new HttpError('the answer was lost', new Error('reset'))
      return answer
    }) as Edit
  })
  return it
}

const asShown = ({ text, inline_keyboard }: Bubble) => ({ text, inline_keyboard })

test.each(['comes', 'lost'] as const)(
  'F123 an edit of an order’s card that reaches Telegram after the person has gone on in its message makes way for what the person opened (its answer: %s)',
  async (answer) => {
    const { buyer, id, card } = await withCard()
    const edit = holdEdit(id)
    edit.answer = answer
    const drawn = await redraw(id)
    await edit.held
    const list = await inside(buyer, card, 'My purchases', /My purchases/)
    edit.letGo()
    await drawn()
    expect(await now(buyer, card)).toMatchObject(asShown(list))
    // The list's keys go on from there, and the order is followed again when it is opened.
    await inside(buyer, card, '⭐ 50 ·', new RegExp(id))
  },
)

test('F123 the person’s second step in the message counts as well, and nothing of it is stored in clear or for longer than needed', async () => {
  const { buyer, id, card } = await withCard()
  const edit = holdEdit(id)
  const drawn = await redraw(id)
  await edit.held
  await inside(buyer, card, 'My purchases', /My purchases/)
  const menu = await inside(buyer, card, 'Back', /Balance|Not finished/)
  edit.letGo()
  await drawn()
  expect(await now(buyer, card)).toMatchObject(asShown(menu))
  const kept = async () =>
    (
      await shop.db.rows(q<{ session: string }>`
        select session_data::text as session from bot_sessions where person_id = ${buyer.id}`)
    )[0]!.session
  expect(await kept()).toContain('"over"')
  expect(await kept()).not.toContain('My purchases')
  await buyer.say('/menu')
  await eventually(async () => !(await kept()).includes('"over"'))
})

test('F123 a card that another message has become while it was drawn has no keys for money in the former one', async () => {
  const { buyer, id, card } = await withCard()
  const edit = holdEdit(id)
  const drawn = await redraw(id)
  await edit.held
  await buyer.say('/orders')
  const list = await eventually(async () =>
    (await buyer.messages()).find(
      ({ text, message_id }) => message_id > card.message_id && /My purchases/.test(text ?? ''),
    ),
  )
  await inside(buyer, list, '⭐ 50 ·', new RegExp(id))
  await eventually(async () => (await now(buyer, card)).inline_keyboard?.flat().length === 1)
  edit.letGo()
  await drawn()
  await eventually(async () => (await now(buyer, card)).inline_keyboard?.flat().length === 1)
})

test('F123 a person who goes on in a former card’s message while its keys are taken keeps those of the screen', async () => {
  const { buyer, id, card } = await withCard()
  const { notices } = app.bots.get('main')!
  const take = notices.editMessageReplyMarkup.bind(notices)
  let letGo = () => {}
  const gate = new Promise<void>((open) => (letGo = open))
  const held = new Promise<void>((reached) => {
    notices.editMessageReplyMarkup = (async (...call: Parameters<typeof take>) => {
      if (call[1] !== card.message_id) return await take(...call)
      notices.editMessageReplyMarkup = take
      reached()
      await gate
      return await take(...call)
    }) as typeof take
  })
  await keep(buyer, id, await another(buyer))
  await held
  const list = await inside(buyer, card, 'My purchases', /My purchases/)
  letGo()
  await eventually(
    async () =>
      (
        await shop.db.rows(q`
          select key from outbox where key = ${`card-former-${id}-${card.message_id}`} and state = 'done'`)
      )[0],
  )
  expect(await now(buyer, card)).toMatchObject(asShown(list))
})

/** A message of the chat that shows nothing of money. */
async function another(buyer: Customer): Promise<Bubble> {
  await buyer.say('/help')
  return await eventually(async () => {
    const all = await buyer.messages()
    const asked = all.findLastIndex(({ text }) => text === '/help')
    return asked >= 0 ? all.slice(asked).find(({ from }) => from === 'bot') : undefined
  })
}

/** Owes the notice that this order is over, with the message that showed it at that moment. */
async function tellsEnd(buyer: Customer, id: string, card: Bubble, key: string): Promise<void> {
  await owe(shop.db, sendNotice, {
    key: `${key}-${id}`,
    bot: 'main',
    personId: String(buyer.id),
    text: 'order-dropped',
    params: {},
    card: { chatId: buyer.id, messageId: card.message_id, text: 'order-dropped', orderId: id },
  })
}

const keep = (buyer: Customer, id: string, { message_id: messageId }: Bubble) =>
  shop.db.tx((tx) => setOrderCard(tx, id, { bot: 'main', chatId: buyer.id, messageId }))

test('F123 the notice of an end is written in the message that shows its order by then, and in no other', async () => {
  const { buyer, id, card } = await withCard()
  const other = await another(buyer)
  await keep(buyer, id, other)
  await eventually(async () => (await now(buyer, card)).inline_keyboard?.flat().length === 1)
  const before = asShown(await now(buyer, card))
  await tellsEnd(buyer, id, card, 'moved')
  const said = await eventually(async () => [await now(buyer, other)].find(({ text }) => text !== other.text))
  expect(said.inline_keyboard ?? []).toEqual([])
  expect(await now(buyer, card)).toMatchObject(before)
})

test('F123 the notice of an end leaves a message that shows another order, and one in which the person has gone on', async () => {
  const { buyer, id, card } = await withCard()
  await shop.db.rows(q`
    insert into orders (id, person_id, bot, good, state, asset, price, details)
    select 'next-' || id, person_id, bot, good, state, asset, price, details from orders where id = ${id}`)
  await keep(buyer, `next-${id}`, card)
  const before = asShown(await now(buyer, card))
  const last = (await buyer.messages()).at(-1)!.message_id
  await tellsEnd(buyer, id, card, 'taken')
  await eventually(async () => (await buyer.messages()).some(({ message_id }) => message_id > last))
  expect(await now(buyer, card)).toMatchObject(before)

  await keep(buyer, id, card)
  const list = await inside(buyer, card, 'My purchases', /My purchases/)
  const then = (await buyer.messages()).at(-1)!.message_id
  await tellsEnd(buyer, id, card, 'gone-on')
  await eventually(async () => (await buyer.messages()).some(({ message_id }) => message_id > then))
  expect(await now(buyer, card)).toMatchObject(asShown(list))
})

test('F35 a screen is kept for its minute by the database’s clock, whatever the clock of the process says', async () => {
  const handled = async () => (await shop.db.rows(q`select from handled_updates`)).length
  const { buyer, card } = await withCard()
  const before = await handled()
  const place = { bot: 'main', personId: BigInt(buyer.id), messageId: card.message_id }
  await inside(buyer, card, 'My purchases', /My purchases/)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 90_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect((await standsIn(app, place))?.drawn).toBeDefined()
  // A step that a process takes whose clock is ahead keeps the screen as well.
  await inside(buyer, card, 'Back', /Balance|Not finished/)
  await eventually(async () => (await handled()) === before + 2)
  expect((await standsIn(app, place))?.drawn).toBeDefined()
})
