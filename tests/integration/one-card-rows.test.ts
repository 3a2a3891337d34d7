import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { createOrder, setOrderCard } from '#shared/money/orders.ts'
import { createPayment, setPaymentCard } from '#shop/payments/payments.ts'
import { atEnd } from '../lib/at-end.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
let person: bigint
beforeAll(async () => {
  shop = await openWalletShop()
  atEnd(() => shop.close())
  person = await shop.person(1)
  await shop.person(1, 'second')
})

const KINDS = ['stars', 'premium', 'telegram-gift', 'generation', 'subscription', 'item', 'heleket', 'manual']
const PAYMENTS = ['heleket', 'manual']
let made = 0
let messages = 1

/** An order for this good, or a payment by this provider. */
async function row(kind: string, bot = 'shop', personId = person): Promise<string> {
  const id = `${kind}-${made++}`
  if (PAYMENTS.includes(kind)) {
    const roubles = { asset: 'RUB', amount: 100n, creditAsset: 'RUB', creditAmount: 100n } as const
    await createPayment(shop.db, { id, personId, bot, provider: 'heleket', ...roubles })
  } else await createOrder(shop.db, { id, personId, bot, good: kind, asset: 'RUB', price: 100n }, 'test')
  return id
}

const keep = (id: string, messageId: number, bot = 'shop', chat = person) =>
  shop.db.tx((tx) =>
    (PAYMENTS.some((name) => id.startsWith(name)) ? setPaymentCard : setOrderCard)(tx, id, {
      bot,
      chatId: Number(chat),
      messageId,
    }),
  )

/** The rows whose card the message is. */
const shownIn = async (messageId: number, bot = 'shop') =>
  (
    await shop.db.rows(q<{ id: string }>`
      select id from (select id, bot, card from orders union all select id, bot, card from payments) as rows
      where bot = ${bot} and card @> ${JSON.stringify({ messageId })}::jsonb`)
  ).map(({ id }) => id)

/** The messages that are to lose their keys because of this row. */
const former = async (id: string) =>
  (
    await shop.db.rows(q<{ key: string }>`select key from outbox where key like ${`card-former-${id}-%`}`)
  ).map(({ key }) => Number(key.split('-').at(-1)))

test.each(KINDS.flatMap((before) => KINDS.map((after) => [before, after])))(
  'F123 a message that showed %s and shows %s from now on is the card of the second alone',
  async (before, after) => {
    const [first, second, message] = [await row(before), await row(after), messages++]
    expect(await keep(first, message)).toBe(false)
    expect(await keep(second, message), 'the caller hears that the message was taken').toBe(true)
    expect(await shownIn(message)).toEqual([second])
    expect(await keep(second, message), 'once more it is nobody else’s').toBe(false)
    // The message has the keys of what it shows now.
    expect(await former(first)).toEqual([])
  },
)

test('F123 a payment that is made with its message takes the message from the order that it showed', async () => {
  const [order, message] = [await row('stars'), messages++]
  await keep(order, message)
  const stars = { asset: 'XTR', amount: 5n, creditAsset: 'TOK', creditAmount: 1n } as const
  const one = { personId: person, bot: 'shop', provider: 'stars', ...stars }
  const card = { chatId: Number(person), messageId: message }
  for (const id of ['pack-1', 'pack-2']) {
    expect(await createPayment(shop.db, { id, ...one, card })).toBe(true)
    expect(await shownIn(message)).toEqual([id])
  }
})

test('F123 rows that want one message at once leave it to one of them', async () => {
  const message = messages++
  const rows = await Promise.all(KINDS.flatMap((kind) => [row(kind), row(kind)]))
  await Promise.all(rows.map((id) => keep(id, message)))
  expect(await shownIn(message)).toHaveLength(1)
})

test('F123 a message of the same number in another bot, or of another person, keeps its card', async () => {
  const message = messages++
  const other = await shop.person(2)
  const [first, second, third] = [
    await row('stars'),
    await row('stars', 'second'),
    await row('stars', 'shop', other),
  ]
  await keep(first, message)
  await keep(second, message, 'second')
  await keep(third, message, 'shop', other)
  expect((await shownIn(message)).toSorted()).toEqual([first, third].toSorted())
  expect(await shownIn(message, 'second')).toEqual([second])
})

test.each(['stars', 'heleket'])(
  'F123 %s that is opened in another bot than its own stays where it is shown, and the message there shows no other row',
  async (kind) => {
    const [there, here] = [messages++, messages++]
    const [own, others] = [await row(kind), await row('premium', 'second')]
    await keep(own, here)
    await keep(others, there, 'second')
    expect(await keep(own, there, 'second')).toBe(true)
    expect(await shownIn(there, 'second')).toEqual([])
    expect(await shownIn(here)).toEqual([own])
    expect(
      await shownIn(there),
      'its own bot may have a message of that number, which is another one',
    ).toEqual([])
    expect(await former(own)).toEqual([])
  },
)

test('F123 a purchase that somebody else opens, a gift, stays in the chat of its buyer', async () => {
  const [here, there] = [messages++, messages++]
  const order = await row('item')
  await keep(order, here)
  await keep(order, there, 'shop', await shop.person(3))
  expect(await shownIn(here)).toEqual([order])
  expect(await former(order)).toEqual([])
})
