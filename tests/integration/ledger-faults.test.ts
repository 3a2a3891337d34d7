import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { PersonTable } from '#shared/tables.ts'
import type { Asset } from '#shared/money.ts'
import { postFree, transfer } from '#shared/money/ledger.ts'
import { postTogether } from '#shared/money/post-together.ts'
import { readBalance } from '#shared/money/read.ts'
import { createDatabase } from '../lib/database.ts'
import { countStatements } from '../lib/count-statements.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import type { CutProxy } from '../lib/cut-proxy.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'

const at = ledgerDatabase()
let references = 0
const fresh = () => `fault-${++references}`
const available = async (person: bigint) => (await readBalance(at.db, person, 'TOK')).available

describe('the connection dies during the commit (F31)', () => {
  let proxy: CutProxy
  let through: Db
  beforeAll(async () => {
    proxy = await startCutProxy(at.database.url)
    through = await openDb(proxy.url, { max: 2, name: 'cut' })
  })
  afterAll(async () => {
    await through.close()
    await proxy.close()
  })

  for (const [when, committed] of [
    ['before', false],
    ['after', true],
  ] as const) {
    test(`cut ${when} COMMIT reached the server: the caller learns that it does not know, and the repeat credits once`, async () => {
      const person = await newPerson(at.db)
      const reference = fresh()
      const work = () => through.tx((tx) => credit(tx, person, 10n, reference))
      proxy.cutOn('commit', when)
      const before = proxy.cuts()
      const error = await work().then(
        () => undefined,
        (cause: unknown) => cause,
      )
      expect(proxy.cuts()).toBe(before + 1)
      expect(databaseIsDown(error)).toBe(true)
      expect(await work()).toEqual({ repeated: committed })
      expect(await available(person)).toBe(10n)
    })

    test(`cut ${when} a single statement reached the server: the same`, async () => {
      const person = await newPerson(at.db)
      const reference = fresh()
      proxy.cutOn(reference, when)
      const error = await credit(through, person, 10n, reference).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      expect(databaseIsDown(error)).toBe(true)
      expect(await credit(through, person, 10n, reference)).toEqual({ repeated: committed })
      expect(await available(person)).toBe(10n)
    })
  }
})

test('connections are terminated at random while a hundred credits commit: each is credited once (F31)', async () => {
  const person = await newPerson(at.db)
  const shaken = await openDb(at.database.url, { max: 8, name: 'shaken' })
  const killer = new pg.Client({ connectionString: at.database.url, application_name: 'killer' })
  await killer.connect()
  let over = false
  let credited = 0
  let lost = 0
  const killing = (async () => {
    while (!over) {
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'telekassa-shaken' and state <> 'idle' limit 2`,
      )
      await sleep(10)
    }
  })()
  const untilDone = async (reference: string) => {
    for (;;) {
      try {
        return await shaken.tx((tx) => credit(tx, person, 1n, reference))
      } catch (error) {
        lost += 1
        expect(databaseIsDown(error), String(error)).toBe(true)
      }
    }
  }
  try {
    // Connections are terminated until some credits were hit, because all hundred may be done before the first
    // look.
    while (lost === 0) {
      const hundred = Array.from({ length: 100 }, () => `shaken-${credited++}`)
      await Promise.all(hundred.map(untilDone))
    }
  } finally {
    over = true
    await killing
    await killer.end()
    await shaken.close()
  }
  expect(await available(person)).toBe(BigInt(credited))
})

test('a pool outlives any number of connections that die in a transaction (F31, F33)', async () => {
  const proxy = await startCutProxy(at.database.url)
  const small = await openDb(proxy.url, { max: 2, name: 'small' })
  try {
    for (let i = 0; i < 6; i++) {
      proxy.cutOn(i % 2 ? 'commit' : 'begin', i % 3 ? 'before' : 'after')
      await expect(small.tx((tx) => tx.rows(q`select 1`))).rejects.toSatisfy(databaseIsDown)
    }
    expect(proxy.cuts()).toBe(6)
    const both = await Promise.all([1, 2].map(() => small.tx((tx) => tx.rows(q`select pg_sleep(0.02)`))))
    expect(both).toHaveLength(2)
  } finally {
    await small.close()
    await proxy.close()
  }
})

test('a transaction whose error was hidden is not taken for committed', async () => {
  const person = await newPerson(at.db)
  const hidden = at.db.tx(async (tx) => {
    await credit(tx, person, 1n, fresh())
    await tx.rows(q`select 1 / 0`).catch(() => {})
    return 'done'
  })
  await expect(hidden).rejects.toThrow('rolled the transaction back')
  expect(await available(person)).toBe(0n)
})

test('entities and statements share one transaction', async () => {
  const id = await newPerson(at.db)
  const rename = (name: string, fail: boolean) =>
    at.db.tx(async (tx) => {
      const person = await tx.em.findOneOrFail(PersonTable, id)
      person.firstName = name
      await tx.em.flush()
      const [row] = await tx.rows(
        q<{ name: string }>`select first_name as name from persons where id = ${id}`,
      )
      if (fail) throw new Error('back')
      person.firstName = `${row!.name}!`
    })
  await rename('Анна', false)
  await expect(rename('Ольга', true)).rejects.toThrow('back')
  expect((await at.db.em.findOneOrFail(PersonTable, id)).firstName).toBe('Анна!')
})

test('a posting reads no table from its beginning to its end, also on a connection that began with empty ones', async () => {
  const database = await createDatabase()
  const db = await openDb(database.url, { max: 1, name: 'fresh' })
  try {
    await db.rows(q`insert into bots (name) values ('main') on conflict do nothing`)
    const person = await newPerson(db)
    const others: bigint[] = []
    while (others.length < 40) others.push(await newPerson(db))
    const give = (to: bigint) =>
      transfer(
        { system: 'promo' },
        { person: to },
        { asset: 'TOK', amount: 1n },
        { reference: fresh(), kind: 'promo' },
      )
    await db.tx(async (tx) => {
      for (let i = 0; i < 20; i++) await credit(tx, person, 1n, fresh())
      // None of these has a wallet.
      for (let i = 0; i < 40; i += 2) await postFree(tx, others.slice(i, i + 2).map(give))
      const read = await tx.rows(q`
        select relname as name, seq_tup_read::int as rows from pg_stat_xact_user_tables
        where relname in ('postings', 'persons', 'wallets') and seq_tup_read > 0`)
      expect(read).toEqual([])
    })
  } finally {
    await db.close()
    await database.drop()
  }
})

describe('postings that come at once', () => {
  let pool: Db
  let counter: ReturnType<typeof countStatements>
  beforeAll(async () => {
    pool = await openDb(at.database.url, { max: 8, name: 'posted-together' })
    counter = countStatements('posted-together')
  })
  afterAll(async () => {
    counter.stop()
    await pool.close()
  })
  const give = (person: bigint, amount: bigint, reference = fresh(), asset: Asset = 'TOK') =>
    transfer({ system: 'adjustments' }, { person }, { asset, amount }, { reference, kind: 'adjustment' })
  const people = (count: number) => Promise.all(Array.from({ length: count }, () => newPerson(at.db)))

  test('twenty cost one statement and one wait for the disk, also where several are about one wallet', async () => {
    const [one, ...others] = await people(10)
    const posted = postTogether(pool)
    counter.take()
    const ten = [one!, ...others].map((person) => posted(give(person, 3n)))
    await Promise.all([...ten, ...ten.map(() => posted(give(one!, 2n)))])
    const { statements, commits } = counter.take()
    expect([statements.length, commits]).toEqual([1, 1])
    expect(await available(one!)).toBe(23n)
    expect(await Promise.all(others.map(available))).toEqual(others.map(() => 3n))
  })

  test('one that is refused, repeated or about a wallet in hand neither holds up nor spoils the others', async () => {
    const [poor, held, rich, newcomer, ...plain] = await people(8)
    const posted = postTogether(pool)
    const done = fresh()
    await credit(at.db, held!, 1n, fresh())
    await credit(at.db, rich!, 5n, done)
    let late: Promise<void> | undefined
    const ends = await at.db.tx(async (tx) => {
      await credit(tx, held!, 1n, fresh())
      counter.take()
      late = posted(give(held!, 1n))
      return await Promise.allSettled([
        posted(give(poor!, -1n)),
        posted(give(404n, 1n)),
        posted(give(rich!, 5n, done)),
        posted(give(rich!, 6n, done)),
        posted(give(rich!, -5n)),
        posted(give(newcomer!, 4n, fresh(), 'EUR')),
        ...plain.map((person) => posted(give(person, 2n))),
      ])
    })
    const said = ends.map((end) => (end.status === 'rejected' ? String(end.reason) : 'done'))
    expect(said.slice(0, 4)).toEqual([
      expect.stringContaining('balance.insufficient'),
      expect.stringContaining('wallets_person_id_fkey'),
      'done',
      expect.stringContaining('exists with other entries'),
    ])
    expect(new Set(said.slice(4))).toEqual(new Set(['done']))
    await late
    // Alone go the four above and the one whose wallet was in hand.
    const texts = counter.take().statements.map((text) => /^with \w+|^select/.exec(text)![0])
    expect(texts.filter((text) => text === 'with asked')).toHaveLength(1)
    expect(texts.filter((text) => text === 'with fresh')).toHaveLength(5)
    expect(await Promise.all([poor!, held!, rich!, ...plain].map(available))).toEqual([
      0n,
      3n,
      0n,
      ...plain.map(() => 2n),
    ])
    expect((await readBalance(at.db, newcomer!, 'EUR')).available).toBe(4n)
  })

  test('two doors spend one wallet at once: who is told yes has spent, and nothing goes below zero', async () => {
    const [rich] = await people(1)
    await credit(at.db, rich!, 100n, fresh())
    const doors = [postTogether(pool), postTogether(at.db)]
    const ends = await Promise.allSettled(
      Array.from({ length: 80 }, (_, n) => doors[n % 2]!(give(rich!, n % 4 === 3 ? 1n : -3n))),
    )
    const told = ends.filter(({ status }) => status === 'fulfilled').length
    const [row] = await at.db.rows(q<{ n: number; sum: bigint }>`
      select count(*)::int4 as n, sum(amount)::int8 as sum from entries where person_id = ${rich}`)
    expect(row).toEqual({ n: told + 1, sum: await available(rich!) })
    for (const end of ends)
      if (end.status === 'rejected') expect(String(end.reason)).toContain('balance.insufficient')
  })
})

describe("transactions in each other's way (F32)", () => {
  test("two that lock each other's wallets: the database ends one, it is repeated, both are done", async () => {
    const [a, b] = [await newPerson(at.db), await newPerson(at.db)]
    let arrived = 0
    let bothAreThere = () => {}
    const gate = new Promise<void>((resolve) => {
      bothAreThere = resolve
    })
    let tries = 0
    const both = async (tx: Sql, first: bigint, second: bigint, name: string) => {
      tries++
      await credit(tx, first, 1n, `${name}-first`)
      if (++arrived === 2) bothAreThere()
      await gate
      await credit(tx, second, 1n, `${name}-second`)
    }
    const [one, two] = [fresh(), fresh()]
    await Promise.all([at.db.tx((tx) => both(tx, a, b, one)), at.db.tx((tx) => both(tx, b, a, two))])
    expect(tries).toBeGreaterThan(2)
    expect([await available(a), await available(b)]).toEqual([2n, 2n])
  })

  test('a serialization failure repeats the whole transaction', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 0n + 100n, fresh())
    let tries = 0
    let allHaveRead = () => {}
    const gate = new Promise<void>((resolve) => {
      allHaveRead = resolve
    })
    const readThenSpend = (reference: string) =>
      at.db.tx(async (tx) => {
        tries++
        await tx.rows(q`set transaction isolation level serializable`)
        await readBalance(tx, person, 'TOK')
        if (tries >= 3) allHaveRead()
        await gate
        await credit(tx, person, 1n, reference)
      })
    await Promise.all([readThenSpend(fresh()), readThenSpend(fresh()), readThenSpend(fresh())])
    expect(tries).toBeGreaterThan(3)
    expect(await available(person)).toBe(103n)
  })

  test('one that never comes through is given up, with nothing moved', async () => {
    const person = await newPerson(at.db)
    let tries = 0
    const never = at.db.tx(async (tx) => {
      tries++
      await credit(tx, person, 1n, 'never-through')
      await tx.rows(q`do $$ begin raise exception 'always' using errcode = '40001'; end $$`)
    })
    await expect(never).rejects.toThrow('always')
    expect(tries).toBe(5)
    expect(await available(person)).toBe(0n)
  })
})
