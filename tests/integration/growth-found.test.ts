import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load, OLD_ORDER } from '../../bench/growth/load.ts'
import type { Db } from '#shared/db/db.ts'
import { bury, markDone, owe, oweAll, owed } from '#shared/queue/outbox.ts'
import { countAudience, recipients } from '#shop/mailings/audience.ts'
import type { Audience } from '#shop/mailings/audience.ts'
import { referralReport } from '#shop/loyalty/referrals/report.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { refreshCard } from '#shop/stars-premium/jobs.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { rowsRead } from '../lib/rows-read.ts'

// What is looked up in a shop that has grown, measured by the rows that are read for it.

const PEOPLE = 2_000

let database: Awaited<ReturnType<typeof createDatabase>>
let db: Db
beforeAll(async () => {
  database = await createDatabase()
  await load(database.url, PEOPLE, [])
  db = await openTestDb(database.url, { max: 1, name: 'test' })
}, 120_000)
afterAll(async () => {
  await db?.close()
  await database?.drop()
})

test('the story of an order looks for it in the jobs since it was made, not in all', async () => {
  await db.rows(q`insert into outbox (key, job, payload, bot, state)
      values ('notice-x', 'notice.send', '{"params": {"id": "load-1999"}}', 'main', 'done')`)
  await db.rows(q`analyze outbox`)
  const story = await storyOf(db, 'load-1999')
  expect(story!.lines.map(({ text }) => text).join('\n')).toContain('notice-x')
  expect(await rowsRead(db, () => storyOf(db, 'load-1999'))).toBeLessThan(1_000)
})

test('the story of an order older than all jobs finds those that name it anywhere, by an index, and those from before the index', async () => {
  const version = 'delivered-2'
  await db.tx((tx) => owe(tx, refreshCard, { orderId: OLD_ORDER, version }))
  await db.tx((tx) => oweAll(tx, [owed(refreshCard, { orderId: OLD_ORDER, version: 'paid-1' })]))
  for (const key of [`card-${OLD_ORDER}-${version}`, `card-${OLD_ORDER}-paid-1`]) await markDone(db, key)
  await bury(db, {
    key: 'told',
    job: 'notice.send',
    payload: { params: { text: `"About":\n${OLD_ORDER}!` } },
    reason: 'no',
  })
  await db.rows(q`insert into outbox (key, job, payload, bot, state) values
      (${`before-${OLD_ORDER}`}, 'notice.send', '{}', 'main', 'done'),
      (${`waits-${OLD_ORDER}`}, 'notice.send', '{}', 'main', 'queued')`)
  await db.rows(q`vacuum analyze outbox`)
  const read = () => storyOf(db, OLD_ORDER)
  const text = (await read())!.lines.map((line) => line.text).join('\n')
  for (const key of [version, 'paid-1', 'told', 'before-', 'waits-']) expect(text).toContain(key)
  expect(await rowsRead(db, read)).toBeLessThan(500)
  // A key of the ledger that contains an id, and a job that does, are found in the same way.
  const job = await storyOf(db, `before-${OLD_ORDER}`)
  expect(job!.lines).toHaveLength(2)
  expect(await rowsRead(db, () => storyOf(db, `before-${OLD_ORDER}`))).toBeLessThan(500)
})

test('the report of invitations reads them and the rewards twice, and says the same of all bots and of a list', async () => {
  for (const table of ['referrals', 'referral_rewards'])
    await db.rows(q`
      update ${q.table(table)} set inviter_id = 1
      where ${q.ref(table === 'referrals' ? 'person_id' : 'invited_id')} % 200 = 0`)
  await db.rows(q`
    update referral_rewards set state = case when invited_id % 20 = 0 then 'paid' else 'held' end where invited_id % 30 <> 0`)
  await db.rows(q`
    insert into referral_rewards (source, level, inviter_id, invited_id, bot, asset, amount, state, due_at)
    select source || '-more', level, inviter_id, invited_id, bot, asset, 7, 'paid', now() from referral_rewards`)
  await db.rows(q`analyze referrals, referral_rewards`)
  const [counts] = await db.rows(q<{ invited: number }>`
    select count(*)::int as invited, count(distinct inviter_id)::int as inviters, count(*)::int as paying from referrals`)
  const report = await referralReport(db, 5, ['main'])
  expect(report).toMatchObject(counts!)
  expect(report).toEqual(await referralReport(db, 5))
  const [best] = report.best
  expect([report.best.length, best!.invited, best!.paying]).toEqual([5, 10, 10])
  expect(report.rewards.map(({ state }) => state)).toEqual(['held', 'paid', 'cancelled'].toSorted())
  expect(await rowsRead(db, () => referralReport(db, 5, ['main']))).toBeLessThan(7 * counts!.invited)
})

test('the people of a mailing are counted without a look at persons where no rule asks about them, and are those that get it', async () => {
  await db.rows(q`insert into bots (name) values ('second') on conflict do nothing`)
  await db.rows(q`
    insert into bot_sessions (bot, person_id, last_seen_at) select 'second', id, now() from persons where id % 3 = 0`)
  await db.rows(q`update persons set banned_at = now() where id % 101 = 0`)
  await db.rows(
    q`update persons set is_premium = id % 2 = 0, language = case id % 3 when 0 then 'en' when 1 then 'ru' end`,
  )
  await db.rows(q`update bot_sessions set blocked_at = now() where person_id % 7 = 0`)
  await db.rows(q`update bot_sessions set mailings_off_at = now() where person_id % 11 = 0`)
  for (const table of ['persons', 'bot_sessions']) await db.rows(q`vacuum analyze ${q.table(table)}`)
  const audiences: [Audience, string[] | undefined][] = [
    [{}, undefined],
    [{}, ['en']],
    [{ bots: ['main', 'second'] }, undefined],
    [{ bots: ['second'] }, ['ru', 'en']],
    [{ premium: true, buyers: true }, undefined],
    [{ language: 'ru', tokens: 1, bots: ['main', 'second'] }, undefined],
    [{ activeDays: 200, notTag: 'x', buyers: false }, undefined],
  ]
  for (const [audience, languages] of audiences) {
    const people = await db.rows(recipients(audience, 'main', languages))
    expect(await countAudience(db, audience, 'main', languages), JSON.stringify(audience)).toBe(people.length)
    expect(
      people.filter(({ person_id: id }) => id % 101n === 0n || id % 7n === 0n || id % 11n === 0n),
    ).toEqual([])
  }
  expect(await countAudience(db, {}, 'main', undefined)).toBeGreaterThan(PEOPLE / 2)
  expect(await rowsRead(db, () => countAudience(db, {}, 'main', undefined))).toBeLessThan(1.8 * PEOPLE)
})
