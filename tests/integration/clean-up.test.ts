import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { deleteOldRows } from '#workers/upkeep/clean-up.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'

let database: TestDatabase
let db: Db
beforeAll(async () => {
  database = await createDatabase()
  db = await openTestDb(database.url, { max: 3, name: 'clean-up' })
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

test('what an update was about is forgotten after a month, however much of it there is', async () => {
  await db.rows(q`
    insert into payment_updates (bot, update_id, payment_id, created_at)
    select 'main', number, 'p' || number, now() - case when number <= 2500 then interval '31 days' else interval '29 days' end
    from generate_series(1, 2510) number`)
  await deleteOldRows({ db, log: createLog({ level: 'silent', name: 'test' }) })
  const [left] = await db.rows(q<{ count: number; first: number }>`
    select count(*)::int as count, min(update_id)::int as first from payment_updates`)
  expect(left).toEqual({ count: 10, first: 2501 })
})

test('an old draft that an admin makes a correction of while drafts are deleted stays', async () => {
  await db.rows(q`insert into bots (name) values ('main')`)
  await db.rows(q`insert into persons (id, language) values (1, 'ru')`)
  await db.rows(q`
    insert into adjustments (id, bot, person_id, asset, amount, reason, created_by, created_at)
    select name, 'main', 1, 'RUB', 100, 'x', 1, now() - interval '2 days' from unnest(array['made', 'forgotten']) name`)
  let swept: Promise<unknown> | undefined
  await db.tx(async (tx) => {
    await tx.rows(q`update adjustments set state = 'done' where id = 'made'`)
    swept = deleteOldRows({ db, log: createLog({ level: 'silent', name: 'test' }) })
    const waiting = q`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and query like '%adjustments%'`
    await eventually(async () => (await db.rows(waiting)).length > 0, { what: 'the deletion waits' })
  })
  await swept
  expect(await db.rows(q`select id, state from adjustments`)).toEqual([{ id: 'made', state: 'done' }])
})

test('updates that are a month old are found by their index', async () => {
  await db.tx(async (tx) => {
    await tx.rows(q`set local enable_seqscan = off`)
    const plan = await tx.rows(q`
      explain select ctid from payment_updates where created_at < now() - interval '30 days' order by created_at limit 1000`)
    expect(JSON.stringify(plan)).toContain('payment_updates_created_index')
  })
})
