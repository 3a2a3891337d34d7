import { randomUUID } from 'node:crypto'
import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { orderStory, readOrder } from '#shared/money/orders.ts'
import { refundItem, replaceBought } from '#shop/shelf/endings.ts'
import { readItem } from '#shop/shelf/items.ts'
import { takeBackExpired } from '#shop/shelf/lines.ts'
import { retireItem, saveItem } from '#shop/shelf/manage.ts'
import { itemTerms } from '#shop/shelf/terms.ts'
import { atEnd } from '../lib/at-end.ts'
import { countStatements } from '../lib/count-statements.ts'
import { onShelf, refused, shelfOf } from '../lib/shelf.ts'
import type { Shelf } from '../lib/shelf.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
let shelf: Shelf
beforeAll(async () => {
  shop = await openWalletShop()
  atEnd(() => shop.close())
  shelf = await shelfOf(shop)
})

const { buyer, seen, resume, app } = onShelf(() => ({ shop, shelf }))
const has = (id: bigint) => shop.has(id, 'RUB')
const by = (reason: string) => ({ admin: 900n, bot: 'shop', reason })
const state = async (order: string) => (await readOrder(shop.db, order))!.state
/** Runs a race so often, at the same time, that each of its ends comes up. */
const races = (race: () => Promise<unknown[]>) =>
  Promise.all(Array.from({ length: 12 }, async () => (await race()).join(' · ')))
const change = (item: bigint, what: object) => shop.db.tx((tx) => saveItem(tx, item, what, 1n))

describe('two who want one line', () => {
  test('F97 the last line goes to a buyer or stands in for a broken one, and who gets none keeps what they had', async () => {
    const ends = await races(async () => {
      const item = await shelf.item({}, ['broken', 'last'])
      const [owner, other] = [await buyer(500n), await buyer(500n)]
      const { order } = await shelf.buy(shelf.wish(owner, item))
      const outcomes = await Promise.all([
        refused(replaceBought(app(), order.id, by('does not open'))),
        refused(shelf.buy(shelf.wish(other, item))),
      ])
      return [...outcomes, await seen(order.id), await has(other), await shelf.states(item)]
    })
    const possible = [
      'done · item.sold-out · last · 500 · withdrawn,sold',
      'item.sold-out · done · broken · 0 · sold,sold',
    ]
    expect(ends.filter((end) => !possible.includes(end))).toEqual([])
  })

  test('F97 of an admin who replaces a line and one who gives its money back both are heard, and no line stays with an order that was given back', async () => {
    const ends = await races(async () => {
      const item = await shelf.item({}, ['broken', 'another'])
      const id = await buyer(500n)
      const { order } = await shelf.buy(shelf.wish(id, item))
      const outcomes = await Promise.all([
        refused(replaceBought(app(), order.id, by('does not open'))),
        refused(refundItem(shop, order.id, { ...by('sorry'), admin: 901n })),
      ])
      return [...outcomes, String(await seen(order.id)), await has(id), await shelf.states(item)]
    })
    const possible = [
      'done · done · undefined · 500 · withdrawn,withdrawn',
      'order.moved · done · undefined · 500 · withdrawn,free',
    ]
    expect(ends.filter((end) => !possible.includes(end))).toEqual([])
  })

  test('F97 a line whose time of being set aside ends while it is paid for is one person’s, and the other keeps the money', async () => {
    const ends = await races(async () => {
      const item = await shelf.item({}, ['one'])
      const [slow, quick] = [await buyer(), await buyer(500n)]
      const wish = shelf.wish(slow, item)
      await shelf.wait(wish)
      await shelf.give(slow, 500n)
      await shop.db.rows(
        q`update shelf_lines set reserved_until = now() - interval '1 s' where item_id = ${item}`,
      )
      const [bought] = await Promise.all([
        refused(shelf.buy(shelf.wish(quick, item))),
        takeBackExpired(shop.db),
        resume(wish.id),
      ])
      return [await state(wish.id), await has(slow), bought, await has(quick), await shelf.states(item)]
    })
    const possible = ['delivered · 0 · item.sold-out · 500 · sold', 'cancelled · 500 · done · 0 · sold']
    expect(ends.filter((end) => !possible.includes(end))).toEqual([])
  })
})

describe('an item that changes between the screen and the press', () => {
  test('F54 taken off sale at the moment of many presses it is sold to some and refused to the rest, and to nobody afterwards', async () => {
    const item = await shelf.item(
      {},
      Array.from({ length: 20 }, (_, at) => `line ${at}`),
    )
    const people = await Promise.all(Array.from({ length: 12 }, () => buyer(500n)))
    const [, ...outcomes] = await Promise.all([
      retireItem(shop.db, item, true),
      ...people.map((id) => refused(shelf.buy(shelf.wish(id, item)))),
    ])
    const left = await Promise.all(people.map(has))
    expect(left.map((sum) => (sum === 0n ? 'done' : 'item.gone'))).toEqual(outcomes)
    expect((await shelf.states(item)).filter((one) => one === 'sold')).toHaveLength(
      outcomes.filter((one) => one === 'done').length,
    )
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item)))).toBe('item.gone')
  })

  test('F54 at a new price each press pays what its key showed or nothing', async () => {
    const item = await shelf.item(
      {},
      Array.from({ length: 20 }, (_, at) => `line ${at}`),
    )
    const terms = itemTerms((await readItem(shop.db, item))!, 'shop', 0n)
    const people = await Promise.all(Array.from({ length: 12 }, () => buyer(1_000n)))
    const [, ...outcomes] = await Promise.all([
      change(item, { price: 700n }),
      ...people.map((id) => refused(shelf.buy(shelf.wish(id, item, { terms })))),
    ])
    const left = await Promise.all(people.map(has))
    expect(
      left.map((sum) => (sum === 500n ? 'done' : sum === 1_000n ? 'item.changed' : String(sum))),
    ).toEqual(outcomes)
    expect(await refused(shelf.buy(shelf.wish(await buyer(1_000n), item, { terms })))).toBe('item.changed')
  })

  test('F54 an order that waits for money keeps the price that was shown, whichever way it moves, also at another one of its bot', async () => {
    for (const what of [{ price: 700n }, { price: 300n }, { prices: { shop: '900' } }]) {
      const item = await shelf.item({}, ['kept'])
      const id = await buyer(100n)
      const wish = shelf.wish(id, item)
      await shelf.wait(wish)
      await change(item, what)
      await shelf.give(id, 400n)
      await resume(wish.id)
      expect([await state(wish.id), await has(id)]).toEqual(['delivered', 0n])
    }
  })

  test('F54 in another currency an order that waits ends with a word, and takes nothing', async () => {
    const item = await shelf.item({}, ['other money'])
    const id = await buyer(100n)
    const wish = shelf.wish(id, item)
    await shelf.wait(wish)
    await change(item, { asset: 'TOK', price: 5n })
    await shelf.give(id, 400n)
    await resume(wish.id)
    expect([await state(wish.id), await has(id), await shelf.states(item)]).toEqual([
      'cancelled',
      500n,
      ['free'],
    ])
    expect(await shop.notices()).toContain(`item-${wish.id}-over`)
  })
})

test('a line is bought with five statements and one commit, and its story has every state', async () => {
  const counter = countStatements('wallet-test')
  atEnd(() => counter.stop())
  const item = await shelf.item({}, ['first', 'second'])
  const wish = shelf.wish(await buyer(500n), item)
  counter.take()
  const { order } = await shelf.buy(wish)
  const { statements, commits } = counter.take()
  const tables = ['shelf_items', 'from orders', 'into orders', 'shelf_lines', 'into postings']
  expect(statements, statements.join('\n\n')).toHaveLength(tables.length)
  for (const [at, table] of tables.entries()) expect(statements[at]!.replaceAll('"', '')).toContain(table)
  expect(commits).toBe(1)
  expect(order).toMatchObject({ state: 'delivered', price: 500n, asset: 'RUB', good: 'item', bot: 'shop' })
  expect(await readOrder(shop.db, order.id)).toEqual(order)
  const story = await orderStory(shop.db, order.id)
  expect(story.map(({ fromState, toState }) => [fromState, toState])).toEqual([
    [null, 'draft'],
    ['draft', 'reserved'],
    ['reserved', 'delivered'],
  ])
  // The same press again reads what there is.
  counter.take()
  expect(await shelf.buy(wish)).toMatchObject({ already: true, order: { id: order.id } })
  expect(counter.take().statements).toHaveLength(2)
  counter.stop()
})

describe('an upload of many lines', () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, at) => `key ${at + 1}`)
  const upload = (item: bigint, lines: string[], name = randomUUID()) =>
    shelf.fill(item, [lines.join('\n')], name)

  test('over several batches names the first doubles in their order, whether they were there before or came twice', async () => {
    const item = await shelf.item()
    await upload(item, ['key 4', 'key 9000', 'key 11999'])
    const lines = numbered(12_000)
    lines[6] = 'key 2'
    lines[5_500] = 'key 5000'
    lines[11_000] = 'key 1'
    lines[20] = '\ufffd'
    expect(await upload(item, lines)).toEqual({
      added: 12_000 - 7,
      doubles: { count: 6, lines: [4, 7, 5_501, 9_000, 11_001, 11_999] },
      bad: { count: 1, lines: [21] },
    })
    expect(await upload(item, numbered(200)), 'nobody reads a longer list').toMatchObject({
      doubles: { count: 198, lines: { length: 50 } },
    })
  })

  test('costs one statement for five thousand lines, and fewer lines where they are long', async () => {
    const counter = countStatements('wallet-test')
    atEnd(() => counter.stop())
    const item = await shelf.item()
    const cost = async (lines: string[]) => {
      counter.take()
      expect(await upload(item, lines)).toMatchObject({ added: lines.length })
      const { statements } = counter.take()
      return statements.filter((text) => text.includes('shelf_lines')).length
    }
    expect(await cost(numbered(10_000))).toBe(2)
    // 4,000 lines of 1,000 letters are 4 MB.
    expect(await cost(Array.from({ length: 4_000 }, (_, at) => String(at).padStart(1_000, 'x')))).toBe(3)
    counter.stop()
  })

  test('brought twice at once, in two orders, leaves each line once, and both hear which ones were there', async () => {
    const item = await shelf.item()
    const lines = numbered(11_000)
    const [first, second] = await Promise.all([upload(item, lines), upload(item, lines.toReversed())])
    expect(first.added + second.added).toBe(11_000)
    expect(first.doubles.count + second.doubles.count).toBe(11_000)
    expect(await shelf.states(item)).toHaveLength(11_000)
  })

  test('is sold in the order in which its lines came', async () => {
    const item = await shelf.item()
    await upload(item, numbered(5_200))
    const bought = []
    for (let at = 0; at < 3; at += 1) {
      const { order } = await shelf.buy(shelf.wish(await buyer(500n), item))
      bought.push(await seen(order.id))
    }
    expect(bought).toEqual(['key 1', 'key 2', 'key 3'])
  })

  test('for an item that there is not fails as a whole, also when its first batch fails while the next one is read', async () => {
    await expect(upload(999_999n, numbered(11_000))).rejects.toThrow(/shelf_lines_item_id_fkey/)
  })
})
