import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadImage } from '@napi-rs/canvas'
import { conversion, newPeople, revenue, revenueBy } from '#shop/admin/stats.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { countDays } from '#shop/admin/totals.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('statistics', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'] })
    await shop.say(OWNER, '/start')
    await shop.sees(OWNER, 'Balance')
    await shop.db.rows(q`insert into persons (id) select g from generate_series(1000, 1009) g`)
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, created_at)
      select 'main', g, now() - case when g < 1004 then interval '40 days' else interval '2 days' end
      from generate_series(1000, 1009) g`)
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, paid_at)
      values ('p1', 1005, 'main', 'stars', 'paid', 'XTR', 50, 'TOK', 10, now()),
             ('p2', 1006, 'main', 'cryptomus', 'paid', 'USDT', 5000000, 'RUB', 45050, now() - interval '1 day'),
             ('p3', 1007, 'main', 'stars', 'created', 'XTR', 50, 'TOK', 10, null),
             ('p4', 1001, 'main', 'stars', 'paid', 'XTR', 50, 'TOK', 20, now() - interval '40 days'),
             ('p5', 1008, 'second', 'stars', 'paid', 'XTR', 50, 'TOK', 10, now())`)
  })
  afterAll(() => shop?.close())

  test('compare whole days with as many before them, and nothing with a time before the shop', async () => {
    const bot = 'compared'
    const paid = (rub: number, daysAgo: number) =>
      shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, created_at, paid_at)
      values (${`cmp${bot}${daysAgo}`.padEnd(16, 'x')}, 2000, ${bot}, 'manual', 'paid', 'RUB', ${rub * 100}, 'RUB', ${rub * 100},
              now() - ${daysAgo} * interval '1 day', now() - ${daysAgo} * interval '1 day')`)
    await shop.db.rows(q`insert into persons (id) values (2000)`)
    await shop.db.rows(q`insert into bots (name) values (${bot}) on conflict do nothing`)
    await paid(10, 0)
    await paid(100, 3)
    await countDays(shop.db)
    const young = await revenue(shop.db, bot, 7, 0n)
    expect(young).toMatchObject({ total: 110, unfinished: true })
    expect(young.compared).toBeUndefined()
    await paid(40, 9)
    await paid(1, 13)
    await countDays(shop.db)
    for (let round = 0; round < 6; round++) await countDays(shop.db)
    const grown = await revenue(shop.db, bot, 7, 0n)
    // Today's 10, and the first of the seven days before, have no counterpart in the other period.
    expect(grown.compared).toEqual({ now: 100, before: 40 })
    expect((await revenue(shop.db, bot, 365, 0n)).values).toHaveLength(53)
  })

  test('count what came in through this bot, in this period and the one before', async () => {
    // One transaction sees one moment, so midnight cannot come between the payments and the look at them.
    const series = await shop.db.tx(async (tx) => {
      await tx.rows(q`
        update payments set paid_at = now() - case id when 'p2' then interval '1 day' else interval '0' end
        where id in ('p1', 'p2')`)
      return revenue(tx, 'main', 30, 1_000n)
    })
    expect(series).toMatchObject({ total: 100 + 450.5, before: 200 })
    expect(series.values).toHaveLength(30)
    expect(series.values.slice(-2)).toEqual([450.5, 100])
    // The owner counts as a new person too.
    expect(await newPeople(shop.db, 'main', 30)).toMatchObject({ total: 7, before: 4 })
    expect((await conversion(shop.db, 'main', 30)).total).toBeCloseTo((100 * 3) / 7)
  })

  test('say by which way money came in and what it was spent on, of days that are over from their totals', async () => {
    const bot = 'parted'
    await shop.db.rows(q`insert into persons (id) values (2100)`)
    await shop.db.rows(q`insert into bots (name) values (${bot}) on conflict do nothing`)
    const paid = (id: string, provider: string, asset: string, credit: number, daysAgo: number) =>
      shop.db.rows(q`
        insert into payments (id, person_id, bot, provider, state, asset, amount, credit_asset, credit_amount, created_at, paid_at)
        values (${id.padEnd(16, 'x')}, 2100, ${bot}, ${provider}, 'paid', 'RUB', ${credit}, ${asset}, ${credit},
                now() - ${daysAgo} * interval '1 day', now() - ${daysAgo} * interval '1 day')`)
    await paid('way1', 'stars', 'TOK', 30, 4)
    await paid('way2', 'cryptomus', 'RUB', 45_000, 3)
    await paid('way3', 'manual', 'RUB', 20_000, 0)
    await paid('way4', 'cryptomus', 'RUB', 5_000, 0)
    const ordered = (id: string, good: string, asset: string, price: number, daysAgo: number) =>
      shop.db.rows(q`
        insert into orders (id, person_id, bot, good, state, asset, price, details, created_at)
        values (${id.padEnd(16, 'x')}, 2100, ${bot}, ${good}, 'delivered', ${asset}, ${price}, '{}',
                now() - ${daysAgo} * interval '1 day')`)
    await ordered('good1', 'stars', 'RUB', 18_000, 4)
    await ordered('good2', 'image', 'TOK', 4, 0)
    await ordered('good3', 'image', 'TOK', 2, 3)
    // One picture was drawn once more, and a gift went to two people of whom one got nothing.
    await ordered('good4', 'image', 'TOK', 1, 3)
    await shop.db.rows(
      q`update orders set parent_id = ${'good3'.padEnd(16, 'x')} where id = ${'good4'.padEnd(16, 'x')}`,
    )
    await ordered('gift', 'stars', 'RUB', 8_000, 4)
    await shop.db.rows(
      q`update orders set details = '{"recipients": [{}, {}]}' where id = ${'gift'.padEnd(16, 'x')}`,
    )
    await ordered('gift1', 'stars', 'RUB', 4_000, 4)
    await shop.db.rows(
      q`update orders set parent_id = ${'gift'.padEnd(16, 'x')} where id = ${'gift1'.padEnd(16, 'x')}`,
    )
    await shop.give(2100, 90n)
    await post(shop.db, {
      ...transfer(
        { person: 2100n },
        { system: 'sales' },
        { asset: 'TOK', amount: 90n },
        { reference: 'plan', kind: 'subscription' },
      ),
      bot,
    })
    for (let round = 0; round < 6; round++) await countDays(shop.db)
    const ways = await revenueBy(shop.db, bot, 'ways', 7, 1_000n)
    expect([ways.labels, ways.values]).toEqual([
      ['cryptomus', 'stars', 'manual'],
      [500, 300, 200],
    ])
    expect(ways.total).toBe((await revenue(shop.db, bot, 7, 1_000n)).total)
    const goods = await revenueBy(shop.db, bot, 'goods', 7, 1_000n)
    expect([goods.labels, goods.values]).toEqual([
      ['subscription', 'stars', 'image'],
      [900, 220, 70],
    ])
    const kept = await shop.db.rows(
      q`select part, value::int from daily_totals where bot = ${bot} and what in ('ways', 'goods') order by 1`,
    )
    expect(kept).toEqual([
      { part: 'cryptomus RUB', value: 45_000 },
      { part: 'image TOK', value: 3 },
      { part: 'stars RUB', value: 22_000 },
      { part: 'stars TOK', value: 30 },
    ])
  })

  test('come as a picture that the keys below change in its place', async () => {
    await shop.say(OWNER, '/stats')
    await shop.press(OWNER, 'Revenue')
    const message = await shop.sees(OWNER, 'Revenue: ₽550.50')
    expect(message.photo).toBeTruthy()
    const response = await fetch(new URL(message.photo!.url, shop.telegram.url))
    const image = await loadImage(Buffer.from(await response.arrayBuffer()))
    expect([image.width, image.height]).toEqual([1080, 1080])
    await shop.press(OWNER, '7 days')
    const changed = await eventually(async () => {
      const found = await shop.sees(OWNER, '7 days · bot main')
      return found
    })
    expect(changed.message_id).toBe(message.message_id)
    for (const name of [
      'Revenue by method',
      'Spending by product',
      'New customers',
      'Conversion',
      'Sales',
      'Queues',
    ])
      await shop.press(OWNER, name)
    const last = await shop.sees(OWNER, 'The longest wait')
    expect(last.message_id).toBe(message.message_id)
  })
})
