import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { retireItem, saveItem } from '#shop/shelf/manage.ts'
import { readBalance } from '#shared/money/read.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { shelfOf } from '../lib/shelf.ts'
import type { Shelf } from '../lib/shelf.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

let shop: Shop
let shelf: Shelf
let boss: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'upkeep', 'billing'] })
  shelf = await shelfOf(shop)
  boss = await shop.person({ id: ADMIN, language_code: 'en' })
  await boss.start()
  await boss.key('Balance')
})

let count = 0
/** A stock item with a name of its own, at five roubles. */
async function stock(lines: string[], more: object = {}): Promise<{ id: bigint; name: string }> {
  const name = `Key ${count++}`
  const id = await shelf.item({ name: { ru: name, en: name }, low: 1, ...more }, lines)
  return { id, name }
}
const change = (id: bigint, what: object) => shop.db.tx((tx) => saveItem(tx, id, what, 1n))

/** A person with so many kopecks who has this item on the screen. */
async function looksAt(name: string, kopecks: bigint, language_code = 'en'): Promise<Customer> {
  const buyer = await shop.person({ language_code })
  await buyer.start()
  await buyer.key(language_code === 'en' ? 'Balance' : 'Баланс')
  await give(shop.db, buyer.id, kopecks)
  await buyer.say('/goods')
  await buyer.press(`${name} ·`)
  return buyer
}
const roubles = async ({ id }: Customer) => (await readBalance(shop.db, BigInt(id), 'RUB')).available
const ordersOf = async ({ id }: Customer) =>
  (
    await shop.db.rows(
      q<{ state: string }>`select state from orders where person_id = ${id} order by created_at`,
    )
  ).map((one) => one.state)
/** Presses a key that the test has seen before, and reads what Telegram shows over the chat. */
async function late(buyer: Customer, words: string, before: () => Promise<unknown>): Promise<string> {
  const { message, key } = await buyer.key(words)
  await before()
  const { text = '', show_alert } = await buyer.tap(message.message_id, key.callback_data!)
  expect(show_alert, 'the person reads it until they close it').toBe(true)
  return text
}

describe.concurrent('between the screen and the press', () => {
  test.each(['Buy · ₽5', '🎁 As a gift · ₽5'])(
    'F54 an item that was taken off sale is not bought by %s: its person reads that nothing was charged',
    async (words) => {
      const { id, name } = await stock(['off sale'])
      const buyer = await looksAt(name, 10_000n)
      expect(await late(buyer, words, () => retireItem(shop.db, id, true))).toBe(
        'This is not sold any more. Nothing was charged.',
      )
      expect([await roubles(buyer), await ordersOf(buyer), await shelf.states(id)]).toEqual([
        10_000n,
        [],
        ['free'],
      ])
    },
  )

  test.each([
    ['Buy', 'dearer', 700n, '₽7'],
    ['Buy', 'cheaper', 300n, '₽3'],
    ['🎁 As a gift', 'dearer', 700n, '₽7'],
  ] as const)(
    'F54 %s at a price that is %s by now asks again with the new price, and that one is paid',
    async (key, _what, price, sum) => {
      const { id, name } = await stock(['new price'])
      const buyer = await looksAt(name, 10_000n)
      expect(await late(buyer, `${key} · ₽5`, () => change(id, { price }))).toBe(
        'The price has changed. Here is the new one; nothing was charged.',
      )
      expect([await roubles(buyer), await ordersOf(buyer)]).toEqual([10_000n, []])
      await buyer.hears(new RegExp(`${name}[^]*${sum}`))
      await buyer.press(`${key} · ${sum}`)
      await eventually(async () => (await roubles(buyer)) === 10_000n - price, { what: `${sum} are paid` })
    },
  )

  test('F97 the last one sold to somebody else says so, and the screen has no key to buy it', async () => {
    const { id, name } = await stock(['the last'])
    const buyer = await looksAt(name, 10_000n)
    const other = await looksAt(name, 10_000n)
    const said = await late(buyer, 'Buy · ₽5', async () => {
      await other.press('Buy · ₽5')
      await other.hears('the last')
    })
    expect(said).toBe('Sold out. Nothing was charged.')
    await buyer.hears(new RegExp(`${name}[^]*Out of stock at the moment`))
    expect(await buyer.shows('Buy ·')).toBe(false)
    expect([await roubles(buyer), await shelf.states(id)]).toEqual([10_000n, ['sold']])
  })

  test('F54 who lacks money pays the price that was shown, though another one is on the shelf by now', async () => {
    const { id, name } = await stock(['shown'])
    const buyer = await looksAt(name, 100n)
    await buyer.press('Buy · ₽5')
    await buyer.hears(`“${name}” costs ₽5. You are ₽4 short.`)
    await change(id, { price: 900n })
    await give(shop.db, buyer.id, 400n)
    await buyer.hears(`“${name}” is yours`)
    expect([await roubles(buyer), await ordersOf(buyer)]).toEqual([0n, ['delivered']])
  })
})

describe('the page of an item', () => {
  const page = async (name: string, words: RegExp | string) => {
    await boss.say('/admin')
    await boss.press('Own goods')
    await boss.press(`${name} ·`)
    return await boss.hears(words)
  }

  test('warns its admins when keys run low and when there are none, and says nothing of what is off sale', async () => {
    const { id, name } = await stock(['one', 'two'])
    const full = await page(name, new RegExp(`${name} /[^]*Free: 2`))
    expect(full.text).not.toContain('⚠️ Running low')
    expect(full.text).toContain('You are told when 1 are left')
    const buyer = await looksAt(name, 10_000n)
    await buyer.press('Buy · ₽5')
    await buyer.hears(`${name} is yours`)
    await page(
      name,
      new RegExp(`${name} /[^]*⚠️ Running low: add keys\\.\\nFree: 1, set aside: 0, sold: 1, withdrawn: 0`),
    )
    await looksAt(name, 10_000n).then((next) => next.press('Buy · ₽5'))
    await eventually(async () => !(await shelf.states(id)).includes('free'))
    await page(
      name,
      new RegExp(
        `${name} /[^]*⚠️ No keys are left, so nobody can buy it\\. Add some\\.\\nSet aside: 0, sold: 2, withdrawn: 0`,
      ),
    )
    // Buyers read the same in their language and see no key to buy.
    const late = await looksAt(name, 10_000n, 'ru')
    await late.hears('нет в наличии')
    expect(await late.shows('Купить ·')).toBe(false)
    await retireItem(shop.db, id, true)
    const off = await page(name, new RegExp(`${name} /[^]*off sale[^]*Free: 0`))
    expect(off.text).not.toContain('⚠️ No keys')
  })

  test('F98 says when its bot has lost its rights in the chat that it sells, which people read as out of stock', async () => {
    const { id, name } = await stock([], { kind: 'access', terms: { days: 30 } })
    await page(name, '⚠️ No channel or group is chosen yet, so nobody can buy it.')
    await shop.db.rows(q`
      insert into shelf_chats (item_id, bot, chat_id, title, link)
      values (${id}, 'main', -1001, 'Club <1>', 'https://t.me/+club')`)
    await page(name, /Where to: “Club <1>”, let in by the bot main\. Time: 30 days/)
    const buyer = await looksAt(name, 10_000n)
    await buyer.key('Buy · ₽5')
    await shop.db.rows(q`update shelf_chats set lost_at = now() where item_id = ${id}`)
    await page(
      name,
      /⚠️ The bot main has lost its rights in “Club <1>”: nothing is sold\. Give them back, and all goes on by itself\.\nPaid for: 0, of these inside: 0/,
    )
    expect(await late(buyer, 'Buy · ₽5', async () => {})).toBe('Sold out. Nothing was charged.')
    await buyer.hears(new RegExp(`${name}[^]*Out of stock at the moment`))
    expect([await roubles(buyer), await ordersOf(buyer)]).toEqual([10_000n, []])
  })
})
