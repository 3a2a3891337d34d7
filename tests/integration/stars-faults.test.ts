import pg from 'pg'
import { sql as q } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { openShop } from '../lib/shop.ts'
import type { Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})

test('the connection dies between PAID and the credit: neither is kept, the repeat does both, once (F5)', async () => {
  const anna = await shop.person()
  const link = (await anna.order(10)).split('/').at(-1)!
  const cuts = shop.proxy.cuts()
  shop.proxy.cutOn('insert into postings', 'before')
  expect((await anna.pay(link)).outcome).toBe('paid')
  await eventually(() => shop.proxy.cuts() === cuts + 1, { what: 'the cut' })
  const [payment] = await shop.db.rows(
    q<{ state: string }>`select state from payments where person_id = ${anna.id}`,
  )
  expect([payment!.state, await anna.tokens()]).toEqual(['created', 0n])
  await anna.hears('10 tokens credited')
  expect(await anna.tokens()).toBe(10n)
})

test('answers to COMMIT get lost while people pay: everybody is credited once (F31)', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, () => shop.person()))
  const links = await Promise.all(people.map(async (one) => (await one.order(5)).split('/').at(-1)!))
  const before = shop.proxy.cuts()
  for (const [index, one] of people.entries()) {
    shop.proxy.cutOn('commit', index % 2 ? 'before' : 'after')
    expect((await one.pay(links[index]!)).outcome).toBe('paid')
    await eventually(() => shop.proxy.cuts() > before + index, { what: 'the cut' })
  }
  for (const one of people) await eventually(async () => (await one.tokens()) === 5n, { what: 'five tokens' })
  for (const one of people) await one.hears('5 tokens credited')
  for (const one of people) expect(await one.tokens()).toBe(5n)
})

test('the bot worker has used up its connections: payments are credited all the same (F33)', async () => {
  const anna = await shop.person()
  const link = (await anna.order(10)).split('/').at(-1)!
  const crowd = await Promise.all(Array.from({ length: 40 }, () => shop.person()))
  expect((await anna.pay(link, 'leave')).outcome).toBe('left')
  const [payment] = await shop.db.rows(
    q<{ id: string }>`select id from payments where person_id = ${anna.id}`,
  )
  const locker = new pg.Client({ connectionString: shop.database.url })
  await locker.connect()
  await locker.query('begin; lock table handled_updates in access exclusive mode')
  try {
    await Promise.all(crowd.map((one) => one.say('/help')))
    await eventually(
      async () => {
        const rows = await shop.db.rows(q<{ n: number }>`
          select count(*)::int as n from pg_stat_activity
          where application_name = 'telekassa-bot' and wait_event_type = 'Lock' and datname = current_database()`)
        return rows[0]!.n >= 10
      },
      { what: 'every connection of the bot worker waits' },
    )
    await shop.inject({
      message: {
        message_id: 999_000,
        date: 1_770_000_000,
        chat: { id: anna.id, type: 'private', first_name: 'P' },
        from: { id: anna.id, is_bot: false, first_name: 'P' },
        successful_payment: {
          currency: 'XTR',
          total_amount: 50,
          invoice_payload: payment!.id,
          telegram_payment_charge_id: 'stxStarved',
          provider_payment_charge_id: 'x',
        },
      },
    })
    await eventually(async () => (await anna.tokens()) === 10n, { what: 'the credit' })
  } finally {
    await locker.query('rollback')
    await locker.end()
  }
  for (const one of crowd) await one.hears('What you can do here')
})
