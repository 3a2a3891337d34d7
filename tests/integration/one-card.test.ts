import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { refreshCard } from '#shop/stars-premium/jobs.ts'
import { picturePrices } from '#shop/pictures/settings.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { plain } from '../lib/phone.ts'
import type { Bubble } from '../lib/phone.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { shelfOf } from '../lib/shelf.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  const reseller = await startFragment({ settings: { stepMs: 30, walletTon: '1000000' } })
  const { apiKey, phoneNumber, mnemonics } = reseller.state.settings
  shop = await openShop({
    workers: ['bot', 'billing', 'images', 'fragment', 'upkeep'],
    env: {
      TELEGRAM_CHAT_RATE: '0',
      FRAGMENT_API_URL: reseller.url,
      FRAGMENT_API_KEY: apiKey,
      FRAGMENT_PHONE_NUMBER: phoneNumber,
      FRAGMENT_MNEMONICS: mnemonics.join(' '),
    },
  })
  shop.onClose(() => reseller.close())
  const settings = createSettings(shop.db, shop.config)
  await settings.set(shop.db, picturePrices, { value: { demo: 2 }, by: BigInt(ADMIN) })
  const shelf = await shelfOf(shop)
  await shelf.item({ kind: 'text', name: { ru: 'Гайд', en: 'Guide' }, asset: 'TOK', price: 10n }, ['Read'])
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

/** A person with one rouble, which pays for nothing of what these tests buy. */
async function guest(): Promise<Customer> {
  const buyer = await shop.person({ username: `guest_${people++}`, language_code: 'en' })
  await buyer.start()
  await buyer.key('Balance')
  await give(shop.db, buyer.id, 100n)
  return buyer
}
let people = 1

const now = async (buyer: Customer, { message_id }: Bubble) =>
  (await buyer.messages()).find((one) => one.message_id === message_id)!
const keysOf = ({ inline_keyboard = [] }: Bubble) => inline_keyboard.flat().map(({ text }) => text)
/** The message has these keys and no more. */
const hasKeys = (buyer: Customer, message: Bubble, ...keys: string[]) =>
  eventually(async () => keysOf(await now(buyer, message)).join() === keys.join(), {
    what: `only the keys ${keys.join()} below ${message.text}`,
  })
const order = async ({ id }: Customer) =>
  (
    await shop.db.rows(q<{ id: string; state: string }>`
      select id, state from orders where person_id = ${id} order by created_at desc limit 1`)
  )[0]!

interface Good {
  good: string
  choose: (buyer: Customer) => Promise<unknown>
  short: RegExp
  /** Only where a message of its own says that a part came: the other goods say it on their card. */
  part?: string
}
const GOODS: Good[] = [
  {
    good: 'a picture',
    choose: async (buyer) => {
      await buyer.say('/generate a lamp')
      await buyer.press('Draw ·')
    },
    short: /You are .* short/,
    part: 'not enough for the picture yet',
  },
  {
    good: 'a plan',
    choose: async (buyer) => {
      await buyer.say('/subscription')
      await buyer.press('Plus')
      await buyer.press('Subscribe ·')
    },
    short: /You are .* short/,
    part: 'not enough for the plan',
  },
  {
    good: 'an item',
    choose: async (buyer) => {
      await buyer.say('/goods')
      await buyer.press('Guide ·')
      await buyer.press('Buy ·')
    },
    short: /You are .* short/,
    part: 'not enough for “Guide”',
  },
  {
    good: 'Stars',
    choose: async (buyer) => {
      await buyer.press(/Stars/)
      await buyer.press(/For me/)
      await buyer.press(/^50 ·/)
      await buyer.press(/Pay ₽.* more and buy/)
    },
    short: /You are .* short/,
  },
  {
    good: 'Premium',
    choose: async (buyer) => {
      await buyer.press(/Premium/)
      await buyer.press(/For me/)
      await buyer.press(/^3 months/)
      await buyer.press(/Pay ₽.* more and buy/)
    },
    short: /You are .* short/,
  },
]
const TOLD = GOODS.filter(({ part }) => part !== undefined)

/** The order is shown again from the menu, in the menu's message. */
async function fromMenu(buyer: Customer, short: RegExp): Promise<Bubble> {
  await buyer.say('/menu')
  const menu = await buyer.hears('Not finished')
  await buyer.press(/^Pay /)
  return await eventually(async () =>
    [await now(buyer, menu)].find((one) => short.test(plain(one.text)) && keysOf(one).length > 1),
  )
}

/** The price fell while the order waited: the invoice brings one token. */
async function payPart(buyer: Customer, link: string): Promise<void> {
  const { id } = await order(buyer)
  await shop.db.rows(q`update payments set credit_amount = 1 where order_id = ${id}`)
  expect(await buyer.pay(link)).toMatchObject({ outcome: 'paid' })
}

describe.concurrent('an order that waits for money has one message with keys', () => {
  test.each(GOODS)(
    'F123 $good that is shown again in another message leaves the words and the key to the menu in the former one',
    async ({ choose, short }) => {
      const buyer = await guest()
      await choose(buyer)
      const first = await buyer.hears(short)
      expect(keysOf(first).length).toBeGreaterThan(2)
      const second = await fromMenu(buyer, short)
      expect(second.message_id).not.toBe(first.message_id)
      await hasKeys(buyer, first, 'To the menu')
      expect((await now(buyer, first)).text).toBe(first.text)
      expect(keysOf(await now(buyer, second))).toEqual(keysOf(second))
      // The key that was left works, and the order is still the one of before.
      await buyer.tap(first.message_id, (await now(buyer, first)).inline_keyboard![0]![0]!.callback_data!)
      await buyer.hears('Not finished')
      expect((await order(buyer)).state).toBe('awaiting_payment')
    },
  )

  test.each(TOLD)(
    'F123 the message that a part came for $good takes the keys from the one before, and loses its own when the order is given up',
    async ({ choose, short, part }) => {
      const buyer = await guest()
      await choose(buyer)
      const first = await buyer.hears(short)
      const { key } = await buyer.key(/^Pay \d+ ⭐/)
      await payPart(buyer, key.url!)
      const told = await buyer.hears(part!)
      await hasKeys(buyer, first, 'To the menu')
      expect(keysOf(await now(buyer, told))).toContain('Pay the rest')
      await buyer.say('/menu')
      await buyer.hears('Not finished')
      await buyer.press(/^Cancel$/)
      const end = await eventually(async () =>
        [await now(buyer, told)].find(({ text }) => /cancelled/i.test(text ?? '')),
      )
      expect(keysOf(end)).not.toContain('Pay the rest')
      expect((await order(buyer)).state).toBe('cancelled')
    },
  )

  test('F123 a former message in which the person stands by now keeps the keys of what it shows', async () => {
    const [picture] = GOODS
    const buyer = await guest()
    await picture!.choose(buyer)
    const first = await buyer.hears(picture!.short)
    const { key } = await buyer.key(/^Pay \d+ ⭐/)
    await buyer.press('To the menu')
    const menu = await buyer.hears('Not finished')
    expect(menu.message_id).toBe(first.message_id)
    await payPart(buyer, key.url!)
    const told = await buyer.hears(picture!.part!)
    const { id } = await order(buyer)
    const taken = await eventually(
      async () =>
        (
          await shop.db.rows(q<{ state: string }>`
            select state from outbox where key = ${`card-former-${id}-${first.message_id}`} and state = 'done'`)
        )[0],
    )
    expect(taken.state).toBe('done')
    expect(keysOf(await now(buyer, menu)).length).toBeGreaterThan(2)
    expect(keysOf(await now(buyer, told))).toContain('Pay the rest')
  })

  test('F123 a message that asks for the rest of an order which ended meanwhile loses that key', async () => {
    const [picture] = GOODS
    const buyer = await guest()
    await picture!.choose(buyer)
    await buyer.hears(picture!.short)
    await buyer.say('/menu')
    await buyer.hears('Not finished')
    await buyer.press(/^Cancel$/)
    await eventually(async () => (await order(buyer)).state === 'cancelled')
    const { id } = await order(buyer)
    await owe(shop.db, sendNotice, {
      key: `late-${id}`,
      bot: 'main',
      personId: String(buyer.id),
      text: 'image-still-short',
      params: {},
      buttons: [[['image-pay-rest', 'picture-pay', id]]],
      asksFor: id,
    })
    await hasKeys(buyer, await buyer.hears(picture!.part!), 'To the menu')
  })
})

const SUPPLIED = GOODS.filter(({ good }) => good === 'Stars' || good === 'Premium')
const NAMES = { Stars: '⭐ 50 ·', Premium: '💎 3 mo.' } as Record<string, string>

/** Redraws the message of an order, and waits until the job has been carried out. */
async function redraws(orderId: string): Promise<void> {
  const version = `test-${people++}`
  await owe(shop.db, refreshCard, { orderId, version })
  await eventually(
    async () =>
      (
        await shop.db.rows(q`
          select key from outbox where key = ${`card-${orderId}-${version}`} and state = 'done'`)
      )[0],
  )
}

/** Orders both, which wait for money, and opens the list of purchases. @returns the ids and the list's message */
async function withBoth(buyer: Customer): Promise<{ ids: string[]; list: Bubble }> {
  const ids: string[] = []
  for (const { choose, short } of SUPPLIED) {
    await buyer.say('/menu')
    await buyer.hears('Balance')
    await choose(buyer)
    await eventually(
      async () =>
        (await order(buyer))?.state === 'awaiting_payment' && !ids.includes((await order(buyer)).id),
    )
    await buyer.hears(short)
    ids.push((await order(buyer)).id)
  }
  await buyer.say('/orders')
  return { ids, list: await buyer.hears('My purchases') }
}

/** Presses a key of this message and waits for what it shows then. */
async function inside(buyer: Customer, message: Bubble, words: string, shows: RegExp): Promise<Bubble> {
  const key = (await now(buyer, message)).inline_keyboard!.flat().find(({ text }) => text.includes(words))
  await buyer.tap(message.message_id, key!.callback_data!)
  return await eventually(async () => [await now(buyer, message)].find(({ text }) => shows.test(text ?? '')))
}

describe.concurrent('a message of “My purchases” shows one order at a time', () => {
  test.each([
    ['Stars', 'Premium'],
    ['Premium', 'Stars'],
  ])(
    'F123 %s opened first and %s afterwards: news of the first order leave the message to the second',
    async (one, two) => {
      const buyer = await guest()
      const { ids, list } = await withBoth(buyer)
      const [first, second] = one === 'Stars' ? ids : ids.toReversed()
      await inside(buyer, list, NAMES[one]!, new RegExp(first!))
      await inside(buyer, list, 'My purchases', /My purchases/)
      const shown = await inside(buyer, list, NAMES[two]!, new RegExp(second!))
      await redraws(first!)
      await redraws(second!)
      expect((await now(buyer, list)).text).toBe(shown.text)
      const cards = await shop.db.rows(q<{ id: string; card: unknown }>`
        select id, card from orders where person_id = ${buyer.id} and card @> ${`{"messageId":${list.message_id}}`}::jsonb`)
      expect(cards.map(({ id }) => id)).toEqual([second])
    },
  )

  test('F123 news of an order leave the message alone in which the person has gone on', async () => {
    const buyer = await guest()
    const { ids, list } = await withBoth(buyer)
    await inside(buyer, list, NAMES.Stars!, new RegExp(ids[0]!))
    await redraws(ids[0]!)
    const shown = await inside(buyer, list, 'My purchases', /My purchases/)
    // The update is over when the session says where the person stands.
    await eventually(
      async () =>
        (
          await shop.db.rows(q`
            select bot from bot_sessions
            where person_id = ${buyer.id} and session_data ->> 'anchor' = ${String(list.message_id)}`)
        )[0],
    )
    await redraws(ids[0]!)
    expect(await now(buyer, list)).toMatchObject({ text: shown.text, inline_keyboard: shown.inline_keyboard })
  })

  test('F123 an order that is opened stays in the chat as its card, and a command opens a message of its own', async () => {
    const buyer = await guest()
    const { ids, list } = await withBoth(buyer)
    await inside(buyer, list, NAMES.Stars!, new RegExp(ids[0]!))
    await buyer.say('/menu')
    await buyer.hears('Not finished')
    expect((await now(buyer, list)).text).toContain(ids[0])
  })

  test('F123 an order opened in another bot is shown there and followed in its own', async () => {
    const buyer = await guest()
    const { ids } = await withBoth(buyer)
    const [before] = await shop.db.rows(q<{ card: unknown }>`select card from orders where id = ${ids[0]}`)
    const there = await shop.person({
      id: buyer.id,
      bot: 'second_bot',
      language_code: 'en',
      username: `again_${buyer.id}`,
    })
    await there.start()
    await there.say('/orders')
    const list = await there.hears('My purchases')
    await inside(there, list, NAMES.Stars!, new RegExp(ids[0]!))
    // The next press is handled when this one is over.
    await inside(there, list, 'My purchases', /My purchases/)
    const [after] = await shop.db.rows(q<{ card: unknown }>`select card from orders where id = ${ids[0]}`)
    expect(after).toEqual(before)
  })
})
