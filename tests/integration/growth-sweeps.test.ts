import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { heavyId, load } from '../../bench/growth/load.ts'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { setOrderCard } from '#shared/money/orders.ts'
import { moneyOnItsWay } from '#shared/money/read.ts'
import { oweLost } from '#shared/queue/outbox.ts'
import { search } from '#shop/admin/search.ts'
import { usesOf } from '#shop/loyalty/promo/campaigns.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { countAudience } from '#shop/mailings/audience.ts'
import type { Audience } from '#shop/mailings/audience.ts'
import { guessAudience } from '#shop/mailings/guess.ts'
import { deleteOldRows } from '#workers/upkeep/clean-up.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'

// What a clock starts, and what is asked often, measured by the rows that are read where PostgreSQL plans without the values.

const PEOPLE = 6_000
const OPERATIONS = 10_000

let database: Awaited<ReturnType<typeof createDatabase>>
let db: Db
beforeAll(async () => {
  database = await createDatabase()
  await load(database.url, PEOPLE, [OPERATIONS])
  db = await openTestDb(database.url, { max: 1, name: 'test' })
}, 120_000)
afterAll(async () => {
  await db?.close()
  await database?.drop()
})
beforeEach(async () => {
  await db.rows(q`set plan_cache_mode = force_generic_plan`)
  // As with tables that are too large to be read as a whole for some rows of them.
  for (const way of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
    await db.rows({ text: `set ${way} = off`, values: [] })
})

/** Without the triggers that keep balances and entries together. */
const ownerWrites = (statement: RawBuilder<unknown>) =>
  db.tx(async (tx) => {
    await tx.rows(q`set local session_replication_role = replica`)
    await tx.rows(statement)
  })

const log = createLog({ level: 'silent', name: 'test' })

test('old rows are looked for by their age, and not through all that are young', async () => {
  expect(await rowsRead(db, () => deleteOldRows({ db, log }))).toBeLessThan(100)
})

test('jobs that the queue may have lost are looked for without those that were queued a moment ago', async () => {
  await db.rows(q`update outbox set state = 'queued', updated_at = now() where id % 2 = 0`)
  await db.rows(q`update outbox set updated_at = now() - interval '1 hour', run_at = now() - interval '1 hour'
    where state = 'queued' and id % 1000 = 0`)
  await db.rows(q`vacuum analyze outbox`)
  let owed = 0
  expect(await rowsRead(db, async () => (owed = await oweLost(db, 900_000)))).toBeLessThan(300)
  expect(owed).toBeGreaterThan(PEOPLE / 1_000 - 2)
  expect(owed).toBeLessThan(PEOPLE / 1_000 + 2)
})

test('money of a person that came and is not on the balance is found without their ten thousand other payments', async () => {
  const id = BigInt(heavyId(PEOPLE, OPERATIONS))
  await db.rows(q`
    update payments set suspended = 7, suspended_asset = 'TOK' where id = ${`heavy-${OPERATIONS}-7`}`)
  await db.rows(q`
    update payments set state = 'underpaid', received_asset = asset, received_amount = 2, booked = 0
    where id = ${`heavy-${OPERATIONS}-9`}`)
  const found = await moneyOnItsWay(db, id)
  expect(found.map((one) => [one.suspended, one.part])).toEqual([
    [0n, 2n],
    [7n, null],
  ])
  expect(await rowsRead(db, () => moneyOnItsWay(db, id))).toBeLessThan(20)
})

test('people are found by the beginning of a name without a look at everybody, and what a pattern means is a letter', async () => {
  await db.rows(
    q`update persons set first_name = '100%_sure', last_name = 'O\\Neil', username = 'a_name' where id = 5`,
  )
  await db.rows(q`vacuum analyze persons`)
  const find = async (words: string) => (await search(db, words)).map(({ id }) => id)
  for (const words of ['100%', '100%_S', 'o\\neil', 'a_n'])
    expect([words, await find(words)]).toEqual([words, ['5']])
  expect(await find('%')).toEqual([])
  expect((await find('somebody_5')).length).toBeGreaterThan(5)
  expect(await rowsRead(db, () => search(db, 'Nobody at all'))).toBeLessThan(100)
})

test('subscriptions that end soon are walked through in parts, and one that has just ended is renewed at once', async () => {
  const all = PEOPLE / 50
  // Each can be paid for, so there is nothing to do before the end.
  await ownerWrites(q`update wallets set available = 1000000`)
  await db.rows(q`update subscriptions set expires_at = now() + person_id * interval '20 seconds'`)
  // The last of the walk is due for a reminder, and the one that ended a minute ago for its renewal.
  const [last, over] = [`load-${PEOPLE}`, 'load-3000']
  await ownerWrites(q`update wallets set available = 0 where person_id = ${PEOPLE}`)
  await db.rows(q`update subscriptions set expires_at = now() - interval '1 minute' where id = ${over}`)
  await db.rows(q`vacuum analyze`)
  const reminded = async () => {
    const rows = await db.rows(
      q`select from outbox where key like 'notice-subscription-ending%' || ${last} || '%'`,
    )
    return rows.length
  }
  const part = 30
  expect(await rowsRead(db, () => renewDue(db, undefined, part))).toBeLessThan(600)
  const [renewed] = await db.rows(q<{ ahead: boolean }>`
    select expires_at > now() + interval '20 days' as ahead from subscriptions where id = ${over}`)
  expect(renewed).toEqual({ ahead: true })
  expect(await reminded()).toBe(0)
  for (let run = 1; run < Math.ceil(all / part); run++) await renewDue(db, undefined, part)
  expect(await reminded()).toBe(1)
  // Behind the last one it begins anew.
  await ownerWrites(q`update wallets set available = 0 where person_id = 50`)
  await renewDue(db, undefined, part)
  await renewDue(db, undefined, part)
  const [first] = await db.rows(q<{ count: bigint }>`
    select count(*) from outbox where key like 'notice-subscription-ending%load-50-%'`)
  expect(first!.count).toBe(1n)
})

test('how often a code that everybody knows was used is read from the code', async () => {
  await db.rows(q`insert into promo_campaigns (id, name, kind, value, created_by) overriding system value
    values (77, 'spring', 'percent', 10, 1)`)
  await db.rows(
    q`insert into promo_codes (code, campaign_id, uses_left, uses) values ('SPRING', 77, 10, ${PEOPLE})`,
  )
  await db.rows(q`insert into promo_uses (code, campaign_id, person_id, number, bot, state)
    select 'SPRING', 77, id, 1, 'main', 'given' from persons where id <= ${PEOPLE}`)
  await db.rows(q`vacuum analyze promo_uses`)
  expect(await usesOf(db, [77n])).toEqual(new Map([[77n, { uses: PEOPLE, left: 10 }]]))
  expect(await rowsRead(db, () => usesOf(db, [77n]))).toBeLessThan(10)
})

test('while rules of an audience are tried, a sample says how many it will be, and how far that may be from it', async () => {
  await db.rows(q`
    insert into bot_sessions (bot, person_id, last_seen_at) select 'second', id, now() from persons
    where id % 3 = 0 and id <= ${PEOPLE} on conflict do nothing`)
  await db.rows(
    q`update persons set is_premium = id % 2 = 0, language = case id % 3 when 0 then 'en' when 1 then 'ru' end`,
  )
  await db.rows(q`update payments set state = 'failed' where substr(id, 6)::int % 4 = 0 and id like 'load-%'`)
  await db.rows(q`vacuum analyze`)
  const sizes = { few: 1_000, sample: 600 }
  const audiences: [Audience, string[] | undefined][] = [
    [{ activeDays: 400 }, undefined],
    [{ bots: ['main', 'second'] }, undefined],
    [{ premium: true, buyers: true }, undefined],
    [{ buyers: false }, ['en']],
    [{ language: 'ru', tokens: 1, bots: ['main', 'second'] }, undefined],
    [{ tag: 'spring', notBroadcast: 'load' }, undefined],
    [{ tag: 'nobody' }, undefined],
  ]
  for (const [audience, languages] of audiences) {
    const name = JSON.stringify(audience)
    const guess = () => guessAudience(db, audience, 'main', languages, sizes)
    const exact = await countAudience(db, audience, 'main', languages)
    const { count, isGuess, off } = await guess()
    expect([name, isGuess]).toEqual([name, true])
    expect(Math.abs(count - exact), `${name}: ${count} ± ${off} for ${exact}`).toBeLessThanOrEqual(off!)
    expect(off, name).toBeLessThan(PEOPLE / 4)
    // Two thousand messages of a mailing that is left out are looked at besides.
    const most = 6 * sizes.sample + (audience.notBroadcast ? 3 * 2_000 : 0)
    expect(await rowsRead(db, guess), name).toBeLessThan(most)
  }
  // All people of a small bot are counted.
  const few: Audience = { bots: ['second'], premium: true }
  expect(await guessAudience(db, few, 'main', undefined, { few: 4_000, sample: 600 })).toEqual({
    isGuess: false,
    count: await countAudience(db, few, 'main', undefined),
  })
})

test('a message that becomes a card is looked for by its number, and not among ten thousand orders and payments', async () => {
  const id = heavyId(PEOPLE, OPERATIONS)
  await db.rows(
    q`update orders set card = jsonb_build_object('chatId', ${id}::bigint, 'messageId', 1) where person_id = ${id}`,
  )
  const [order] = await db.rows(q<{ id: string; bot: string }>`
    select id, bot from orders where person_id = ${id} order by id limit 1`)
  const place = { bot: order!.bot, chatId: id, messageId: 7 }
  const read = await rowsRead(db, () => db.tx((tx) => setOrderCard(tx, order!.id, place)), [
    'orders',
    'payments',
  ])
  expect(read).toBeLessThan(50)
})
