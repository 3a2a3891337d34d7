import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { arrivals, endings } from '#workers/bot/arrive.ts'
import type { Coming, Handled } from '#workers/bot/arrive.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { credit } from '../lib/ledger.ts'

let database: TestDatabase
let db: Db
let statements = 0
let arrive: ReturnType<typeof arrivals>
let end: ReturnType<typeof endings>
beforeAll(async () => {
  database = await createDatabase()
  db = await openTestDb(database.url, { max: 6, name: 'arrivals' })
  await db.rows(q`insert into bots (name) values ('main'), ('other')`)
})
afterAll(async () => {
  await db.close()
  await database.drop()
})
beforeEach(() => {
  statements = 0
  const counted: Db = {
    ...db,
    rows: (query) => {
      statements += 1
      return db.rows(query)
    },
  }
  arrive = arrivals(counted)
  end = endings(counted)
})

let number = 0
const coming = (id: number, more: Partial<Coming> = {}): Coming => ({
  bot: 'main',
  updateId: ++number,
  from: { id, is_bot: false, first_name: `P ${id}`, username: `p_${id}`, language_code: 'en' },
  came: true,
  ...more,
})
const over = ({ bot, updateId, from, came }: Coming, session: Handled['session'] = {}): Handled => ({
  bot,
  updateId,
  personId: BigInt(from.id),
  came,
  session,
})
const people = (first: number, count = 20) => Array.from({ length: count }, (_, at) => first + at)
const known = async (ids: number[], bot = 'main') => {
  await Promise.all(ids.map((id) => arrive(coming(id, { bot }))))
  statements = 0
}
const sessionOf = async (id: number, bot = 'main') => {
  const [row] = await db.rows(
    q<{ data: unknown; version: number }>`
      select session_data as data, version from bot_sessions where bot = ${bot} and person_id = ${id}`,
  )
  return row
}

test('twenty known people who come at once are read by one statement, their updates end by one, and each is themselves', async () => {
  const ids = people(100)
  await known(ids)
  await known([ids[0]!], 'other')
  for (const id of ids) await credit(db, BigInt(id), BigInt(id), `wallet-${id}`)
  await db.rows(q`update persons set banned_at = now(), ban_reason = 'spam' where id = ${ids[3]!}`)
  await db.rows(
    q`insert into admins (bot, person_id, role, added_by) values ('main', ${ids[4]!}, 'support', 1)`,
  )
  const came = [...ids.map((id) => coming(id)), coming(ids[0]!, { bot: 'other' })]
  const found = await Promise.all(came.map(arrive))
  expect(statements).toBe(1)
  for (const [at, one] of found.entries()) {
    const id = came[at]!.from.id
    expect(one).toMatchObject({
      handled: false,
      isNew: false,
      session: {},
      wallet: [{ asset: 'TOK', available: BigInt(id), held: 0n }],
      banned: id === ids[3] ? 'spam' : null,
      role: at === 4 ? 'support' : null,
      waiting: null,
      state: 'active',
    })
  }
  statements = 0
  await Promise.all(came.map((one, at) => end(over(one, { anchor: at }))))
  expect(statements).toBe(1)
  for (const [at, one] of came.entries())
    expect(await sessionOf(one.from.id, one.bot)).toEqual({ data: { anchor: at }, version: 2 })
  const again = await Promise.all(came.map(arrive))
  expect(again.every((one) => one?.handled)).toBe(true)
  expect(again.map((one) => one?.session.anchor)).toEqual(came.map((_, at) => at))
})

test('among many the new, the changed and who came back are written by their own statements, and reports make nobody', async () => {
  const [same, changed, back, claimed, told] = people(200, 5) as [number, number, number, number, number]
  await known([same, changed, back, claimed, told])
  await db.rows(q`update bot_sessions set blocked_at = now() where person_id = any(${[back, told]})`)
  await db.rows(q`update bot_sessions set claimed = true where person_id = ${claimed}`)
  const renamed = { ...coming(changed).from, first_name: 'Other', username: undefined }
  const [asEver, newcomer, other, returned, theirs, reported, stranger] = await Promise.all([
    arrive(coming(same)),
    arrive(coming(299)),
    arrive(coming(changed, { from: renamed as Coming['from'] })),
    arrive(coming(back)),
    arrive(coming(claimed)),
    arrive(coming(told, { came: false })),
    arrive(coming(298, { came: false })),
  ])
  expect([asEver, newcomer, other, returned, theirs, reported].map((one) => one?.isNew)).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
  ])
  expect(stranger).toBeUndefined()
  const rows = await db.rows(q<{ id: bigint; away: boolean; name: string; username: string | null }>`
    select id, blocked_at is not null or claimed as away, first_name as name, username
    from persons join bot_sessions on person_id = id where id between 200 and 299 order by id`)
  expect(rows.map(({ id, away, name, username }) => [Number(id), away, name, username])).toEqual([
    [same, false, `P ${same}`, `p_${same}`],
    [changed, false, 'Other', null],
    [back, false, `P ${back}`, `p_${back}`],
    [claimed, false, `P ${claimed}`, `p_${claimed}`],
    [told, true, `P ${told}`, `p_${told}`],
    [299, false, 'P 299', 'p_299'],
  ])
})

test('an update whose session somebody else has in hand ends alone and holds up no other', async () => {
  const ids = people(300, 3)
  await known(ids)
  const ended: number[] = []
  let all: Promise<unknown> = Promise.resolve()
  await db.tx(async (tx) => {
    await tx.rows(q`update bot_sessions set stats_data = '{"n": 1}' where person_id = ${ids[1]!}`)
    all = Promise.all(
      ids.map(async (id) => {
        await end(over(coming(id), { anchor: id }))
        ended.push(id)
      }),
    )
    await eventually(() => ended.length === 2, { what: 'the others have ended' })
    await end(over(coming(ids[0]!), { anchor: 7 }))
    expect(new Set(ended)).toEqual(new Set([ids[0], ids[2]]))
  })
  await all
  expect(await sessionOf(ids[1]!)).toEqual({ data: { anchor: ids[1] }, version: 2 })
  expect(await sessionOf(ids[0]!)).toEqual({ data: { anchor: 7 }, version: 3 })
})

test('two updates of one person end one after another, and one that cannot be stored spoils no neighbour', async () => {
  const ids = people(400, 4)
  await known(ids)
  const broken = { ...over(coming(ids[1]!)), bot: 'x'.repeat(5), updateId: Number.MAX_SAFE_INTEGER }
  const ends = await Promise.allSettled([
    end(over(coming(ids[0]!), { anchor: 1 })),
    end(over(coming(ids[0]!), { anchor: 2 })),
    end(broken),
    end(over(coming(ids[2]!), { anchor: 3 })),
    end({ ...over(coming(ids[3]!), { anchor: 4 }), updateId: 1.5 }),
  ])
  expect(ends.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ])
  expect(await sessionOf(ids[0]!)).toEqual({ data: { anchor: 2 }, version: 3 })
  expect(await sessionOf(ids[2]!)).toEqual({ data: { anchor: 3 }, version: 2 })
  expect(await sessionOf(ids[3]!)).toEqual({ data: {}, version: 1 })
  const handled = await db.rows(
    q`select from handled_updates h where bot = 'main' and update_id > ${number - 5}`,
  )
  expect(handled).toHaveLength(3)
})
