import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load } from '../../bench/growth/load.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { countHours } from '#shop/admin/hours.ts'
import { cohorts, funnel, sources } from '#shop/admin/newcomers.ts'
import { botRows } from '#shop/admin/run-time-bots.ts'
import { averageSum, conversion, margins, newPeople, revenue, revenueBy, sales } from '#shop/admin/stats.ts'
import { movedToday } from '#shop/admin/today.ts'
import { countDays } from '#shop/admin/totals.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'

// What is asked about days that are not over: a large shop adds up its hours, and reads the last of them alone.

const PEOPLE = 12_000
/** The tables that have more rows the more people there are. */
const GROWING = ['bot_sessions', 'orders', 'payments', 'payment_refunds', 'postings', 'entries']

let database: Awaited<ReturnType<typeof createDatabase>>
let db: Db
beforeAll(async () => {
  database = await createDatabase()
  await load(database.url, PEOPLE, [])
  db = await openTestDb(database.url, { max: 1, name: 'test' })
  // Everybody came and bought within the last two days, and a third paid in the same hours a week ago.
  const lately = (number: RawBuilder<unknown>) =>
    q`now() - interval '47 hours' * (${number} % 10007 / 10007.0)`
  const ofRow = lately(q`substr(id, 6)::int`)
  await db.rows(q`update bot_sessions set created_at = ${lately(q`person_id`)}`)
  await db.rows(q`update orders set created_at = ${ofRow} where id like 'load-%'`)
  const paid = q`${ofRow} - case when substr(id, 6)::int % 3 = 0 then interval '7 days' else interval '0' end`
  await db.rows(q`update payments set created_at = ${paid}, paid_at = ${paid}`)
  await db.rows(q`
    insert into payment_refunds (id, payment_id, state, held, shortfall, admin_id, updated_at)
    select id, id, 'done', 0, 0, 1, ${ofRow} from payments where substr(id, 6)::int % 50 = 0`)
  await db.rows(q`vacuum analyze`)
  for (let round = 0; round < 3; round++) await countDays(db)
  // The planner chooses as with tables that are too large to be read as a whole for the people of an hour.
  for (const way of ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'])
    await db.rows({ text: `set ${way} = off`, values: [] })
}, 120_000)
afterAll(async () => {
  await db?.close()
  await database?.drop()
})

const questions: Record<string, (sql: Sql) => Promise<unknown>> = {
  revenue: (sql) => revenue(sql, 'main', 30, 1_000n),
  ways: (sql) => revenueBy(sql, 'main', 'ways', 7, 1_000n),
  goods: (sql) => revenueBy(sql, undefined, 'goods', 30, 1_000n),
  margins: (sql) => margins(sql, ['main', 'second'], 30, 1_000n),
  average: (sql) => averageSum(sql, 'main', 30, 1_000n),
  people: (sql) => newPeople(sql, 'main', 30),
  conversion: (sql) => conversion(sql, 'main', 30),
  sales: (sql) => sales(sql, undefined, 30),
  funnel: (sql) => funnel(sql, 'main', 30),
  cohorts: (sql) => cohorts(sql, undefined),
  sources: (sql) => sources(sql, 'main', 30, 1_000n),
  bots: (sql) => botRows(sql),
  today: (sql) => movedToday(sql, undefined),
  'today of one bot': (sql) => movedToday(sql, ['second']),
}

/** Both at one moment: what is answered with the kept hours, and what all rows say. */
async function answers(): Promise<[kept: Record<string, unknown>, counted: Record<string, unknown>]> {
  const found: Record<string, unknown>[] = []
  const leave = new Error('nothing of this is kept')
  await db
    .tx(async (tx) => {
      for (const cleared of [false, true]) {
        if (cleared) await tx.rows(q`delete from counted_hours`)
        const told: Record<string, unknown> = {}
        for (const [name, ask] of Object.entries(questions)) told[name] = await ask(tx)
        found.push(told)
      }
      throw leave
    })
    .catch((error: unknown) => {
      if (error !== leave) throw error
    })
  return found as [Record<string, unknown>, Record<string, unknown>]
}

async function readBy(): Promise<Map<string, number>> {
  const read = new Map<string, number>()
  for (const [name, ask] of Object.entries(questions))
    read.set(name, await rowsRead(db, () => ask(db), GROWING))
  return read
}

const countAllHours = async () => {
  for (let round = 0; round < 36; round++) await countHours(db)
  await db.rows(q`analyze hourly_totals, counted_hours`)
}

test('a question about days that are not over reads the last hour and the totals of those before, and has the same answer', async () => {
  const before = await readBy()
  await countAllHours()
  const [kept, counted] = await answers()
  expect(kept).toEqual(counted)
  const after = await readBy()
  // An hour and a quarter at most is read, of a day and a half.
  for (const [name, rows] of after) {
    const isFew = rows < 200 || rows < before.get(name)! / 6
    expect([name, rows, before.get(name), isFew]).toEqual([name, rows, before.get(name), true])
  }
})

test('what changed in an hour that was counted comes with its next count', async () => {
  for (let round = 0; round < 8; round++) await countHours(db)
  const [before] = await answers()
  await db.rows(q`
    update payments set state = 'refunded' where paid_at between now() - interval '30 hours' and now() - interval '3 hours'`)
  const [old, counted] = await answers()
  expect(old['people']).toEqual(before['people'])
  expect(old['ways']).not.toEqual(counted['ways'])
  // Eight runs count the hours since yesterday again, and those of the week before come later.
  for (let round = 0; round < 8; round++) await countHours(db)
  const [kept, now] = await answers()
  expect(kept).toEqual(now)
})

test('a shop in which little happens keeps no hours, so that its owner sees each payment at once', async () => {
  await countHours(db)
  await countHours(db, 1_000_000)
  const [hours] = await db.rows(q<{ counted: bigint; totals: bigint }>`
    select (select count(*) from counted_hours) as counted, (select count(*) from hourly_totals) as totals`)
  expect(hours).toEqual({ counted: 0n, totals: 0n })
})
