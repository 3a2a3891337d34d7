import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOrder } from '#shared/money/orders.ts'
import { answered, askIn } from '#shop/shelf/accesses.ts'
import { buyItem } from '#shop/shelf/buy.ts'
import { setChat } from '#shop/shelf/chats.ts'
import { refundItem } from '#shop/shelf/endings.ts'
import { tokenOf } from '#shop/shelf/gifts.ts'
import { openGift } from '#shop/shelf/giving.ts'
import { readItem } from '#shop/shelf/items.ts'
import { saveItem } from '#shop/shelf/manage.ts'
import { itemTerms } from '#shop/shelf/terms.ts'
import { lookAfter } from '#shop/shelf/worker/upkeep.ts'
import { eventually } from '../lib/eventually.ts'
import { onShelf, refused, shelfOf } from '../lib/shelf.ts'
import type { Shelf } from '../lib/shelf.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

const OLD = -1_001_000_000_101n
const NEW = -1_001_000_000_102n

let shop: WalletShop
let shelf: Shelf
beforeAll(async () => {
  shop = await openWalletShop()
  shelf = await shelfOf(shop)
})
afterAll(() => shop.close())

const { buyer, seen, resume, app } = onShelf(() => ({ shop, shelf }))

describe('a place in a channel whose owner, time or channel changes', () => {
  const lead = (itemId: bigint, chatId: bigint) =>
    shop.db.tx((tx) =>
      setChat(tx, { itemId, bot: 'shop', chatId, title: 'Club', link: `https://t.me/+${-chatId}` }),
    )
  async function place(days: number | null): Promise<bigint> {
    const item = await shelf.item({ kind: 'access', terms: { days } })
    await lead(item, OLD)
    return item
  }
  const change = (item: bigint, days: number) =>
    shop.db.tx((tx) => saveItem(tx, item, { terms: { days } }, 1n))
  async function bought(item: bigint) {
    const person = await buyer(500n)
    const wish = shelf.wish(person, item)
    await shelf.buy(wish)
    return { person, id: wish.id }
  }
  const access = async (order: string) =>
    (
      await shop.db.rows(
        q<{ chatId: bigint; days: number; over: boolean }>`
          select chat_id as "chatId", round(extract(epoch from until_at - now()) / 86400)::int as days,
            ended_at is not null as over from shelf_accesses where order_id = ${order}`,
      )
    )[0]!

  test('F61 F98 bought again at the moment at which the time before is given back, it begins now: nobody keeps what they were paid for', async () => {
    const item = await place(30)
    const person = await buyer(1_000n)
    const [first, second] = [shelf.wish(person, item), shelf.wish(person, item)]
    await shelf.buy(first)
    const [isBought, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const renewal = shop.db.tx(async (tx) => {
      await buyItem(tx, second)
      isBought.resolve()
      await mayEnd.promise
    })
    await isBought.promise
    let isOver = false
    const refund = refundItem(app(), first.id, { admin: 900n, bot: 'shop', reason: 'sorry' }).finally(
      () => (isOver = true),
    )
    await eventually(
      async () =>
        isOver ||
        (
          await shop.db.rows(q`
            select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        ).length > 0,
      { what: 'the refund is over or waits for the purchase' },
    )
    mayEnd.resolve()
    expect(await Promise.all([renewal, refund])).toEqual([undefined, 'done'])
    expect([(await access(first.id)).over, (await access(second.id)).days]).toEqual([true, 30])
  })

  test('F41 F98 when its owner moves it to another channel, whoever has not come in comes in there, and whoever is in stays', async () => {
    const item = await place(30)
    const [waits, inside] = [await bought(item), await bought(item)]
    await answered(shop.db, { chatId: OLD, personId: inside.person }, true)
    await lead(item, NEW)
    expect([(await access(waits.id)).chatId, (await access(inside.id)).chatId]).toEqual([NEW, OLD])
    expect(await askIn(shop.db, { chatId: NEW, personId: waits.person })).toBe(waits.id)
    expect(await seen(waits.id)).toBe(`https://t.me/+${-NEW}`)
    expect(await seen(inside.id), 'the link of a channel that is not theirs').toBeUndefined()
  })

  test('F41 F98 when the bot has lost the channel, everybody whose time runs comes into the next one, and is told the way', async () => {
    const item = await place(30)
    const [waits, inside] = [await bought(item), await bought(item)]
    await answered(shop.db, { chatId: OLD, personId: inside.person }, true)
    await shop.db.rows(q`update shelf_chats set lost_at = now() where item_id = ${item}`)
    await lead(item, NEW)
    await lead(item, NEW)
    for (const { id, person } of [waits, inside]) {
      expect([(await access(id)).chatId, await askIn(shop.db, { chatId: NEW, personId: person })]).toEqual([
        NEW,
        id,
      ])
      const told = await shop.db.rows(q<{ payload: unknown }>`
        select payload from outbox where key like ${`%item-${id}-moved%`}`)
      expect(told).toHaveLength(1)
      expect(JSON.stringify(told[0]!.payload)).toContain(`https://t.me/+${-NEW}`)
    }
  })

  test('F54 is bought for the time that the key showed, or not at all; an order and a gift keep theirs', async () => {
    const item = await place(30)
    const shown = itemTerms((await readItem(shop.db, item))!, 'shop', 0n)
    const late = shelf.wish(await buyer(), item)
    await shelf.wait(late)
    const gift = shelf.wish(await buyer(500n), item, { gift: 30 })
    await shelf.buy(gift)
    await change(item, 7)
    const [pressed, anew] = [await buyer(500n), await buyer(500n)]
    expect(await refused(shelf.buy(shelf.wish(pressed, item, { terms: shown })))).toBe('item.changed')
    const now = shelf.wish(anew, item, { terms: itemTerms((await readItem(shop.db, item))!, 'shop', 0n) })
    await shelf.buy(now)
    await shelf.give(late.personId, 500n)
    await resume(late.id)
    const friend = await buyer()
    await openGift(app(), { token: tokenOf(shelf.keys, gift.id), personId: friend, bot: 'shop' })
    const days = await Promise.all([now, late, gift].map(async ({ id }) => (await access(id)).days))
    expect(days).toEqual([7, 30, 30])
  })

  test('F12 one thing that cannot be ended keeps nothing else from its end', async () => {
    const item = await place(1)
    const over = await bought(item)
    await shop.db.rows(q`
      update shelf_accesses set from_at = now() - interval '2 days', until_at = now() - interval '1 day'
      where order_id = ${over.id}`)
    const key = await shelf.item({}, ['one', 'two'])
    const gifts = [
      shelf.wish(await buyer(500n), key, { gift: 1 }),
      shelf.wish(await buyer(500n), key, { gift: 1 }),
    ]
    for (const gift of gifts) await shelf.buy(gift)
    const [broken, whole] = gifts.map(({ id }) => id)
    await shop.db.rows(q`
      update shelf_gifts set due_at = now() - case when order_id = ${broken} then interval '2 hours' else interval '1 hour' end
      where order_id = any(${[broken, whole]})`)
    await shop.db.rows(q`update orders set details = details || '{"kind": "gone"}' where id = ${broken}`)
    await expect(lookAfter(app())).rejects.toThrow('there is no kind gone')
    expect((await readOrder(shop.db, whole!))!.state).toBe('failed')
    expect((await access(over.id)).over).toBe(true)
    await shop.db.rows(q`update orders set details = details || '{"kind": "stock"}' where id = ${broken}`)
    await lookAfter(app())
    expect((await readOrder(shop.db, broken!))!.state).toBe('failed')
  })
})
