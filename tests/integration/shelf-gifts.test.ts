import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '#shared/db/db.ts'
import { readOrder } from '#shared/money/orders.ts'
import { readBalance } from '#shared/money/read.ts'
import { expireUnpaid } from '#shop/payments/worker/expire.ts'
import { purchasedItems } from '#shop/shelf/buy.ts'
import { refundItem, replaceBought } from '#shop/shelf/endings.ts'
import { tokenOf } from '#shop/shelf/gifts.ts'
import { endGift, endGifts, openGift, takeGiftBack } from '#shop/shelf/giving.ts'
import { ownsItem } from '#shop/shelf/good.ts'
import { takeBackExpired } from '#shop/shelf/lines.ts'
import { resumeAwaitedItem } from '#shop/shelf/worker/resume-item.ts'
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
const by = (reason: string) => ({ admin: 900n, bot: 'shop', reason })

describe('a gift', () => {
  const token = (id: string) => tokenOf(shelf.keys, id)
  const open = (id: string, personId: bigint, bot = 'shop') =>
    refused(openGift(app(), { token: token(id), personId, bot }))
  const end = (id: string) => shop.db.tx((tx) => endGift(tx, id, 'worker:upkeep'))
  const wallet = async (id: bigint) => {
    const { available, held } = await readBalance(shop.db, id, 'RUB')
    return [available, held]
  }
  const order = async (id: string) => (await readOrder(shop.db, id))!
  async function wrapped(item: bigint) {
    const giver = await buyer(500n)
    const wish = shelf.wish(giver, item, { gift: 30 })
    await shelf.buy(wish)
    return { id: wish.id, giver, wish }
  }

  test('F125 raced for by fifty friends is opened by one, and neither of the two decides about it; its money is held until then, and its line is nobody else’s', async () => {
    const item = await shelf.item({}, ['the gift'])
    const { id, giver, wish } = await wrapped(item)
    expect(await shelf.buy(wish), 'pressed again').toMatchObject({ already: true })
    expect([(await order(id)).state, await wallet(giver)]).toEqual(['reserved', [0n, 500n]])
    // The clock that ends reservations must not end the line of a gift, which only the gift itself ends.
    const [line] = await shop.db.rows(
      q<{
        kept: boolean
      }>`select reserved_until > now() + interval '50 years' as kept from shelf_lines where order_id = ${id}`,
    )
    expect([line!.kept, await takeBackExpired(shop.db)]).toEqual([true, 0])
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item)))).toBe('item.sold-out')
    expect([await open(id, giver), (await order(id)).state], 'its buyer').toEqual(['done', 'reserved'])
    expect(await open(id, await buyer(), 'second'), 'a link of another bot').toBe('gift.unknown')
    const friends = await Promise.all(Array.from({ length: 50 }, () => buyer()))
    const ends = await Promise.all(friends.map((friend) => open(id, friend)))
    expect(ends.filter((one) => one === 'done')).toHaveLength(1)
    expect(new Set(ends)).toEqual(new Set(['done', 'gift.opened']))
    const winner = friends[ends.indexOf('done')]!
    const opened = await order(id)
    expect(opened).toMatchObject({ state: 'delivered', details: { openedBy: String(winner) } })
    expect([await seen(id), await wallet(giver), await shelf.states(item)]).toEqual([
      'the gift',
      [0n, 0n],
      ['sold'],
    ])
    expect([ownsItem(opened, winner), ownsItem(opened, giver)]).toEqual([true, false])
    const page = { limit: 9, offset: 0 }
    expect(await purchasedItems(shop.db, winner, page)).toMatchObject([{ id }])
    expect([await open(id, winner), await end(id)], 'again').toEqual(['done', false])
    // Neither the person who paid for a gift nor the person who opened it may decide about it.
    for (const admin of [giver, winner]) {
      const decides = { ...by('sorry'), admin }
      expect(await refused(refundItem(shop, id, decides)), 'F125 the money').toBe('admin.own-money')
      expect(await refused(replaceBought(app(), id, decides)), 'F125 another one').toBe('admin.own-money')
    }
    await refundItem(shop, id, by('sorry'))
    expect([await seen(id), await wallet(giver), await wallet(winner)]).toEqual([
      undefined,
      [500n, 0n],
      [0n, 0n],
    ])
  })

  test('is taken back by its buyer alone while nobody has opened it, also while a friend opens it: one of the two happens', async () => {
    const back = (id: string, person: bigint) => refused(shop.db.tx((tx) => takeGiftBack(tx, id, person)))
    const item = await shelf.item({}, ['1', '2', '3', '4', '5'])
    const { id, giver } = await wrapped(item)
    expect(await back(id, await buyer()), 'somebody else').toBe('order.stale')
    expect(await Promise.all([back(id, giver), back(id, giver)]), 'pressed twice').toEqual(
      expect.arrayContaining(['done', 'gift.too-late']),
    )
    expect([(await order(id)).state, await wallet(giver)]).toEqual(['failed', [500n, 0n]])
    expect(await open(id, await buyer())).toBe('gift.over')
    const ends = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const [{ id, giver }, friend] = [await wrapped(item), await buyer()]
        const [opened, taken] = await Promise.all([open(id, friend), back(id, giver)])
        return { opened, taken, left: await wallet(giver) }
      }),
    )
    for (const one of ends)
      expect(one).toEqual(
        one.taken === 'done'
          ? { opened: 'gift.over', taken: 'done', left: [500n, 0n] }
          : { opened: 'done', taken: 'gift.too-late', left: [0n, 0n] },
      )
  })

  test('is opened by the friend or ended by the clock, never both, and its money has one place', async () => {
    const item = await shelf.item({}, ['1', '2', '3', '4', '5', '6', '7', '8'])
    const ends = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const [{ id, giver }, friend] = [await wrapped(item), await buyer()]
        const [opened, ended] = await Promise.all([open(id, friend), end(id)])
        return { opened, ended, state: (await order(id)).state, left: await wallet(giver) }
      }),
    )
    for (const one of ends)
      expect(one).toEqual(
        one.ended
          ? { opened: 'gift.over', ended: true, state: 'failed', left: [500n, 0n] }
          : { opened: 'done', ended: false, state: 'delivered', left: [0n, 0n] },
      )
    const states = await shelf.states(item)
    expect(states.filter((one) => one === 'sold')).toHaveLength(ends.filter(({ ended }) => !ended).length)
    expect(states.filter((one) => one === 'reserved')).toEqual([])
  })

  test('that nobody opens goes back on its date by itself, once, and its line with it', async () => {
    const item = await shelf.item({}, ['back'])
    const { id, giver } = await wrapped(item)
    await endGifts(shop)
    expect((await order(id)).state, 'before its date').toBe('reserved')
    await shop.db.rows(q`update shelf_gifts set due_at = now() - interval '1 minute' where order_id = ${id}`)
    await Promise.all([endGifts(shop), endGifts(shop)])
    expect([(await order(id)).state, await wallet(giver), await shelf.states(item)]).toEqual([
      'failed',
      [500n, 0n],
      ['free'],
    ])
    expect(await open(id, await buyer())).toBe('gift.over')
    const told = await shop.db.rows(
      q`select from outbox where payload::text like ${`%item-${id}-gift-over%`}`,
    )
    expect(told).toHaveLength(1)
  })

  test('whose end is cut off half way is unchanged: the next try finds it as it was', async () => {
    const item = await shelf.item({}, ['cut off'])
    const { id, giver } = await wrapped(item)
    const friend = await buyer()
    const cutOff = () =>
      shop.db.tx(async (tx) => {
        await endGift(tx, id, 'worker:upkeep')
        throw new Error('killed')
      })
    await expect(cutOff()).rejects.toThrow('killed')
    // The last statement of an opening writes what it owes. If that fails, nothing of the opening is kept.
    const killed = {
      ...app(),
      db: {
        ...shop.db,
        tx: (work: (tx: never) => Promise<unknown>) =>
          shop.db.tx(async (tx) => {
            await work(tx as never)
            throw new Error('killed')
          }),
      },
    } as never
    await expect(openGift(killed, { token: token(id), personId: friend, bot: 'shop' })).rejects.toThrow(
      'killed',
    )
    expect([(await order(id)).state, await wallet(giver), await shelf.states(item)]).toEqual([
      'reserved',
      [0n, 500n],
      ['reserved'],
    ])
    expect([await open(id, friend), await wallet(giver), await seen(id)]).toEqual([
      'done',
      [0n, 0n],
      'cut off',
    ])
  })

  test('counts for whoever opens it: a friend who has as many as allowed reads so, and the link stays good for another friend', async () => {
    const item = await shelf.item({ perPerson: 1 }, ['1', '2', '3'])
    const friend = await buyer(500n)
    await shelf.buy(shelf.wish(friend, item))
    const { id, giver } = await wrapped(item)
    expect([await open(id, friend), (await order(id)).state]).toEqual(['gift.limit', 'reserved'])
    await shelf.give(giver, 500n)
    expect(await refused(shelf.buy(shelf.wish(giver, item))), 'the giver has none yet').toBe('done')
    const other = await buyer(500n)
    expect(await open(id, other)).toBe('done')
    expect(await refused(shelf.buy(shelf.wish(other, item)))).toBe('item.limit')
  })

  /** The shop, killed at the end of whichever statement of a transaction has this number. */
  function killedAfter(statements: number) {
    const tx = (work: (tx: Sql) => Promise<unknown>) =>
      shop.db.tx(async (real) => {
        let done = 0
        const counted = async (run: Promise<unknown>) => {
          const rows = await run
          if (++done >= statements) throw new Error('killed')
          return rows
        }
        const result = await work({ ...real, rows: (what: never) => counted(real.rows(what)) } as Sql)
        return { result, done }
      })
    return { ...app(), db: { ...shop.db, tx } } as never
  }

  test('of a stock, whose money comes later, goes on by itself, cut off at any statement, and its line stays its own', async () => {
    const item = await shelf.item({}, ['paid later'])
    const giver = await buyer(100n)
    const wish = shelf.wish(giver, item, { gift: 30 })
    await shelf.wait(wish)
    await resume(wish.id, 'pay-part')
    await shelf.give(giver, 400n)
    const now = async () => [(await order(wish.id)).state, await wallet(giver), await shelf.states(item)]
    const before = ['awaiting_payment', [500n, 0n], ['reserved']]
    let cuts = 0
    for (;;) {
      const job = { orderId: wish.id, paymentId: 'pay-1' }
      const cut = await resumeAwaitedItem(killedAfter(cuts + 1), job).then(
        () => false,
        () => true,
      )
      if (!cut) break
      cuts += 1
      expect(await now(), `cut off after statement ${cuts}`).toEqual(before)
    }
    expect(cuts).toBeGreaterThan(8)
    await Promise.all([resume(wish.id, 'pay-1'), resume(wish.id)])
    expect(await now()).toEqual(['reserved', [0n, 500n], ['reserved']])
    expect(await takeBackExpired(shop.db), 'the line has lost its half hour').toBe(0)
    const [line] = await shop.db.rows(
      q<{
        kept: boolean
      }>`select reserved_until > now() + interval '50 years' as kept from shelf_lines where order_id = ${wish.id}`,
    )
    expect(line).toEqual({ kept: true })
    const friend = await buyer()
    expect([await open(wish.id, friend), await seen(wish.id)]).toEqual(['done', 'paid later'])
    expect((await shop.notices()).filter((key) => key.startsWith(`item-${wish.id}-`))).toEqual([
      `item-${wish.id}-pay-part`,
      `item-${wish.id}-bought`,
      `item-${wish.id}-gift-opened`,
    ])
  })

  test('of a stock, whose last line is sold before the money comes, ends with a word, and the money stays on the balance; a freed line is its own again', async () => {
    const item = await shelf.item({}, ['the last', 'one more'])
    const [slow, late] = [await buyer(), await buyer()]
    const [wish, second] = [slow, late].map((one) => shelf.wish(one, item, { gift: 30 }))
    await shelf.wait(wish!)
    await shelf.wait(second!)
    await shop.db.rows(
      q`update shelf_lines set reserved_until = now() - interval '1 s' where item_id = ${item}`,
    )
    expect(await takeBackExpired(shop.db)).toBe(2)
    await shelf.buy(shelf.wish(await buyer(500n), item))
    for (const one of [slow, late]) await shelf.give(one, 500n)
    // One line is left for two gifts whose money comes at the same moment.
    await Promise.all([resume(wish!.id), resume(second!.id)])
    const ends = await Promise.all(
      [wish!, second!].map(async ({ id, personId }) => [(await order(id)).state, await wallet(personId)]),
    )
    const isLost = ends[0]![0] === 'cancelled'
    expect(isLost ? ends : ends.toReversed()).toEqual([
      ['cancelled', [500n, 0n]],
      ['reserved', [0n, 500n]],
    ])
    const lost = isLost ? wish! : second!
    expect(await shop.notices()).toContain(`item-${lost.id}-over`)
    expect((await shelf.states(item)).toSorted((a, b) => a.localeCompare(b))).toEqual(['reserved', 'sold'])
    // Money for an order whose day is over finds it ended, and stays on the balance as well.
    const third = shelf.wish(await buyer(), await shelf.item({}, ['3']), { gift: 30 })
    await shelf.wait(third)
    await shop.db.rows(q`update orders set expires_at = now() - interval '1 hour' where id = ${third.id}`)
    await expireUnpaid(shop)
    await shelf.give(third.personId, 500n)
    await resume(third.id)
    expect([(await order(third.id)).state, await wallet(third.personId)]).toEqual(['expired', [500n, 0n]])
    expect(await open(third.id, await buyer())).toBe('gift.unknown')
  })

  test('is a gift too when its money comes later; a service is none; what the shop has no more leaves the link', async () => {
    const item = await shelf.item({ kind: 'text' }, ['words'])
    const giver = await buyer()
    const wish = shelf.wish(giver, item, { gift: 30 })
    await shelf.wait(wish)
    await shelf.give(giver, 500n)
    await resume(wish.id)
    expect([(await order(wish.id)).state, await wallet(giver)]).toEqual(['reserved', [0n, 500n]])
    const friend = await buyer()
    await shop.db.rows(q`update shelf_items set content = null where id = ${item}`)
    expect([await open(wish.id, friend), await wallet(giver)]).toEqual(['gift.empty', [0n, 500n]])
    const service = await shelf.item({ kind: 'service', terms: { hours: 24, asks: [] } })
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), service, { gift: 30 })))).toBe('item.gone')
  })
})
