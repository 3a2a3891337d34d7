import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKey, usualLimits } from '#shop/balance-api/keys.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { checkKeys } from '../../bin/lib/check-keys.ts'
import { tellEndingKeys } from '#shop/admin/worker/ending-keys.ts'
import { eventually } from '../lib/eventually.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'

describe('an API key that is stolen', () => {
  let shop: ApiShop
  beforeAll(async () => {
    shop = await openApiShop()
  })
  afterAll(() => shop.close())

  const limit = (bot: string, set: ReturnType<typeof q>) =>
    shop.db.rows(q`update api_keys set ${set} where bot = ${bot}`)

  test('F85 moves no more than its limit with one entry, in either direction and any asset, and repeats count once', async () => {
    const bot = await shop.caller('one-entry')
    await limit('one-entry', q`most_per_entry = 1000000, most_per_day = 20000000`)
    await bot.call('PUT', '/v1/users/31', {})
    expect((await bot.entry('31', 'TOK', '5000000', 'mint')).status).toBe(403)
    expect((await bot.entry('31', 'SOL', '1', 'sol')).status).toBe(403)
    expect((await bot.entry('31', 'RUB', '10000.01', 'over')).status).toBe(403)
    for (let time = 0; time < 30; time++) {
      expect((await bot.entry('31', 'RUB', '10000', 'whole')).status).toBe(201)
    }
    const balance = await bot.call('GET', '/v1/users/31/balance')
    expect(balance.body).toMatchObject({ balances: [{ asset: 'RUB', available: '10000.00' }] })
    expect((await bot.entry('31', 'RUB', '-10000', 'back')).status).toBe(201)
  })

  test('F85 moves no more than its limit within 24 hours, also by many entries at once', async () => {
    const bot = await shop.caller('one-day')
    await limit('one-day', q`most_per_day = 1000000`)
    await bot.call('PUT', '/v1/users/32', {})
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => bot.entry('32', 'RUB', '1000', `part-${index}`)),
    )
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(replies.find(({ status }) => status === 403)!.body).toMatchObject({
      type: expect.stringContaining('key-cap'),
    })
    await shop.db.rows(q`update api_key_hours set hour = hour - interval '25 hours'`)
    expect((await bot.entry('32', 'RUB', '1000', 'tomorrow')).status).toBe(201)
  })

  test('F83 all keys of one owner give away no more in a day than his admins may, and what they take counts for nothing', async () => {
    const [one, other, foreign] = [
      await shop.caller('owned'),
      await shop.caller('owned-2'),
      await shop.caller('not-owned'),
    ]
    await shop.db.rows(q`update bots set home = 'owned' where name in ('owned', 'owned-2')`)
    for (const bot of ['owned', 'owned-2', 'not-owned']) await limit(bot, q`most_per_entry = 100000000`)
    await one.call('PUT', '/v1/users/34', {})
    await shop.db.rows(q`
      insert into money_decisions (reference, kind, bot, admin_id, asset, amount, worth, minted, decided_at)
      values ('d', 'promo', 'owned', 1, 'RUB', 10000000, 10000000, 10000000, now())`)
    expect((await one.entry('34', 'RUB', '300000', 'first')).status).toBe(201)
    expect((await one.entry('34', 'RUB', '-200000', 'takes')).status).toBe(201)
    const over = await other.entry('34', 'RUB', '100000.01', 'over')
    expect(over.status).toBe(403)
    expect(over.body).toMatchObject({
      type: expect.stringContaining('owner-cap'),
      detail: expect.stringContaining('500000.00 RUB'),
    })
    expect((await other.entry('34', 'RUB', '100000', 'rest')).status).toBe(201)
    expect((await other.entry('34', 'RUB', '100000', 'rest')).status).toBe(201)
    expect((await one.entry('34', 'RUB', '0.01', 'more')).status).toBe(403)
    expect((await one.entry('34', 'RUB', '-1', 'takes again')).status).toBe(201)
    expect((await foreign.entry('34', 'RUB', '1', 'theirs')).status).toBe(201)
    // A key that an admin made before there were limits does not get around them; a key of the operator's command
    // does.
    const [old, operators] = [await shop.caller('owned'), await shop.caller('owned')]
    await shop.db.rows(q`update api_keys set created_by = 77 where id = ${old.id}`)
    expect((await old.entry('34', 'RUB', '0.01', 'old')).status).toBe(403)
    expect((await operators.entry('34', 'RUB', '0.01', 'operators')).status).toBe(201)
    await shop.db.rows(q`update api_key_hours set hour = hour - interval '25 hours'`)
    expect((await one.entry('34', 'RUB', '1', 'tomorrow')).status).toBe(201)
  })

  test('F83 keys of one owner that give at the same moment give together no more than his admins may in a day', async () => {
    const names = Array.from({ length: 6 }, (_, at) => `at-once-${at}`)
    const keys = await Promise.all(names.map((name) => shop.caller(name)))
    await shop.db.rows(q`update bots set home = 'at-once-0' where name like 'at-once-%'`)
    await shop.db.rows(q`update api_keys set most_per_entry = 100000000 where bot like 'at-once-%'`)
    // Each gives to another person: entries of one wallet wait for each other anyway.
    await Promise.all(keys.map((key, at) => key.call('PUT', `/v1/users/35${at}`, {})))
    const waiting = q`select from pg_locks where not granted
      and database = (select oid from pg_database where datname = current_database())`
    let replies: Promise<{ status: number }[]> | undefined
    await shop.db.tx(async (tx) => {
      await tx.rows(q`lock table api_key_hours in share row exclusive mode`)
      replies = Promise.all(keys.map((key, at) => key.entry(`35${at}`, 'RUB', '300000', 'at once')))
      await eventually(async () => (await tx.rows(waiting)).length === keys.length, {
        what: 'all have begun',
      })
    })
    const given = (await replies!).filter(({ status }) => status === 201)
    expect([given.length, new Set((await replies!).map(({ status }) => status))]).toEqual([
      1,
      new Set([201, 403]),
    ])
  })

  test('F85 ends by itself, and one that the panel or the command makes has every limit', async () => {
    const settings = createSettings(shop.db, shop.config)
    const limits = await usualLimits(settings)
    expect(limits).toMatchObject({ mostPerEntry: 1_000_000n, mostPerDay: 20_000_000n })
    expect(limits.expiresAt!.getTime()).toBeGreaterThan(Date.now())
    const wanted = { bot: 'old', name: '', scopes: ['read' as const], perMinute: 1_000 }
    await createKey(shop.db, { ...wanted, ...limits, expiresAt: new Date(Date.now() - 1_000) })
    const bot = await shop.caller('ends')
    expect((await bot.call('PUT', '/v1/users/33', {})).status).toBe(201)
    const late = await shop.caller('late')
    await limit('late', q`expires_at = now() - interval '1 second'`)
    expect((await late.call('GET', '/v1/users/33')).status).toBe(401)
  })

  test('F85 an hour’s entries count until the last of them is 24 hours old', async () => {
    const bot = await shop.caller('by-hour')
    await limit('by-hour', q`most_per_day = 100000`)
    await bot.call('PUT', '/v1/users/34', {})
    expect((await bot.entry('34', 'RUB', '1000', 'a')).status).toBe(201)
    const age = (hours: number) =>
      shop.db.rows(q`
        update api_key_hours set hour = date_trunc('hour', now()) - ${hours} * interval '1 hour'
        where key_id = (select id from api_keys where bot = 'by-hour')`)
    await age(24)
    expect((await bot.entry('34', 'RUB', '1', 'b')).status).toBe(403)
    await age(25)
    expect((await bot.entry('34', 'RUB', '1', 'c')).status).toBe(201)
  })

  test('F85 two entries of one key at the turn of an hour wait for each other, and those of two keys do not', async () => {
    const count = (key: string) => q<{ sum: bigint }>`select count_key_entry(${key}, 60) as sum`
    let later: Promise<{ sum: bigint }[]> | undefined
    await shop.db.tx(async (tx) => {
      await tx.rows(count('turn'))
      // The entries look as if the hour before had begun with them.
      await tx.rows(q`update api_key_hours set hour = hour - interval '1 hour' where key_id = 'turn'`)
      later = shop.db.rows(count('turn'))
      expect(await shop.db.rows(count('other'))).toEqual([{ sum: 60n }])
      await eventually(
        async () =>
          (
            await shop.db.rows(q`select from pg_stat_activity where wait_event = 'advisory'
            and datname = current_database()`)
          ).length === 1,
        { what: 'the second entry waits for the first' },
      )
    })
    expect(await later).toEqual([{ sum: 120n }])
  })

  test('F85 owners and the doctor hear of keys that end soon, and of keys without an end or a limit', async () => {
    await shop.db.rows(q`update api_keys set revoked_at = now() where revoked_at is null`)
    expect(await checkKeys(shop.db)).toMatchObject([{ level: 'ok' }])
    await shop.caller('soon')
    await limit('soon', q`expires_at = now() + interval '13 days', most_per_entry = 1, most_per_day = 1`)
    await shop.caller('free')
    const said = await checkKeys(shop.db)
    expect(said.map(({ level }) => level)).toEqual(['warn', 'warn'])
    expect(said[0]!.says).toContain('(free)')
    expect(said[1]!.says).toContain('(soon)')
    await tellEndingKeys(shop)
    await tellEndingKeys(shop)
    expect(
      await shop.db.rows(q`select params ->> 'bot' as bot from alerts where topic = 'alert-key-ends'`),
    ).toEqual([{ bot: 'soon' }])
  })
})
