import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { expire } from '#shop/payments/jobs.ts'
import { picturePrices } from '#shop/pictures/settings.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { pack } from '#shared/telegram/buttons.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { plain } from '../lib/phone.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'billing', 'images', 'upkeep'] })
  const settings = createSettings(shop.db, shop.config)
  await settings.set(shop.db, picturePrices, { value: { demo: 2 }, by: BigInt(ADMIN) })
  // Every process reads its settings again after at most 2 s.
  const probe = await shop.person()
  await probe.start()
  await eventually(
    async () => {
      await probe.say('/generate probe')
      return await probe.shows('2 tokens')
    },
    { everyMs: 300 },
  )
})

const gets = (person: Customer, asset: Asset, amount: bigint) => give(shop.db, person.id, amount, asset)
const has = async (person: Customer, asset: Asset) =>
  (await readBalance(shop.db, BigInt(person.id), asset)).available
const orders = (person: Customer) =>
  shop.db.rows(q<{ id: string; state: string }>`
    select id, state from orders where person_id = ${person.id} order by created_at`)
const drawn = (person: Customer, count = 1) =>
  eventually(
    async () => (await orders(person)).filter(({ state }) => state === 'delivered').length === count,
    {
      what: 'a delivered picture',
    },
  )
async function guest(): Promise<Customer> {
  const buyer = await shop.person()
  await buyer.start()
  await buyer.key('Balance')
  return buyer
}
/** A person who has chosen a picture for two tokens. */
async function draft(prompt: string): Promise<Customer> {
  const buyer = await guest()
  await buyer.say(`/generate ${prompt}`)
  await buyer.hears(prompt)
  return buyer
}

/** A message of the bot says this, and these are all its keys. */
const says = (person: Customer, words: string, ...keys: string[]) =>
  eventually(
    async () =>
      (await person.messages()).some(
        ({ text, inline_keyboard = [] }) =>
          plain(text) === words &&
          inline_keyboard
            .flat()
            .map((key) => key.text)
            .join() === keys.join(),
      ),
    { what: words },
  )

// The demo provider takes 6 s for a picture, so these pictures are drawn side by side.
describe.concurrent('whatever is on the balance pays for a picture', () => {
  test('roubles do, at the price of a token, and the key says how many', async () => {
    const buyer = await guest()
    await gets(buyer, 'RUB', 50_000n)
    await buyer.say('/generate a cat in space')
    await buyer.press('Draw · ₽20')
    await drawn(buyer)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([48_000n, 0n])
  })

  test('tokens go first, and roubles buy only those that are lacking', async () => {
    const buyer = await guest()
    await gets(buyer, 'RUB', 50_000n)
    await gets(buyer, 'TOK', 1n)
    await buyer.say('/generate a cat in space')
    await buyer.press('Draw · 1 token and ₽10')
    await drawn(buyer)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([49_000n, 0n])
  })

  test('never more roubles than the key said: tokens that went elsewhere meanwhile make a new key', async () => {
    const buyer = await guest()
    await gets(buyer, 'RUB', 50_000n)
    await gets(buyer, 'TOK', 1n)
    await buyer.say('/generate a cat in space')
    await buyer.key('Draw · 1 token and ₽10')
    await gets(buyer, 'TOK', -1n)
    expect(await buyer.press('Draw · 1 token and ₽10')).toMatchObject({ show_alert: true })
    expect(await has(buyer, 'RUB')).toBe(50_000n)
    await buyer.press('Draw · ₽20')
    await drawn(buyer)
  })
})

describe.concurrent('a picture that the balance is too small for', () => {
  test('goes on by itself when exactly the difference was paid in Stars', async () => {
    const buyer = await draft('a dog on a bike')
    await gets(buyer, 'TOK', 1n)
    await buyer.press('Draw')
    await buyer.hears('You are 1 token short')
    const { key } = await buyer.key('Pay 5 ⭐')
    expect(await buyer.pay(key.url!)).toMatchObject({ outcome: 'paid' })
    await drawn(buyer)
    expect(await has(buyer, 'TOK')).toBe(0n)
    expect(await orders(buyer)).toHaveLength(1)
  })

  test('goes on by itself when roubles came by a way that does not name it', async () => {
    const buyer = await draft('a fox in the snow')
    await buyer.press('Draw')
    await buyer.hears('You are 2 tokens short')
    await buyer.key('By card or crypto · ₽20')
    await gets(buyer, 'RUB', 2_000n)
    await shop.shared.producer.add(expire, { at: newId() })
    await drawn(buyer)
    expect(await has(buyer, 'RUB')).toBe(0n)
  })

  test('goes on by itself when its message has become the list of ways to pay', async () => {
    const buyer = await draft('a fox at sea')
    await buyer.press('Draw')
    await buyer.press('By card or crypto · ₽20')
    await buyer.hears('You are ₽20 short')
    await gets(buyer, 'RUB', 2_000n)
    await shop.shared.producer.add(expire, { at: newId() })
    await drawn(buyer)
    // The list stands where it stood, and the picture comes below it.
    expect((await buyer.messages()).some(({ text }) => plain(text).includes('You are ₽20 short'))).toBe(true)
    expect((await buyer.messages()).some(({ photo }) => photo)).toBe(true)
  })

  test('waits when a part came, says so, and asks for the rest alone', async () => {
    const buyer = await draft('a boat at night')
    await buyer.press('Draw')
    const { key } = await buyer.key('Pay 10 ⭐')
    const [order] = await orders(buyer)
    // The price fell meanwhile: the invoice pays one token of two.
    await shop.db.rows(q`update payments set credit_amount = 1 where order_id = ${order!.id}`)
    await buyer.pay(key.url!)
    await buyer.hears('not enough for the picture yet')
    await buyer.press('Pay the rest')
    await buyer.hears('You are 1 token short')
    await buyer.pay((await buyer.key('Pay 5 ⭐')).key.url!)
    await drawn(buyer)
  })

  test('takes what its last screen asked for, when tokens went elsewhere while it waited', async () => {
    const buyer = await draft('a lamp')
    await gets(buyer, 'TOK', 1n)
    await buyer.press('Draw')
    await buyer.hears('You are 1 token short')
    await gets(buyer, 'TOK', -1n)
    await gets(buyer, 'RUB', 1_000n)
    await shop.shared.producer.add(expire, { at: newId() })
    const [order] = await orders(buyer)
    const payRest = pack(secretsFrom(shop.config), BigInt(buyer.id), 'picture-pay', order!.id)
    const { message } = await buyer.key('Change the picture')
    await buyer.tap(message.message_id, payRest)
    await buyer.hears('You are 2 tokens short')
    await gets(buyer, 'RUB', 1_000n)
    await shop.shared.producer.add(expire, { at: newId() })
    await drawn(buyer)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([0n, 0n])
  })

  test('can be changed: the new draft has its words, and money that comes late stays on the balance', async () => {
    const buyer = await draft('a tree')
    await buyer.press('Draw')
    const { key } = await buyer.key('Pay 10 ⭐')
    await buyer.press('Change the picture')
    await buyer.key('Draw · 2 tokens')
    await buyer.hears('a tree')
    await buyer.pay(key.url!)
    await eventually(async () => (await has(buyer, 'TOK')) === 2n)
    expect((await orders(buyer)).map(({ state }) => state)).toEqual(['cancelled', 'draft'])
    await buyer.press('Draw · 2 tokens')
    await drawn(buyer)
  })
})

describe('whatever is on the balance pays for a plan', () => {
  const period = (person: Customer) =>
    shop.db.rows(q<{ plan: string }>`select plan from subscriptions where person_id = ${person.id}`)

  test('roubles do, once, however often the key is pressed', async () => {
    const buyer = await guest()
    await gets(buyer, 'RUB', 50_000n)
    await gets(buyer, 'TOK', 10n)
    await buyer.say('/subscription')
    await buyer.press('Plus')
    const { message, key } = await buyer.key('Subscribe · 10 tokens and ₽200')
    await Promise.all([1, 2].map(() => buyer.tap(message.message_id, key.callback_data!)))
    await eventually(async () => (await period(buyer)).length === 1)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([30_000n, 0n])
  })

  test('too little of everything says what is missing and leads to paying just that', async () => {
    const buyer = await wantsPlus(5_000n)
    await buyer.press('By card or crypto · ₽250')
    await buyer.hears('₽250')
  })

  test('one that waits begins by itself when the difference was paid in Stars, and its card has no keys left', async () => {
    const buyer = await wantsPlus(5_000n)
    const { key } = await buyer.key('Pay 150 ⭐')
    await buyer.pay(key.url!)
    await buyer.hears('Plus')
    await eventually(async () => (await period(buyer)).length === 1)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([5_000n, 0n])
    await buyer.say('/menu')
    await buyer.hears('Shop')
    // A job of its own edits the card after the plan has begun.
    await eventually(async () => !(await buyer.shows('Pay 150 ⭐')), { what: 'a card without its keys' })
    expect((await orders(buyer)).map(({ state }) => state)).toEqual(['delivered'])
  })

  test('one that waits begins by itself when roubles came by a way that does not name it', async () => {
    const buyer = await wantsPlus(5_000n)
    await gets(buyer, 'RUB', 25_000n)
    await eventually(async () => (await period(buyer)).length === 1)
    expect([await has(buyer, 'RUB'), await has(buyer, 'TOK')]).toEqual([0n, 0n])
  })

  test('whoever has bought the plan by another way pays for no second period', async () => {
    const buyer = await wantsPlus(0n)
    const [order] = await orders(buyer)
    await shop.db.rows(q`update orders set expires_at = now() + interval '1 day' where id = ${order!.id}`)
    await gets(buyer, 'TOK', 29n)
    await buyer.say('/subscription')
    await buyer.press('Plus')
    const { message, key } = await buyer.key('Subscribe · 30 tokens')
    await gets(buyer, 'TOK', 1n)
    await buyer.tap(message.message_id, key.callback_data!)
    await eventually(async () => (await period(buyer)).length === 1)
    await gets(buyer, 'TOK', 100n)
    await eventually(async () => (await orders(buyer)).every(({ state }) => state !== 'awaiting_payment'))
    expect(await period(buyer)).toHaveLength(1)
  })

  const wantsPlus = async (kopecks: bigint) => {
    const buyer = await guest()
    if (kopecks > 0n) await gets(buyer, 'RUB', kopecks)
    await buyer.say('/subscription')
    await buyer.press('Plus')
    await buyer.press('Subscribe · 30 tokens')
    await buyer.hears('You are 30 tokens short')
    return buyer
  }
})

describe('an order that waits stands on top of the menu', () => {
  test('with what is missing, a key that pays it and a key that drops it', async () => {
    const buyer = await draft('a cat on the moon')
    await buyer.press('Draw')
    await buyer.hears('You are 2 tokens short')
    await buyer.say('/menu')
    await buyer.hears('Not finished: picture “a cat on the moon”. You are 2 tokens short')
    await buyer.press('Pay 2 tokens (₽20)')
    await buyer.hears('You are 2 tokens short')
    await buyer.say('/menu')
    await buyer.hears('Not finished')
    await buyer.press('Cancel')
    await eventually(async () => (await orders(buyer))[0]!.state === 'cancelled')
    await says(buyer, 'Cancelled: picture “a cat on the moon”. Nothing was charged for it.', 'To the menu')
    await buyer.say('/menu')
    await eventually(async () => !(await buyer.messages()).at(-1)!.text!.includes('Not finished'))
  })

  test('and where its time is over, its message says so and has no key left that pays for it', async () => {
    const buyer = await draft('a late cat')
    await buyer.press('Draw')
    await buyer.hears('You are 2 tokens short')
    await buyer.say('/subscription')
    await buyer.press('Plus')
    await buyer.press('Subscribe · 30 tokens')
    await buyer.hears('You are 30 tokens short')
    // From this message the person goes on to the menu: it is no message of the order any more.
    const third = await guest()
    await third.say('/subscription')
    await third.press('Plus')
    await third.press('Subscribe · 30 tokens')
    await third.hears('You are 30 tokens short')
    await third.press('To the menu')
    await third.hears('Not finished: plan “Plus”')
    await shop.db.rows(q`
      update orders set expires_at = now() - interval '1 day'
      where person_id in (${buyer.id}, ${third.id}) and state = 'awaiting_payment'`)
    await shop.shared.producer.add(expire, { at: newId() })
    await says(
      buyer,
      'The time to pay is over: picture “a late cat”. Nothing was charged for it.',
      'To the menu',
    )
    await says(buyer, 'The time to pay is over: plan “Plus”. Nothing was charged for it.', 'To the menu')
    const closed = () =>
      shop.db.rows(q`
      select 1 from outbox where job = 'order.over' and state = 'done'
      and payload ->> 'orderId' in (select id from orders where person_id = ${third.id})`)
    await eventually(async () => (await closed()).length === 1, { what: 'the end of the wait' })
    await third.hears('Not finished: plan “Plus”')
  })

  test('in Russian, too', async () => {
    const buyer = await shop.person({ language_code: 'ru' })
    await buyer.start()
    await buyer.key('Баланс')
    await gets(buyer, 'RUB', 5_000n)
    await buyer.say('/subscription')
    await buyer.press('Плюс')
    await buyer.press('Оформить · 30 токенов')
    await buyer.hears('Оплатите разницу удобным способом')
    await buyer.say('/menu')
    await buyer.hears('Не закончено: подписка «Плюс». Не хватает: 250 ₽')
    await buyer.key('Доплатить 250 ₽')
    await buyer.press('Отменить')
    await eventually(async () => (await orders(buyer))[0]!.state === 'cancelled')
    await says(buyer, 'Отменено: подписка «Плюс». Деньги за это не списаны.', 'В меню')
  })

  test('once there is enough, pressing "pay the rest" pays nothing more and lets it go on', async () => {
    const buyer = await draft('a lamp in the fog')
    await buyer.press('Draw')
    const { message } = await buyer.key('Change the picture')
    const [order] = await orders(buyer)
    const payRest = pack(secretsFrom(shop.config), BigInt(buyer.id), 'picture-pay', order!.id)
    // Only the press can let the order go on.
    await shop.db.rows(q`update orders set state = 'draft' where id = ${order!.id}`)
    await gets(buyer, 'TOK', 2n)
    await eventually(async () => {
      const [row] = await shop.db.rows(q<{ left: boolean }>`
        select exists (select from postings p where p.id > (select posting_id from follow_position)
          and not exists (select from followed_postings f where f.posting_id = p.id)) as left`)
      return !row!.left
    })
    await shop.db.rows(q`update orders set state = 'awaiting_payment' where id = ${order!.id}`)
    expect(await buyer.tap(message.message_id, payRest)).toMatchObject({
      text: 'You have enough now, carrying it out',
    })
    await drawn(buyer)
  })
})
