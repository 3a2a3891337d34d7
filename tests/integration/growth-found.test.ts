import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { load, OLD_ORDER, OWNER } from '../../bench/growth/load.ts'
import type { Db } from '#shared/db/db.ts'
import { addCountsUp } from '#shared/kept-counts.ts'
import { bury, markDone, owe, oweAll, owed } from '#shared/queue/outbox.ts'
import { countAudience, recipients } from '#shop/mailings/audience.ts'
import type { Audience } from '#shop/mailings/audience.ts'
import { guessAudience } from '#shop/mailings/guess.ts'
import { guessEditable } from '#shop/mailings/mailings.ts'
import { addInvitationsUp, referralReport } from '#shop/loyalty/referrals/report.ts'
import type { ReferralReport } from '#shop/loyalty/referrals/report.ts'
import { journalLines } from '#shop/admin/journal.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { messagesAbout } from '#shop/support/messages.ts'
import { refreshCard } from '#shop/stars-premium/jobs.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { randomOf } from '../lib/random.ts'
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

test('what was loaded can be read by its indexes at once, whatever else runs on the server', async () => {
  // Such an index is left out while any transaction runs that is older than the one that made it.
  const late = q`
    select indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
    where indcheckxmin and relname in ('orders', 'payments', 'persons', 'bot_sessions', 'audit_log')`
  expect(await db.rows(late)).toEqual([])
})

/** What it reads when the connection has done it often: from the sixth time on PostgreSQL may plan without the values. */
async function rowsReadOften(work: () => Promise<unknown>): Promise<number> {
  for (let time = 0; time < 6; time++) await work()
  return await rowsRead(db, work)
}

test('what was written about an order is found without reading what was written about others', async () => {
  await db.rows(q`
    insert into support_messages (id, bot, person_id, text, order_id, created_at)
    select 'load-' || n, 'main', n, 'x', 'load-' || n, now() - n * interval '1 minute' from generate_series(1, ${PEOPLE}) n`)
  await db.rows(q`vacuum analyze support_messages`)
  const read = () => messagesAbout(db, ['load-1999', 'nothing'], 20)
  expect((await read()).map(({ id }) => id)).toEqual(['load-1999'])
  expect(await rowsReadOften(read)).toBeLessThan(100)
})

test('the story of an order looks for it in the jobs since it was made, not in all', async () => {
  await db.rows(q`insert into outbox (key, job, payload, bot, state)
      values ('notice-x', 'notice.send', '{"params": {"id": "load-1999"}}', 'main', 'done')`)
  await db.rows(q`analyze outbox`)
  const story = await storyOf(db, 'load-1999')
  expect(story!.lines.map(({ text }) => text).join('\n')).toContain('notice-x')
  expect(await rowsReadOften(() => storyOf(db, 'load-1999'))).toBeLessThan(500)
})

test('what an admin did to a person is found without reading what else this admin did: in the story, and in the list of the panel', async () => {
  await db.tx(async (tx) => {
    await tx.rows(q`set local session_replication_role = replica`)
    await tx.rows(q`
      insert into audit_log (bot, actor_id, action, target)
      select 'main', ${OWNER}, 'person.write', 'person ' || 10000 + n from generate_series(1, 4000) n`)
    await tx.rows(q`insert into persons (id) values (12000)`)
  })
  await db.rows(q`vacuum analyze audit_log`)
  const read = () => storyOf(db, '12000')
  expect((await read())!.lines.filter(({ kind }) => kind === 'audit')).toHaveLength(1)
  expect(await rowsReadOften(read)).toBeLessThan(500)
  const lines = (actor?: bigint) =>
    journalLines(db, {
      served: undefined,
      ofAll: true,
      targets: ['nothing', 'person 12000'],
      limit: 50,
      ...(actor !== undefined && { actor }),
    })
  expect(await lines()).toHaveLength(1)
  for (const actor of [undefined, BigInt(OWNER), 7n])
    expect(await rowsReadOften(() => lines(actor))).toBeLessThan(100)
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
  expect(await rowsReadOften(read)).toBeLessThan(500)
  // A key of the ledger that contains an id, and a job that does, are found in the same way.
  const job = await storyOf(db, `before-${OLD_ORDER}`)
  expect(job!.lines).toHaveLength(2)
  expect(await rowsRead(db, () => storyOf(db, `before-${OLD_ORDER}`))).toBeLessThan(500)
})

test('the report of invitations reads sums that follow invitations and rewards, whatever happens to these', async () => {
  await db.rows(q`insert into bots (name) values ('second') on conflict do nothing`)
  const agrees = async (places: number) => {
    for (const bots of [undefined, ['main'], ['second'], ['second', 'main']])
      expect([bots, await referralReport(db, places, bots)]).toEqual([
        bots,
        await countedByHand(places, bots),
      ])
  }
  await agrees(5)
  await db.rows(q`
    insert into referrals (person_id, inviter_id, bot)
    select id, 1 + id * id % 37 * (id % 2), case when id % 3 = 0 then 'second' else 'main' end
    from persons where id > 40 and id % 10 in (1, 2, 3, 4)`)
  await agrees(5)
  await db.rows(q`
    insert into referral_rewards (source, level, inviter_id, invited_id, bot, asset, amount, state, due_at)
    select k || '-' || person_id, level, inviter_id, person_id, '', case k when 1 then 'TOK' else 'RUB' end, 10 + level,
      (array['held', 'paid', 'cancelled', 'taken_back'])[1 + (person_id + k) % 4], now()
    from referrals, generate_series(1, 2) k, generate_series(1, 2) level where person_id % 10 > 0 and person_id % 5 < 3`)
  // A reward for the payment of somebody without an invitation is in the sum over all bots alone.
  await db.rows(q`
    insert into referral_rewards (source, level, inviter_id, invited_id, bot, asset, amount, due_at)
    values ('nobody', 2, 1, 10, 'main', 'TOK', 5, now())`)
  await addInvitationsUp(db, 700)
  expect(await db.rows(q`select 1 from invitation_changes`)).toEqual([])
  const random = randomOf(13)
  for (let round = 0; round < 8; round++) {
    await db.rows(q`
      update referral_rewards set state = ${random.pick(['held', 'paid', 'cancelled', 'taken_back'])}, amount = amount + 1
      where id % ${5 + random.below(9)} = 0 and level <= ${1 + random.below(2)}`)
    if (random.chance(0.3)) await addInvitationsUp(db)
  }
  await agrees(4)
  await db.rows(q`select count_invitations_anew()`)
  await agrees(4)
  await db.rows(q`vacuum analyze invitation_counts, invitation_sums, invitation_changes`)
  for (const bots of [undefined, ['second', 'main']])
    expect(await rowsRead(db, () => referralReport(db, 5, bots))).toBeLessThan(800)
})

test('two who take away both rewards for one guest at once see one guest less who pays', async () => {
  const other = await openTestDb(database.url, { max: 1, name: 'other' })
  try {
    await db.rows(q`insert into referrals (person_id, inviter_id, bot) values (45, 1, 'main')`)
    await db.rows(q`
      insert into referral_rewards (source, level, inviter_id, invited_id, bot, asset, amount, due_at)
      select 'both-' || n, 1, 1, 45, 'main', 'TOK', 1, now() from generate_series(1, 2) n`)
    const paying = async () => (await referralReport(db, 1)).paying
    const before = await paying()
    const take = (n: number) =>
      q`update referral_rewards set state = 'cancelled' where source = ${`both-${n}`}`
    let second: Promise<unknown>
    await db.tx(async (tx) => {
      await tx.rows(take(1))
      second = other.rows(take(2))
      await eventually(
        () =>
          tx
            .rows(
              q`select 1 from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`,
            )
            .then((rows) => rows.length > 0),
        { what: 'the second waits for the first' },
      )
    })
    await second!
    expect(await paying()).toBe(before - 1)
  } finally {
    await other.close()
  }
})

/** The report, read from all invitations and rewards. */
async function countedByHand(places: number, bots?: string[]): Promise<ReferralReport> {
  const here = bots ? q`bot = any(${bots})` : q`true`
  const pays = q`r.person_id in (select invited_id from referral_rewards where level = 1 and state in ('held', 'paid'))`
  const [counts] = await db.rows(q<Pick<ReferralReport, 'invited' | 'inviters' | 'paying'>>`
    select count(*)::int as invited, count(*) filter (where ${pays})::int as paying,
      count(distinct ${bots ? q`(bot, inviter_id)` : q`inviter_id`})::int as inviters
    from referrals r where ${here}`)
  const rewards = await db.rows(q<ReferralReport['rewards'][number]>`
    select state, asset, sum(amount)::bigint as amount from referral_rewards
    where ${bots ? q`invited_id in (select person_id from referrals where ${here})` : q`true`}
    group by state, asset order by state, asset`)
  const best = await db.rows(q<ReferralReport['best'][number]>`
    select inviter_id as "personId", first_name as name, count(*)::int as invited, count(*) filter (where ${pays})::int as paying
    from referrals r join persons p on p.id = inviter_id where ${here}
    group by inviter_id, first_name order by 3 desc, 1 limit ${places}`)
  return { ...counts!, rewards, best }
}

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
  const agree = async () => {
    for (const [audience, languages] of audiences) {
      const people = await db.rows(recipients(audience, 'main', languages))
      expect(await countAudience(db, audience, 'main', languages), JSON.stringify(audience)).toBe(
        people.length,
      )
      expect(
        people.filter(({ person_id: id }) => id % 101n === 0n || id % 7n === 0n || id % 11n === 0n),
      ).toEqual([])
    }
  }
  await agree()
  expect(await countAudience(db, {}, 'main', undefined)).toBeGreaterThan(PEOPLE / 2)
  expect(await rowsRead(db, () => countAudience(db, {}, 'main', undefined))).toBeLessThan(1.8 * PEOPLE)
  // From now on the count of everybody is kept, and only the banned are looked at.
  await addCountsUp(db)
  await db.rows(q`update bot_sessions set blocked_at = now() where person_id % 13 = 0`)
  await db.rows(
    q`update bot_sessions set language = (array['ru', 'en', 'de'])[person_id % 4] where person_id % 3 = 0`,
  )
  await agree()
  await addCountsUp(db)
  await agree()
  for (const languages of [undefined, ['en', 'ru']])
    expect(await rowsReadOften(() => guessAudience(db, {}, 'main', languages))).toBeLessThan(200)
})

test('while an edit of a large mailing is written, two thousand of its messages say about how many it changes', async () => {
  await db.rows(q`
    insert into broadcasts (id, bot, created_by, state, total) values ('large', 'main', ${OWNER}, 'done', 21000)`)
  await db.rows(q`
    insert into broadcast_recipients (broadcast_id, number, person_id, bot, language, state)
    select 'large', n, n, 'main', case when n % 4 = 0 then 'ru' else 'en' end, case when n % 3 = 0 then 'blocked' else 'sent' end
    from generate_series(1, 21000) n`)
  await db.rows(q`vacuum analyze broadcast_recipients`)
  for (const [languages, count] of [
    [undefined, 14_000],
    [['ru'], 3_500],
  ] as const) {
    const guess = await guessEditable(db, 'large', languages && [...languages])
    expect(guess.isGuess).toBe(true)
    expect(Math.abs(guess.count / count - 1)).toBeLessThan(0.1)
  }
  expect(await rowsReadOften(() => guessEditable(db, 'large'))).toBeLessThan(5_000)
  expect(await guessEditable(db, 'load')).toEqual({ count: PEOPLE, isGuess: false })
})
