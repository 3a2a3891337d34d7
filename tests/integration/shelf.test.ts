import { randomUUID } from 'node:crypto'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOrder } from '#shared/money/orders.ts'
import { buyItem } from '#shop/shelf/buy.ts'
import { refundItem, replaceBought } from '#shop/shelf/endings.ts'
import { useCode } from '#shop/shelf/codes.ts'
import { shelfSecrets } from '#shop/shelf/seal.ts'
import { categoriesOf, findItems, itemsOf, readItem } from '#shop/shelf/items.ts'
import { freeLines, takeBackExpired } from '#shop/shelf/lines.ts'
import { retireItem, saveCategory, saveItem } from '#shop/shelf/manage.ts'
import { itemTerms } from '#shop/shelf/terms.ts'
import { tellLow } from '#shop/shelf/worker/low.ts'
import { openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'
import { onShelf, refused, shelfOf } from '../lib/shelf.ts'
import type { Shelf } from '../lib/shelf.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
let shelf: Shelf
beforeAll(async () => {
  shop = await openWalletShop()
  shelf = await shelfOf(shop)
})
afterAll(() => shop.close())

const { buyer, seen, resume, app } = onShelf(() => ({ shop, shelf }))
const has = (id: bigint) => shop.has(id, 'RUB')
const by = (reason: string) => ({ admin: 900n, bot: 'shop', reason })

describe('a stock', () => {
  test('one line is one buyer’s, paid for once however often the key is pressed, and seen again at any time', async () => {
    const item = await shelf.item({}, ['AAA-1', 'BBB-2'])
    const [first, second] = [await buyer(500n), await buyer(500n)]
    const press = shelf.wish(first, item)
    const bought = await Promise.all([1, 2, 3].map(() => shelf.buy(press)))
    expect(bought.filter(({ already }) => !already)).toHaveLength(1)
    const other = await shelf.buy(shelf.wish(second, item))
    expect([await has(first), await has(second)]).toEqual([0n, 0n])
    expect(new Set([await seen(press.id), await seen(other.order.id)])).toEqual(new Set(['AAA-1', 'BBB-2']))
    expect(other.order.state).toBe('delivered')
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item)))).toBe('item.sold-out')
  })

  test('F97 the last line, raced for by fifty people from two bots, is sold once, and nobody else is charged', async () => {
    const item = await shelf.item({}, ['the last one'])
    const people = await Promise.all(Array.from({ length: 50 }, () => buyer(500n)))
    const outcomes = await Promise.all(
      people.map((id, at) => refused(shelf.buy(shelf.wish(id, item, { bot: at % 2 ? 'second' : 'shop' })))),
    )
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['done', 'item.sold-out']))
    const left = await Promise.all(people.map(has))
    expect(left.filter((amount) => amount === 0n)).toHaveLength(1)
    expect(await shelf.states(item)).toEqual(['sold'])
  })

  test('what the balance is too small for is set aside, bought when the money comes, and nobody else gets it meanwhile', async () => {
    const item = await shelf.item({}, ['set aside'])
    const [poor, rich] = [await buyer(100n), await buyer(500n)]
    const wish = shelf.wish(poor, item)
    expect(await refused(shelf.buy(wish))).toBe('balance.insufficient')
    expect(await shelf.states(item), 'what failed took nothing').toEqual(['free'])
    const { aside } = await shelf.wait(wish)
    expect(aside!.getTime()).toBeGreaterThan(Date.now())
    expect(await refused(shelf.buy(shelf.wish(rich, item)))).toBe('item.sold-out')
    await resume(wish.id)
    expect((await readOrder(shop.db, wish.id))!.state, 'not enough yet').toBe('awaiting_payment')
    await shelf.give(poor, 400n)
    await Promise.all([resume(wish.id), resume(wish.id, 'balance-2')])
    expect(await seen(wish.id)).toBe('set aside')
    expect(await has(poor)).toBe(0n)
    expect((await shop.notices()).filter((key) => key.startsWith(`item-${wish.id}`))).toEqual([
      `item-${wish.id}-bought`,
    ])
  })

  test('a reservation that expires goes back; the money that comes later stays on the balance, with a word', async () => {
    const item = await shelf.item({}, ['returned'])
    const [slow, quick] = [await buyer(), await buyer(500n)]
    const wish = shelf.wish(slow, item)
    await shelf.wait(wish)
    expect(await takeBackExpired(shop.db)).toBe(0)
    await shop.db.rows(
      q`update shelf_lines set reserved_until = now() - interval '1 s' where item_id = ${item}`,
    )
    const [taken] = await Promise.all([takeBackExpired(shop.db), takeBackExpired(shop.db)])
    expect(taken).toBeLessThanOrEqual(1)
    expect(await shelf.states(item)).toEqual(['free'])
    await shelf.buy(shelf.wish(quick, item))
    await shelf.give(slow, 500n)
    await resume(wish.id)
    expect((await readOrder(shop.db, wish.id))!.state).toBe('cancelled')
    expect(await has(slow)).toBe(500n)
    expect(await shop.notices()).toContain(`item-${wish.id}-over`)
  })

  test('an item that is retired while somebody pays is not bought, and the money stays', async () => {
    const item = await shelf.item({}, ['retired'])
    const id = await buyer()
    const wish = shelf.wish(id, item)
    await shelf.wait(wish)
    await retireItem(shop.db, item, true)
    await shelf.give(id, 500n)
    await resume(wish.id)
    expect([await has(id), (await readOrder(shop.db, wish.id))!.state]).toEqual([500n, 'cancelled'])
    expect(await shelf.states(item), 'and its line is free again').toEqual(['free'])
    expect(await refused(shelf.buy(shelf.wish(id, item)))).toBe('item.gone')
  })

  test('F84 a line is given back with its reason and never sold again; another one stands in for it, above the limit by two admins', async () => {
    const item = await shelf.item({}, ['broken', 'works'])
    const id = await buyer(500n)
    const { order } = await shelf.buy(shelf.wish(id, item))
    expect(await refused(replaceBought(app(), order.id, { ...by('mine'), admin: id }))).toBe(
      'admin.own-money',
    )
    expect(await seen(order.id), 'and nobody replaces their own').toBe('broken')
    const { settings } = shop
    const get: typeof settings.get = async (type, bot) =>
      type.key === 'decision-second-above' ? (100n as never) : settings.get(type, bot)
    const strict = { ...app(), settings: { ...settings, get } }
    for (const again of [1, 2])
      expect([again, await replaceBought(strict, order.id, by('does not open'))]).toEqual([
        again,
        'second-needed',
      ])
    expect(await seen(order.id)).toBe('broken')
    expect(await replaceBought(strict, order.id, { ...by('does not open'), admin: 901n })).toBe('done')
    expect(await seen(order.id)).toBe('works')
    expect(await refused(replaceBought(app(), order.id, by('again')))).toBe('item.sold-out')
    expect(await seen(order.id), 'a replacement that there is not takes nothing').toBe('works')
    expect(await refused(refundItem(shop, order.id, { ...by('mine'), admin: id }))).toBe('admin.own-money')
    const outcomes = await Promise.all([1, 2].map(() => refused(refundItem(shop, order.id, by('sorry')))))
    expect(outcomes.toSorted()).toEqual(['done', 'order.moved'])
    expect([await has(id), await seen(order.id)]).toEqual([500n, undefined])
    expect(await shelf.states(item)).toEqual(['withdrawn', 'withdrawn'])
  })

  test('thousands of lines are read as they come: doubles and bad ones are named, the rest is kept sealed', async () => {
    const item = await shelf.item()
    const bad = 'x'.repeat(1_001)
    function* chunks() {
      yield '\ufefffirst\r\n\r\n  second \n'
      yield `first\n${bad}\nnot \ufffd text\nthi`
      yield 'rd\nnul \u0000\n'
      for (let at = 0; at < 5_000; at += 1_000)
        yield Array.from({ length: 1_000 }, (_, one) => `key-${at + one}\n`).join('')
      yield 'last'
    }
    const upload = randomUUID()
    const report = {
      added: 5_004,
      doubles: { count: 1, lines: [4] },
      bad: { count: 3, lines: [5, 6, 8] },
    }
    expect(await shelf.fill(item, chunks(), upload)).toEqual(report)
    expect(await shelf.fill(item, chunks(), upload), 'cut off and begun again').toEqual(report)
    expect(await shelf.fill(item, ['second\nnew\n'])).toMatchObject({ added: 1, doubles: { lines: [1] } })
    const [row] = await shop.db.rows(q<{ lines: bigint; clear: bigint }>`
      select count(*) as lines, count(*) filter (where position('key-' in encode(sealed, 'escape')) > 0
        or position('key-' in print) > 0) as clear from shelf_lines where item_id = ${item}`)
    expect(row).toEqual({ lines: 5_005n, clear: 0n })
  })

  test('admins hear once that a stock runs low, once that it is empty, and anew after a refill', async () => {
    const item = await shelf.item({ low: 1 }, ['one', 'two'])
    const bots = new Map([['shop', {}]]) as never
    const told = async () => {
      await tellLow({ db: shop.db, bots })
      await tellLow({ db: shop.db, bots })
      const rows = await shop.db.rows(
        q<{ topic: string }>`select topic from alerts where key like ${`shelf-%-${item}-%`} order by id`,
      )
      return rows.map(({ topic }) => topic)
    }
    expect(await told()).toEqual([])
    await shelf.buy(shelf.wish(await buyer(500n), item))
    expect(await told()).toEqual(['alert-shelf-low'])
    // Old alerts are cleared away, and what was told once must not be told again.
    await shop.db.rows(q`delete from alerts`)
    expect(await told()).toEqual([])
    await shelf.buy(shelf.wish(await buyer(500n), item))
    await shelf.fill(item, ['three'])
    expect(await told()).toEqual(['alert-shelf-low'])
    await shelf.buy(shelf.wish(await buyer(500n), item))
    expect(await told()).toEqual(['alert-shelf-low', 'alert-shelf-empty'])
  })
})

test('a purchase reads as few lines behind many lines of older items as without them', async () => {
  const lines = (item: bigint, count: number) =>
    shop.db.rows(q`
      insert into shelf_lines (item_id, sealed, print, upload)
      select ${item}, '\\x00', 'print ' || n, 'many' from generate_series(1, ${count}::int) n`)
  // There are two items, so the planner believes that every other line belongs to an average one.
  await shop.db.rows(q`delete from shelf_lines`)
  await lines(await shelf.item(), 30_000)
  const item = await shelf.item()
  await lines(item, 3_000)
  await shop.db.rows(q`analyze shelf_lines`)
  const alone = await openTestDb(shop.url, { max: 1, name: 'alone' })
  // A connection comes to this plan after it has run the statement some times.
  await alone.rows(q`set plan_cache_mode = force_generic_plan`)
  const wish = shelf.wish(await buyer(500n), item)
  const read = await rowsRead(alone, async () => {
    await alone.tx((tx) => buyItem(tx, wish))
    await freeLines(alone, item, 21)
  })
  await alone.close()
  expect(read).toBeLessThan(1_000)
})

describe('a code', () => {
  const made = async (item: bigint, id: bigint) => {
    const { order } = await shelf.buy(shelf.wish(id, item))
    return { order: order.id, code: (await seen(order.id))! }
  }
  const use = async (typed: string, reference: string, bot = 'shop') => {
    const keys = await shelfSecrets({ db: shop.db, secrets: shelf.secrets })
    return refused(shop.db.tx((tx) => useCode(tx, keys, { code: typed, bot, reference })))
  }

  test('each buyer gets one of their own, which lies sealed, is read as people type it, and is used once', async () => {
    const item = await shelf.item({ kind: 'code' })
    const [first, second] = [await made(item, await buyer(500n)), await made(item, await buyer(500n))]
    expect(first.code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(first.code).not.toBe(second.code)
    const [row] = await shop.db.rows(q<{ clear: bigint }>`select count(*) as clear from shelf_codes
      where position(${first.code} in encode(sealed, 'escape') || print) > 0`)
    expect(row!.clear).toBe(0n)
    const typed = ` ${first.code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => use(typed, `visit-${at}`)))
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['done', 'code.used']))
    const won = `visit-${outcomes.indexOf('done')}`
    expect(await use(first.code, won), 'who did not hear the answer asks again').toBe('done')
    expect(await use(second.code, won), 'with the reference of another code').toBe('code.conflict')
    expect(await use(first.code, won, 'second'), 'by another bot').toBe('code.unknown')
    expect(await seen(first.order), 'and its buyer still sees it').toBe(first.code)
  })

  test('of a refund and a use at the same time one wins: a used code is not given back, and none is used whose money went back', async () => {
    const item = await shelf.item({ kind: 'code' })
    const results = await Promise.all(
      Array.from({ length: 6 }, async (_, at) => {
        const id = await buyer(500n)
        const { order, code: one } = await made(item, id)
        const [used, back] = await Promise.all([
          use(one, `race-${at}`),
          refused(refundItem(shop, order, by('sorry'))),
        ])
        return [used, back, await has(id)].join(' ')
      }),
    )
    expect(
      results.filter((one) => !['done item.code-used 0', 'code.withdrawn done 500'].includes(one)),
    ).toEqual([])
  })

  test('another one stands in for a code that does not work, and the first is good for nothing any more', async () => {
    const item = await shelf.item({ kind: 'code' })
    const { order, code: one } = await made(item, await buyer(500n))
    await replaceBought(app(), order, by('typed wrongly'))
    const another = (await seen(order))!
    expect(another).not.toBe(one)
    expect([await use(one, 'old'), await use(another, 'new'), await use('nothing', 'none')]).toEqual([
      'code.withdrawn',
      'done',
      'code.unknown',
    ])
  })
})

describe('what an item may be', () => {
  test('a bot has its own window and its own price, and a price that was not seen is not paid', async () => {
    const item = await shelf.item({ kind: 'text', bots: ['second'], prices: { second: '300' } }, ['the text'])
    const id = await buyer(1_000n)
    expect(await refused(shelf.buy(shelf.wish(id, item)))).toBe('item.gone')
    const row = (await readItem(shop.db, item))!
    const terms = itemTerms(row, 'shop', 0n)
    expect(await refused(shelf.buy(shelf.wish(id, item, { bot: 'second', terms })))).toBe('item.changed')
    const { order } = await shelf.buy(
      shelf.wish(id, item, { bot: 'second', terms: itemTerms(row, 'second', 0n) }),
    )
    expect([await has(id), await seen(order.id)]).toEqual([700n, 'the text'])
  })

  test('nobody buys more than they may, from however many keys, and what was given back counts no more', async () => {
    const item = await shelf.item({ kind: 'text', perPerson: 2 }, ['limited'])
    const id = await buyer(5_000n)
    const wishes = Array.from({ length: 5 }, () => shelf.wish(id, item))
    const outcomes = await Promise.all(wishes.map((wish) => refused(shelf.buy(wish))))
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(2)
    expect(await has(id)).toBe(4_000n)
    const [bought] = wishes.filter((_, at) => outcomes[at] === 'done')
    await refundItem(shop, bought!.id, by('sorry'))
    expect(await refused(shelf.buy(shelf.wish(id, item)))).toBe('done')
  })

  test('tokens that a price lacks are bought with the roubles that were agreed to, and with no more', async () => {
    const item = await shelf.item({ kind: 'text', asset: 'TOK', price: 10n }, ['for tokens'])
    const id = await buyer(1_000n)
    await shelf.give(id, 4n, 'TOK')
    const dear = shelf.wish(id, item, { roubles: { agreed: 599n, rate: 100n } })
    expect(await refused(shelf.buy(dear))).toBe('balance.insufficient')
    await shelf.buy(shelf.wish(id, item, { roubles: { agreed: 600n, rate: 100n } }))
    expect([await has(id), await shop.has(id)]).toEqual([400n, 0n])
    const coins = await shelf.item({ kind: 'text', asset: 'TON', price: 10n }, ['for coins'])
    expect(await refused(shelf.wait(shelf.wish(id, coins))), 'nothing brings these').toBe('item.no-money')
  })

  test.each([
    ['price', { price: 0n }],
    ['price', { price: 10n ** 18n + 1n }],
    ['price-shop', { prices: { shop: '0' } }],
    ['kind', { kind: 'other' }],
    ['en', { name: { ru: 'Ключ', en: ' ' } }],
    ['ru', { name: { ru: 'К'.repeat(49), en: 'Key' } }],
    ['category', { categoryId: 999_999n }],
    ['picture', { picture: 'http://example.com/a.png' }],
    ['until', { soldFrom: new Date(2), soldUntil: new Date(1) }],
  ])('a wrong %s is named', async (what, change) => {
    await expect(shelf.item(change)).rejects.toMatchObject({ code: 'item.invalid', params: { what } })
  })

  test.each([
    ['limit', { perPerson: 0 }, 1],
    ['low', { low: 1_000_001 }, 0],
  ])('a %s out of range is answered by the range', async (what, change, min) => {
    const params = { what, min, max: 1_000_000 }
    await expect(shelf.item(change)).rejects.toMatchObject({ code: 'item.range', params })
  })

  test('an item that was not sold yet, or not any more, or has nothing in it, is not bought', async () => {
    const id = await buyer(500n)
    const hour = 3_600_000
    const later = await shelf.item({ kind: 'text', soldFrom: new Date(Date.now() + hour) }, ['later'])
    const over = await shelf.item({ kind: 'text', soldUntil: new Date(Date.now() - hour) }, ['over'])
    const empty = await shelf.item()
    for (const [item, why] of [
      [later, 'item.gone'],
      [over, 'item.gone'],
      [empty, 'item.sold-out'],
    ] as const)
      expect(await refused(shelf.buy(shelf.wish(id, item)))).toBe(why)
    expect(await has(id)).toBe(500n)
  })

  test('a change keeps what it does not name, and another asset drops the prices of single bots', async () => {
    const item = await shelf.item({ prices: { shop: '300' }, low: 2 })
    const change = (what: object) => shop.db.tx((tx) => saveItem(tx, item, what, 1n))
    expect(await change({ price: 700n })).toMatchObject({ price: 700n, prices: { shop: '300' }, low: 2 })
    expect(await change({ asset: 'TOK', price: 5n })).toMatchObject({ asset: 'TOK', prices: {} })
    await expect(change({ kind: 'text' })).rejects.toMatchObject({ params: { what: 'kind' } })
  })
})

describe('categories', () => {
  test('none stands below itself, also when two are moved at the same time', async () => {
    const make = (name: string, parentId: bigint | null = null) =>
      shop.db.tx((tx) => saveCategory(tx, undefined, { name: { ru: name, en: name }, parentId }))
    const move = (id: bigint, parentId: bigint) =>
      refused(shop.db.tx((tx) => saveCategory(tx, id, { parentId })))
    const [a, b] = [await make('a'), await make('b')]
    const c = await make('c', b)
    expect([await move(a, a), await move(b, c)]).toEqual(['category.circle', 'category.circle'])
    expect((await Promise.all([move(a, c), move(b, a)])).toSorted()).toEqual(['category.circle', 'done'])
  })

  test('five thousand items in one category come in pages, are found by a part of a name, and the shelf shows its way there', async () => {
    const top = await shop.db.tx((tx) => saveCategory(tx, undefined, { name: { ru: 'Верх', en: 'Top' } }))
    const big = await shop.db.tx((tx) =>
      saveCategory(tx, undefined, { name: { ru: 'Много', en: 'Many' }, parentId: top }),
    )
    await shop.db.rows(q`
      insert into shelf_items (kind, category_id, name, asset, price, created_by)
      select 'stock', ${big}, jsonb_build_object('ru', 'Ёлка ' || n, 'en', 'Tree ' || n), 'RUB', 100, 1
      from generate_series(1, 5000) n`)
    const page = await itemsOf(shop.db, 'shop', big, { limit: 9, offset: 4_992 })
    expect(page.map(({ name }) => name.en)).toEqual(
      Array.from({ length: 8 }, (_, at) => `Tree ${4_993 + at}`),
    )
    expect(await findItems(shop.db, 'shop', 'елка 4999', { limit: 5 })).toMatchObject([
      { name: { ru: 'Ёлка 4999' } },
    ])
    expect((await categoriesOf(shop.db, 'shop', null)).map(({ id }) => id)).toEqual([top])
    expect((await categoriesOf(shop.db, 'shop', top)).map(({ id }) => id)).toEqual([big])
    expect(await categoriesOf(shop.db, 'second', big)).toEqual([])
  })
})
