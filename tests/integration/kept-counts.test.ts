import { sql as q } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { addCountsUp, keptCount } from '#shared/kept-counts.ts'
import { sharedSql } from '#shared/tables.ts'
import { allPlans } from '#shop/loyalty/subscriptions/manage.ts'
import { countAudience, recipients } from '#shop/mailings/audience.ts'
import { atEnd } from '../lib/at-end.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { randomOf } from '../lib/random.ts'

// Counts that triggers keep say what counting everybody would say.

const PEOPLE = 40
const BOTS = ['main', 'second']

let db: Db
let url: string
beforeEach(async () => {
  const database = await createDatabase()
  atEnd(() => database.drop())
  url = database.url
  db = await openTestDb(url, { max: 4, name: 'test' })
  atEnd(() => db.close())
  await db.rows(q`insert into bots (name) values ('main'), ('second') on conflict do nothing`)
  await db.rows(q`insert into persons (id) select generate_series(1, ${PEOPLE})`)
})

const kept = async (bot: string) => {
  const [row] = await db.rows(sharedSql.selectNoFrom(keptCount('reachable', q`${bot}::text`).as('count')))
  return row!.count
}

async function counted(bot: string): Promise<bigint> {
  const [row] = await db.rows(q<{ count: bigint }>`
    select count(*) from bot_sessions where bot = ${bot} and blocked_at is null and mailings_off_at is null`)
  return row!.count
}

async function agrees(): Promise<void> {
  for (const bot of BOTS) {
    expect([bot, await kept(bot)]).toEqual([bot, await counted(bot)])
    for (const languages of [undefined, ['en', 'ru'], ['ru']])
      expect(await countAudience(db, {}, bot, languages)).toBe(
        (await db.rows(recipients({}, bot, languages))).length,
      )
  }
  const plans = await db.rows(q<{ code: string; count: number }>`
    select code, (select count(*)::int from subscriptions s where s.plan = p.code and state <> 'ended') as count from plans p`)
  const told = await allPlans(db)
  for (const { code, count } of plans)
    expect(told.find((one) => one.code === code)).toMatchObject({ subscribers: count })
}

test('whoever comes, goes, blocks, chooses a language, is banned or takes a plan: kept counts are those of all rows', async () => {
  const random = randomOf(7)
  const change = async () => {
    const [bot, id] = [random.pick(BOTS), 1 + random.below(PEOPLE)]
    const all = random.chance(0.2)
    const whose = all ? q`bot = ${bot} and person_id % 3 = ${id % 3}` : q`bot = ${bot} and person_id = ${id}`
    await db.rows(
      random.pick([
        q`insert into bot_sessions (bot, person_id) select ${bot}, id from persons
          where ${all} or id = ${id} on conflict do nothing`,
        q`insert into bot_sessions (bot, person_id) values (${bot}, ${id}) on conflict do nothing`,
        q`update bot_sessions set blocked_at = now() where ${whose}`,
        q`update bot_sessions set blocked_at = null, claimed = false where ${whose}`,
        q`update bot_sessions set mailings_off_at = ${random.pick([null, new Date()])} where ${whose}`,
        q`update bot_sessions set language = ${random.pick([null, 'ru', 'en', 'de'])} where ${whose}`,
        q`update bot_sessions set session_data = '{"a": 1}', last_seen_at = now() where ${whose}`,
        q`update persons set banned_at = ${random.pick([null, new Date()])} where id = ${id}`,
        q`delete from bot_sessions where ${whose}`,
        q`insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
          values (${`s${random.below(1e9)}`}, ${id}, ${random.pick(['plus', 'pro'])}, ${bot}, 'balance', true, now())
          on conflict do nothing`,
        q`update subscriptions set state = ${random.pick(['active', 'grace', 'ended'])} where person_id = ${id}
          and not exists (select from subscriptions o where o.person_id = ${id} and o.plan = subscriptions.plan and o.id <> subscriptions.id)`,
        q`delete from subscriptions where person_id = ${id}`,
      ]),
    )
  }
  for (let time = 0; time < 60; time++) await change()
  // Nobody has counted yet, so everybody is read.
  expect(await kept('main')).toBeNull()
  expect(await countAudience(db, {}, 'main', undefined)).toBe(
    (await db.rows(recipients({}, 'main', undefined))).length,
  )
  await addCountsUp(db, 3)
  await agrees()
  for (let round = 0; round < 12; round++) {
    for (let time = 0; time < 15; time++) await change()
    await agrees()
    if (random.chance(0.5)) await Promise.all([addCountsUp(db, 4), addCountsUp(db, 4)])
    await agrees()
  }
  await addCountsUp(db)
  expect(await db.rows(q`select 1 from count_changes`)).toEqual([])
  await agrees()
})

test('the count begins while people come, waits for none of them, and misses none', async () => {
  const come = (from: number) =>
    q`insert into bot_sessions (bot, person_id) select 'main', generate_series(${from}::int, ${from + 9})`
  await db.rows(come(1))
  await db.tx(async (tx) => {
    await tx.rows(come(11))
    // Who comes in a transaction that is still open is neither waited for nor seen.
    await Promise.all([addCountsUp(db), addCountsUp(db), addCountsUp(db)])
    expect(await kept('main')).toBe(10n)
    await tx.rows(q`delete from bot_sessions where person_id <= 3`)
  })
  expect(await kept('main')).toBe(17n)
  await db.rows(come(21))
  await addCountsUp(db)
  expect(await kept('main')).toBe(27n)
  expect(await counted('main')).toBe(27n)
})
