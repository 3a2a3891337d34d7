import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOrder } from '#shared/money/orders.ts'
import { resumeWhereMoneyMoved } from '#shared/money/waiting.ts'
import { readBalance } from '#shared/money/read.ts'
import { readAsk, writeAsk } from '#shop/shelf/asks.ts'
import { refundItem } from '#shop/shelf/endings.ts'
import { answersOf, countServices, openServices } from '#shop/shelf/service-rows.ts'
import { deliverService, endOverdue, refuseService, takeService } from '#shop/shelf/services.ts'
import { lookAfterServices } from '#shop/shelf/worker/services.ts'
import { claimUpload, endUpload, fileIn, soldFile, ownFileId, setFile } from '#shop/shelf/files.ts'
import { ASKS, code, onShelf, refused, shelfOf } from '../lib/shelf.ts'
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

describe('a file', () => {
  const sent = { type: 'document', fileId: 'of-shop', name: 'book.pdf', size: 1_000 } as const
  const set = (itemId: bigint, more: object = {}, bot = 'shop') =>
    shop.db.tx((tx) => setFile(tx, { itemId, bot }, { ...sent, ...more }))

  test('is brought to another bot by one of many buyers at once, once; a new file is brought there anew', async () => {
    const item = await shelf.item({ kind: 'file' })
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item)))).toBe('item.sold-out')
    await set(item)
    const { order } = await shelf.buy(shelf.wish(await buyer(500n), item, { bot: 'second' }))
    expect(await seen(order.id)).toBe('book.pdf')
    const file = (await soldFile(shop.db, item))!
    const claims = async (of = file) =>
      (await Promise.all(Array.from({ length: 20 }, () => claimUpload(shop.db, of, 'second')))).filter(
        Boolean,
      ).length
    expect([await claims(), await claims()]).toEqual([1, 0])
    await endUpload(shop.db, file, 'second', undefined)
    expect(await claims(), 'it did not get there').toBe(1)
    await shop.db.rows(
      q`update shelf_files set claimed_at = now() - interval '3 minutes' where item_id = ${item} and not source`,
    )
    expect(await claims(), 'whoever brought it was killed').toBe(1)
    await endUpload(shop.db, file, 'second', 'of-second')
    expect([await claims(), await ownFileId(shop.db, file, 'second')]).toEqual([0, 'of-second'])
    await set(item, { fileId: 'new' })
    const newer = (await soldFile(shop.db, item))!
    expect([newer.fileId, await ownFileId(shop.db, newer, 'second'), await claims(newer)]).toEqual([
      'new',
      undefined,
      1,
    ])
    await endUpload(shop.db, file, 'second', 'late')
    expect(await ownFileId(shop.db, newer, 'second'), 'the id of an older file').toBe(undefined)
  })

  test('of more than 20 MB is sold in its own bot alone, and one that Telegram takes from nobody is refused', async () => {
    const item = await shelf.item({ kind: 'file' })
    await set(item, { size: 21 * 1024 * 1024 })
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item, { bot: 'second' })))).toBe(
      'item.sold-out',
    )
    expect(await refused(shelf.buy(shelf.wish(await buyer(500n), item)))).toBe('done')
    const read = (document?: object) => {
      try {
        return fileIn({ document } as never).name
      } catch (error) {
        return code(error)
      }
    }
    const of = (file_size: number) => ({ file_id: 'a', file_name: 'a.pdf', file_size })
    expect([read(), read(of(0)), read(of(51 * 1024 * 1024)), read(of(50 * 1024 * 1024))]).toEqual([
      'item.file-none',
      'item.file-empty',
      'item.file-big',
      'a.pdf',
    ])
  })
})

describe('a service', () => {
  const make = (hours = 24, asks = ASKS) => shelf.item({ kind: 'service', terms: { hours, asks } })
  const admin = { admin: 900n, bot: 'shop' }
  const deliver = (id: string, words = 'done') => refused(deliverService(app(), id, { ...admin, words }))
  const refuse = (id: string) => refused(refuseService(app(), id, { ...admin, reason: 'no' }))
  const overdue = (id: string) => shop.db.tx((tx) => endOverdue(tx, id, 'worker:upkeep'))
  const state = async (id: string) => (await readOrder(shop.db, id))!.state
  const wallet = async (id: bigint) => {
    const { available, held } = await readBalance(shop.db, id, 'RUB')
    return [available, held]
  }
  const bots = new Map([['shop', { name: 'shop' }]]) as never

  test('its money is set aside until an admin delivers, and the buyer reads what they wrote; what was filled in lies sealed', async () => {
    const item = await make()
    const id = await buyer(500n)
    const wish = shelf.service(id, item, ['password-1', 'EU'])
    const { order } = await shelf.buy(wish)
    expect(order.state).toBe('reserved')
    expect(await shelf.buy(wish), 'pressed again').toMatchObject({ already: true })
    expect(await wallet(id)).toEqual([0n, 500n])
    const [row] = await shop.db.rows(q<{ clear: bigint }>`select count(*) as clear from shelf_services
      where position('password-1' in encode(answers, 'escape')) > 0`)
    expect(row!.clear).toBe(0n)
    expect((await answersOf(shop.db, shelf.keys, order.id))!.values).toEqual(['password-1', 'EU'])
    await takeService(shop, order.id, admin)
    expect(await refused(takeService(shop, order.id, admin)), 'taken by another').toBe('order.moved')
    expect(await state(order.id)).toBe('fulfilling')
    expect(await deliver(order.id, 'your level is 80')).toBe('done')
    expect([await seen(order.id), await wallet(id)]).toEqual(['your level is 80', [0n, 0n]])
    expect(await deliver(order.id)).toBe('order.moved')
    await refundItem(shop, order.id, by('sorry'))
    expect([await seen(order.id), await wallet(id)]).toEqual([undefined, [500n, 0n]])
  })

  test('F125 that an admin has bought is refused by another admin alone: it may be done already', async () => {
    const id = await buyer(500n)
    const { order } = await shelf.buy(shelf.service(id, await make(), ['a', 'US']))
    await takeService(shop, order.id, admin)
    const own = { admin: id, bot: 'shop', reason: 'mine' }
    expect(await refused(refuseService(app(), order.id, own))).toBe('admin.own-money')
    expect([await state(order.id), await wallet(id)]).toEqual(['fulfilling', [0n, 500n]])
    expect([await refuse(order.id), await wallet(id)]).toEqual(['done', [500n, 0n]])
  })

  test('of an admin who delivers, one who refuses and the clock, all at once, one wins, and the money has one place', async () => {
    const item = await make()
    const ends = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const id = await buyer(500n)
        const { order } = await shelf.buy(shelf.service(id, item, ['a', 'US']))
        const won = await Promise.all([deliver(order.id), refuse(order.id), overdue(order.id)])
        const one = won.filter((end) => end === 'done' || end === true).length
        return [one, await state(order.id), ...(await wallet(id))].join(' ')
      }),
    )
    expect(ends.filter((one) => !['1 delivered 0 0', '1 failed 500 0'].includes(one))).toEqual([])
  })

  test('admins hear once that there is one and once that it is due; when its time is over the money goes back once', async () => {
    const item = await make()
    const id = await buyer(500n)
    const { order } = await shelf.buy(shelf.service(id, item, ['a', 'US']))
    const look = async () => {
      await Promise.all([1, 2].map(() => lookAfterServices({ db: shop.db, bots })))
      const rows = await shop.db.rows(
        q<{
          topic: string
        }>`select topic from alerts where key like ${`shelf-service-%-${order.id}`} order by id`,
      )
      return rows.map(({ topic }) => topic)
    }
    const due = (hours: number) =>
      shop.db.rows(
        q`update shelf_services set due_at = now() + ${hours} * interval '1 hour' where order_id = ${order.id}`,
      )
    expect(await look()).toEqual(['alert-shelf-service'])
    await due(7)
    expect(await look()).toEqual(['alert-shelf-service'])
    await due(5)
    expect(await look()).toEqual(['alert-shelf-service', 'alert-shelf-service-late'])
    expect(await countServices(shop.db, ['shop'])).toBeGreaterThan(0)
    await due(-1)
    await look()
    expect([await state(order.id), await wallet(id)]).toEqual(['failed', [500n, 0n]])
    const told = (await shop.notices()).filter((key) => key.startsWith(`item-${order.id}`))
    expect(told).toEqual([`item-${order.id}-not-served`])
    expect(await openServices(shop.db, ['second'], { limit: 9, offset: 0 })).toEqual([])
  })

  test('an end of a service that is cut off half way changes nothing: the next try finds the order as it was', async () => {
    const item = await make()
    const id = await buyer(500n)
    const { order } = await shelf.buy(shelf.service(id, item, ['a', 'US']))
    const cutOff = shop.db.tx(async (tx) => {
      await endOverdue(tx, order.id, 'worker:upkeep')
      throw new Error('killed')
    })
    await expect(cutOff).rejects.toThrow('killed')
    expect([await state(order.id), await wallet(id)]).toEqual(['reserved', [0n, 500n]])
    expect(await refuse(order.id)).toBe('done')
    expect([await state(order.id), await wallet(id)]).toEqual(['failed', [500n, 0n]])
  })

  test('the money that a refused one gave back pays for another order of its buyer that waits, tried once', async () => {
    const id = await buyer(500n)
    const { order } = await shelf.buy(shelf.service(id, await make(), ['a', 'EU']))
    const wish = shelf.wish(id, await shelf.item({}, ['waited for']))
    const { order: waits } = await shelf.wait(wish)
    expect(waits.expiresAt!.getTime() - waits.updatedAt.getTime(), 'kept for a day').toBe(24 * 3_600_000)
    expect(await refuse(order.id)).toBe('done')
    for (let look = 0; look < 2; look++) await resumeWhereMoneyMoved(shop.db, shop.goods, ['shop'])
    const owed = await shop.db.rows(q<{ paymentId: string }>`
      select payload ->> 'paymentId' as "paymentId" from outbox
      where job = 'item.resume' and payload ->> 'orderId' = ${wish.id}`)
    expect(owed).toHaveLength(1)
    await resume(wish.id, owed[0]!.paymentId)
    expect([await state(wish.id), await wallet(id)]).toEqual(['delivered', [0n, 0n]])
  })

  test('money that came after the balance was found too small, and before the order began to wait, pays for it', async () => {
    const id = await buyer()
    const wish = shelf.wish(id, await shelf.item({}, ['waited for']))
    expect(await refused(shelf.buy(wish))).toBe('balance.insufficient')
    await shelf.give(id, 500n)
    await shelf.wait(wish)
    await resumeWhereMoneyMoved(shop.db, shop.goods, ['shop'])
    const owed = await shop.db.rows(q<{ paymentId: string }>`
      select payload ->> 'paymentId' as "paymentId" from outbox
      where job = 'item.resume' and payload ->> 'orderId' = ${wish.id}`)
    expect(owed).toHaveLength(1)
    await resume(wish.id, owed[0]!.paymentId)
    expect([await state(wish.id), await wallet(id)]).toEqual(['delivered', [0n, 0n]])
  })

  test('one that waits for money keeps what was filled in; who answered other questions is asked anew and pays nothing', async () => {
    const item = await make()
    const id = await buyer()
    const wish = shelf.service(id, item, ['a', 'EU'])
    await shelf.wait(wish)
    await shelf.give(id, 500n)
    await resume(wish.id)
    expect([await state(wish.id), await wallet(id)]).toEqual(['reserved', [0n, 500n]])
    const other = await buyer(500n)
    for (const values of [[], ['only a name']])
      expect(await refused(shelf.buy(shelf.service(other, item, values)))).toBe('item.asks-changed')
    expect(await wallet(other)).toEqual([500n, 0n])
  })

  test('an order for anything but a service cannot be taken, delivered or refused', async () => {
    const text = await shelf.item({ kind: 'text' }, ['text'])
    const { order } = await shelf.buy(shelf.wish(await buyer(500n), text))
    expect([await deliver(order.id), await refuse(order.id), await overdue(order.id)]).toEqual([
      'order.moved',
      'order.moved',
      false,
    ])
  })

  test.each([
    ['text | Ник | Name', 'text | Ник | Name'],
    ['Choice|Сервер|Server| EU,US, EU', 'choice | Сервер | Server | EU, US'],
    ['choice | Сервер | Server | EU', 'item.ask'],
    ['colour | Цвет | Colour', 'item.ask'],
    ['text | Ник', 'item.ask'],
  ])('a field that an owner types as “%s” is %s', async (typed, is) => {
    const read = () => {
      try {
        return writeAsk(readAsk(typed))
      } catch (error) {
        return code(error)
      }
    }
    expect(read()).toBe(is)
  })
})
