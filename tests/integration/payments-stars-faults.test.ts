import pg from 'pg'
import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import { serveBot } from '#shared/telegram/bots.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { paymentByRef } from '#shop/payments/payments.ts'
import { balancesOf } from '#shared/money/star-balances.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { compareStars, starsByBooks } from '#shop/payments/star-books.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { settled } from '../lib/settled.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { service, starsOf } from '../lib/star-updates.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})

test('the connection dies between PAID and the credit: neither is kept, the repeat does both, once (F5)', async () => {
  const anna = await shop.person()
  const link = (await anna.order(10)).split('/').at(-1)!
  const cuts = shop.proxy.cuts()
  // The proxy stays down, so that nothing is repeated before the test has looked.
  shop.proxy.cutOn('insert into postings', 'before', { next: 'down' })
  expect((await anna.pay(link)).outcome).toBe('paid')
  await eventually(() => shop.proxy.cuts() === cuts + 1, { what: 'the cut' })
  const [payment] = await shop.db.rows(
    q<{ state: string }>`select state from payments where person_id = ${anna.id}`,
  )
  expect([payment!.state, await anna.tokens()]).toEqual(['created', 0n])
  shop.proxy.be('up')
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
  await Promise.all(crowd.map((one) => one.say('/help')))
  for (const one of crowd) await one.hears('What you can do here')
  const locker = new pg.Client({ connectionString: shop.database.url })
  await locker.connect()
  await locker.query('begin')
  // The end of an update whose session somebody else has in hand waits on a connection of its own.
  await locker.query('select from bot_sessions where person_id = any($1) for update', [
    crowd.map(({ id }) => id),
  ])
  try {
    await Promise.all(crowd.map((one) => one.say('/menu')))
    await eventually(
      async () => {
        const rows = await shop.db.rows(q<{ n: number }>`
          select count(*)::int as n from pg_stat_activity
          where application_name = 'telekassa-bot' and wait_event_type = 'Lock' and datname = current_database()`)
        return rows[0]!.n >= 10
      },
      { what: 'every connection of the bot worker waits' },
    )
    await shop.inject(service(anna, { successful_payment: starsOf('stxStarved', 50, payment!.id) }))
    await eventually(async () => (await anna.tokens()) === 10n, { what: 'the credit' })
  } finally {
    await locker.query('rollback')
    await locker.end()
  }
  for (const one of crowd) await one.hears('Balance')
})

test('F34 the disk is full: orders are refused, what was paid waits and is credited once there is room, stories stay readable', async () => {
  const [anna, bob, carol] = [await shop.person(), await shop.person(), await shop.person()]
  await bob.buy(5)
  await carol.say('/buy')
  await carol.key(/^10\s/)
  const link = (await anna.order(10)).split('/').at(-1)!
  const [paid] = await shop.db.rows(q<{ id: string }>`select id from payments where person_id = ${bob.id}`)
  // Every write fails with what a server says that cannot extend a file.
  await shop.db.rows(q`
    do $do$ declare one record; begin
      create function no_room() returns trigger language plpgsql as $body$ begin
        raise exception using errcode = '53100', message = 'could not extend file: No space left on device';
      end $body$;
      for one in select tablename from pg_tables where schemaname = 'public' loop
        execute format('create trigger no_room before insert or update on %I for each statement execute function no_room()', one.tablename);
      end loop;
    end $do$`)
  const pressed = await carol.press(/^10\s/)
  expect(pressed.text).toContain('Nothing was charged')
  expect((await anna.pay(link)).outcome).toBe('paid')
  expect(await shop.db.rows(q`select 1 from payments where person_id = ${carol.id}`)).toEqual([])
  const story = await storyOf(shop.db, paid!.id)
  expect(story!.lines.some((line) => line.kind === 'ledger' && line.text.includes('+5 TOK'))).toBe(true)
  await eventually(
    () =>
      shop.shared.metrics.registry
        .metrics()
        .then((text) => /telekassa_jobs_total\{[^}]*stars\.paid[^}]*outcome="later"/.test(text)),
    {
      what: 'the payment was put aside',
    },
  )

  await shop.db.rows(q`drop function no_room() cascade`)
  await anna.hears('10 tokens credited')
  expect([await anna.tokens(), await bob.tokens()]).toEqual([10n, 5n])
  expect(await shop.db.rows(q`select key from outbox where state = 'dead'`)).toEqual([])
})

test('what affiliates get of payments and give back of refunds is booked once, in whole Stars, so that the books have what Telegram’s balance says', async () => {
  const served = ['main', 'second'].map((name) => {
    const bot = shop.config.bots.find((one) => one.name === name)!
    return serveBot(bot, {
      ...shop.config.telegram,
      backend: shop.shared.backend,
      metrics: shop.shared.metrics,
    })
  })
  /** Whole Stars that the bots have earned, by Telegram and by the books. */
  const earned = async () => {
    const balances = await Promise.all(served.map(({ api }) => api.getMyStarBalance()))
    const [books] = await shop.db.rows(
      q<{
        stars: bigint
      }>`select -coalesce(sum(amount), 0)::bigint as stars from entries where system = 'provider:stars'`,
    )
    return { telegram: balances.reduce((sum, { amount }) => sum + amount, 0), books: Number(books!.stars) }
  }
  // What the bots had at first, and what tests before this one only pretended.
  const before = await earned()
  const agree = async (what: string) => {
    // Two processes may read the list at the same time.
    await Promise.all([...served, ...served].map((bot) => readOn(shop.db, bot)))
    const now = await earned()
    expect(now.books - before.books, what).toBe(now.telegram - before.telegram)
  }
  const friend = await shop.person()
  // The parts of a Star add up: 3.75, 0.035, 1.665, 0.995 Stars and so on.
  const buyers = await Promise.all(
    [75, 7, 333, 199, 1, 999].map(async (perMille) => {
      const one = await shop.person()
      await shop.control('PATCH', `/people/${one.id}`, {
        affiliate: { user: friend.id, per_mille: perMille },
      })
      return one
    }),
  )
  const charges: { charge_id: string; buyer: Customer }[] = []
  for (const [at, buyer] of buyers.entries()) {
    const { charge_id } = await buyer.buy(at % 2 ? 1 : 10)
    charges.push({ charge_id, buyer })
    await agree(`payment ${at}`)
  }
  const [books] = await shop.db.rows(
    q<{ stars: bigint }>`select -sum(amount)::bigint as stars from entries where system = 'affiliate'`,
  )
  expect(books!.stars, 'a Star is booked as soon as it has begun').toBe(
    BigInt(Math.ceil(50 * 0.075 + 5 * 0.007 + 50 * 0.333 + 5 * 0.199 + 50 * 0.001 + 5 * 0.999)),
  )
  for (const [at, { charge_id, buyer }] of charges.entries()) {
    const path = `/chats/main_bot/${buyer.id}/refunds`
    await shop.control('POST', path, { charge_id })
    await eventually(async () => (await paymentByRef(shop.db, 'stars', charge_id))?.state === 'refunded', {
      what: `refund ${at}`,
    })
    await agree(`refund ${at}`)
  }
  const shares = await shop.db.rows(
    q<{
      sum: bigint
    }>`select coalesce(sum(amount), 0)::bigint as sum from entries where system = 'affiliate'`,
  )
  expect(shares, 'the affiliates have given everything back').toEqual([{ sum: 0n }])
})

test('gifts, Premium, fees that grow, advertisements, withdrawals and what comes otherwise are booked line by line, so that the owner reads one true sum', async () => {
  const { backend, metrics } = shop.shared
  const bot = serveBot(shop.config.bots[0]!, { ...shop.config.telegram, backend, metrics })
  const { api, name } = bot
  // What the list may still owe is booked before the sums are read.
  await readOn(shop.db, bot)
  await settled(shop)
  const telegram = async () => BigInt((await api.getMyStarBalance()).amount)
  const books = async () => (await starsByBooks(shop.db)).get(name) ?? 0n
  // What the simulated bot had at first is in no list, and tests before this one only pretended some payments.
  const apart = (await telegram()) - (await books())
  const agree = async (what: string) => {
    await Promise.all([readOn(shop.db, bot), readOn(shop.db, bot)])
    expect((await books()) + apart, what).toBe(await telegram())
  }
  const moves = (amount: number, type: string) =>
    shop.control('POST', '/bots/main_bot/transactions', { amount, partner: { type } })
  const friend = await shop.person()
  await friend.start()
  await friend.hears('Balance')
  const fee = async (count: number) => {
    for (let message = 0; message < count; message++)
      await api.sendMessage(friend.id, 'news', { allow_paid_broadcast: true })
  }
  await moves(5_000, 'other')
  await agree('what comes otherwise')
  await moves(70, 'affiliate_program')
  await api.sendGift(friend.id, '5170233102089322756')
  await agree('a gift')
  await api.giftPremiumSubscription(friend.id, 3, 1_000)
  await agree('Premium')
  // The parts of Stars of fees and of affiliates add up: 0.3, then 0.333 more, then 1.2 of the same line.
  await fee(3)
  await agree('a fee of less than a Star')
  const before = await shop.db.rows(q`select count(*) from postings where reference like 'left-main-%'`)
  await fee(12)
  await agree('a line that has grown since it was read')
  expect(await shop.db.rows(q`select count(*) from postings where reference like 'left-main-%'`)).not.toEqual(
    before,
  )
  await moves(-20, 'telegram_ads')
  await moves(-300, 'fragment')
  await agree('advertisements and a withdrawal')
  const accounts = await shop.db.rows(q<{ system: string; stars: bigint }>`
    select system, -sum(amount)::bigint as stars from entries where system like 'stars-%' group by system order by system`)
  expect(accounts).toEqual([
    { system: 'stars-fees', stars: 22n },
    { system: 'stars-gifts', stars: 1_015n },
    { system: 'stars-other', stars: -5_070n },
    { system: 'stars-withdrawn', stars: 300n },
  ])

  // A release before booked none of these lines, and kept another place. The list is read once more, and all stand once.
  await shop.db.rows(q`delete from cursors where name = 'list of stars main'`)
  await agree('read from the beginning')
  // The sums of settled postings are kept; with them the figure is the same.
  await shop.db.rows(q`delete from cursors where name = 'books of stars'`)
  const whole = await books()
  await shop.db.rows(
    q`update cursors set value = ${JSON.stringify({ to: '0', sums: {} })} where name = 'books of stars'`,
  )
  expect(await books()).toBe(whole)

  const owner = await shop.person({ id: ADMIN, language_code: 'en' })
  await owner.start()
  await owner.hears('Balance')
  const look = async () =>
    await compareStars({ db: shop.db, bots: new Map([['main', bot]]) }, bot, await starsByBooks(shop.db))
  /** Upkeep compares as well, and what it read a moment before may stand for one look. */
  const reads = (words: RegExp) =>
    eventually(
      async () => {
        await look()
        await owner.say('/health')
        return await owner.hears(words, 10_000).catch(() => undefined)
      },
      { what: String(words) },
    )
  await reads(/🟡 The bot’s Stars: [^]*by the books/)
  await shop.control('PATCH', '/bots/main_bot', { stars: Number(await books()) })
  await reads(/🟢 The bot’s Stars: [^]*the books agree with Telegram/)
})

test('a difference of Stars that stays is told once; one that is new or still changes, or is over, is not', async () => {
  // A bot that no upkeep serves, so that nobody else compares it.
  let held = 5
  const lone = { name: 'lone', api: { getMyStarBalance: async () => ({ amount: held }) } } as never
  const look = (stars: number) => {
    held = stars
    return compareStars({ db: shop.db, bots: new Map([['lone', lone]]) }, lone, new Map())
  }
  const told = async () =>
    (await shop.db.rows(q`select 1 from alerts where topic = 'alert-stars-differ'`)).length
  const lasts = async () => (await balancesOf(shop.db, ['lone']))[0]!.lasts
  await look(5)
  await look(5)
  expect([await told(), await lasts()], 'a payment may be under way').toEqual([0, false])
  await shop.db.rows(q`update cursors set value = (value::jsonb ||
    jsonb_build_object('since', ${new Date(Date.now() - 11 * 60_000).toISOString()}::text))::text
    where name = 'balance of stars lone'`)
  await look(6)
  expect([await told(), await lasts()], 'the difference changes').toEqual([0, false])
  for (const _ of [1, 2, 3]) await look(6)
  expect([await told(), await lasts()]).toEqual([1, true])
  await look(7)
  expect([await told(), await lasts()], 'a payment on top of it').toEqual([1, true])
  await look(0)
  expect(await lasts()).toBe(false)
  await look(6)
  await look(6)
  expect(await told(), 'a new difference is young again').toBe(1)
})

test('a payment is approved while the bot may send nothing for a while (429): the 10 s are not waited through', async () => {
  const [anna, bob] = await Promise.all([shop.person(), shop.person()])
  const link = (await anna.order(10)).split('/').at(-1)!
  await shop.fault({ on: 'call', method: 'sendMessage', bot: 'main_bot', do: { retry_after: 25 } })
  await bob.say('/balance')
  await eventually(async () =>
    (await shop.calls('sendMessage')).some((call) => /retry after/.test(call.description ?? '')),
  )
  expect(await anna.pay(link)).toMatchObject({ outcome: 'paid' })
  await eventually(async () => (await anna.tokens()) === 10n)
})
