import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { sql as q } from 'kysely'
import { post, ReferenceConflict, transfer } from '#shared/money/ledger.ts'
import { lockedAvailable, readBalance, operations } from '#shared/money/read.ts'
import { prove } from '#shared/money/proof.ts'
import { MAX_AMOUNT } from '#shared/money.ts'
import { openDb } from '#shared/db/db.ts'
import { migrateShop } from '../../bin/lib/migrate-shop.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'

const at = ledgerDatabase()
let references = 0
const fresh = () => `test-${++references}`

describe('postings', () => {
  test('the same reference twice moves once and says so', async () => {
    const person = await newPerson(at.db)
    const reference = fresh()
    expect(await credit(at.db, person, 10n, reference)).toEqual({ repeated: false })
    expect(await credit(at.db, person, 10n, reference)).toEqual({ repeated: true })
    expect(await readBalance(at.db, person, 'TOK')).toEqual({ asset: 'TOK', available: 10n, held: 0n })
  })

  test('forty at once with one reference move once (F14)', async () => {
    const person = await newPerson(at.db)
    const reference = fresh()
    const results = await Promise.all(Array.from({ length: 40 }, () => credit(at.db, person, 7n, reference)))
    expect(results.filter((result) => !result.repeated)).toHaveLength(1)
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(7n)
  })

  test('the same reference with another sum, person, kind or bucket is a conflict and moves nothing', async () => {
    const person = await newPerson(at.db)
    const other = await newPerson(at.db)
    const reference = fresh()
    await credit(at.db, person, 10n, reference)
    const one = transfer(
      { system: 'adjustments' },
      { person },
      { asset: 'TOK', amount: 10n },
      { reference, kind: 'adjustment' },
    )
    const forgeries = [
      transfer(
        { system: 'adjustments' },
        { person },
        { asset: 'TOK', amount: 11n },
        { reference, kind: 'adjustment' },
      ),
      transfer(
        { system: 'adjustments' },
        { person: other },
        { asset: 'TOK', amount: 10n },
        { reference, kind: 'adjustment' },
      ),
      transfer(
        { system: 'promo' },
        { person },
        { asset: 'TOK', amount: 10n },
        { reference, kind: 'adjustment' },
      ),
      transfer(
        { system: 'adjustments' },
        { person },
        { asset: 'RUB', amount: 10n },
        { reference, kind: 'adjustment' },
      ),
      { ...one, kind: 'promo' as const },
      {
        ...one,
        entries: one.entries.map((entry) =>
          'person' in entry.owner ? { ...entry, bucket: 'held' as const } : entry,
        ),
      },
    ]
    for (const forgery of forgeries) await expect(post(at.db, forgery)).rejects.toThrow(ReferenceConflict)
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(10n)
    expect(
      await post(at.db, { ...one, entries: one.entries.toReversed(), description: 'other words' }),
    ).toEqual({ repeated: true })
  })

  test('two spends race for the last coin: one wins, nothing goes below zero (F61)', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 5n, fresh())
    const spends = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        post(
          at.db,
          transfer(
            { person },
            { system: 'sales' },
            { asset: 'TOK', amount: 5n },
            { reference: fresh(), kind: 'stars' },
          ),
        ),
      ),
    )
    expect(spends.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    for (const one of spends) {
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ name: 'UserError', code: 'balance.insufficient' })
    }
    expect(await readBalance(at.db, person, 'TOK')).toEqual({ asset: 'TOK', available: 0n, held: 0n })
  })

  test('a refused posting leaves its reference free', async () => {
    const person = await newPerson(at.db)
    const reference = fresh()
    const spend = transfer(
      { person },
      { system: 'sales' },
      { asset: 'TOK', amount: 5n },
      { reference, kind: 'stars' },
    )
    await expect(post(at.db, spend)).rejects.toMatchObject({ code: 'balance.insufficient' })
    await credit(at.db, person, 5n, fresh())
    expect(await post(at.db, spend)).toEqual({ repeated: false })
  })

  test('ids and sums beyond 2^53 come back exactly (F74)', async () => {
    const person = 2n ** 53n + 11n
    await at.db.rows(q`insert into persons (id) values (${person})`)
    await credit(at.db, person, MAX_AMOUNT - 1n, fresh(), 'TON')
    expect((await readBalance(at.db, person, 'TON')).available).toBe(999_999_999_999_999_999n)
    const [operation] = await operations(at.db, person, { limit: 1 })
    expect(operation).toMatchObject({
      amount: 999_999_999_999_999_999n,
      balanceAfter: 999_999_999_999_999_999n,
    })
  })

  test('zero, too much and an unbalanced posting are refused (F62)', async () => {
    const person = await newPerson(at.db)
    for (const amount of [0n, MAX_AMOUNT + 1n, 2n ** 63n, -(2n ** 63n)]) {
      await expect(credit(at.db, person, amount, fresh())).rejects.toThrow(RangeError)
    }
    const lopsided = {
      reference: fresh(),
      kind: 'adjustment' as const,
      entries: [
        { owner: { person }, asset: 'TOK' as const, amount: 5n },
        { owner: { system: 'adjustments' as const }, asset: 'TOK' as const, amount: -4n },
      ],
    }
    await expect(post(at.db, lopsided)).rejects.toThrow('sum to zero')
    const acrossAssets = {
      ...lopsided,
      entries: lopsided.entries.map((entry, i) => ({
        ...entry,
        asset: i ? ('RUB' as const) : ('TOK' as const),
        amount: i ? -5n : 5n,
      })),
    }
    await expect(post(at.db, acrossAssets)).rejects.toThrow('sum to zero')
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(0n)
  })

  test('a balance that would not fit into the database is refused, not wrapped around', async () => {
    const person = await newPerson(at.db)
    for (let i = 0; i < 9; i++) await credit(at.db, person, MAX_AMOUNT, fresh(), 'RUB')
    await expect(credit(at.db, person, MAX_AMOUNT, fresh(), 'RUB')).rejects.toThrow(/out of range/)
    expect((await readBalance(at.db, person, 'RUB')).available).toBe(9n * MAX_AMOUNT)
  })

  test('the history shows the running balance, newest first, page by page', async () => {
    const person = await newPerson(at.db)
    for (let i = 1n; i <= 7n; i++) await credit(at.db, person, i, fresh())
    const first = await operations(at.db, person, { limit: 4 })
    const rest = await operations(at.db, person, { limit: 4, before: first.at(-1)!.id })
    expect([...first, ...rest].map((one) => [one.amount, one.balanceAfter])).toEqual([
      [7n, 28n],
      [6n, 21n],
      [5n, 15n],
      [4n, 10n],
      [3n, 6n],
      [2n, 3n],
      [1n, 1n],
    ])
  })
})

describe('somebody with SQL', () => {
  const attack = (...statements: string[]) => attackBy(at.database.url, ...statements)
  async function attackBy(connectionString: string, ...statements: string[]): Promise<string> {
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      await client.query('begin')
      for (const statement of statements) await client.query(statement)
      await client.query('commit')
      return 'it worked'
    } catch (error) {
      return (error as Error).message
    } finally {
      await client.end()
    }
  }
  const inserted = (entries: string) =>
    `with p as (insert into postings (reference, kind, digest) values ('attack-${++references}', 'adjustment', '') returning id)
     insert into entries (posting_id, person_id, system, asset, amount) select p.id, e.person::bigint, e.system, e.asset, e.amount from p, (values ${entries}) e (person, system, asset, amount)`

  test('cannot change or delete what was posted, nor touch a balance', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 10n, fresh())
    const attacks = [
      `update entries set amount = 1000 where person_id = ${person}`,
      `delete from entries where person_id = ${person}`,
      'truncate entries',
      `update postings set kind = 'promo'`,
      'delete from postings',
      'truncate postings cascade',
      `update wallets set available = 1000 where person_id = ${person}`,
      `update wallets set held = 1000 where person_id = ${person}`,
      `delete from wallets where person_id = ${person}`,
      'truncate wallets',
      `insert into wallets (person_id, asset, available) values (${person}, 'USD', 1000)`,
      `update audit_log set action = 'nothing'`,
      'truncate audit_log',
      'truncate order_events',
      'delete from order_events',
    ]
    for (const statement of attacks) {
      expect(await attack(statement), statement).toMatch(
        /never changed or deleted|only through ledger entries/,
      )
    }
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(10n)
    expect((await readBalance(at.db, person, 'USD')).available).toBe(0n)
  })

  test('cannot add an unbalanced posting, an entry of nobody or of two, or of an unknown asset', async () => {
    const person = await newPerson(at.db)
    expect(await attack(inserted(`(${person}::bigint, null::text, 'TOK', 5::bigint)`))).toMatch(/sum to zero/)
    expect(await attack(inserted(`(${person}, null, 'TOK', 5), (null, 'sales', 'TOK', -4)`))).toMatch(
      /sum to zero/,
    )
    expect(await attack(inserted(`(${person}, null, 'TOK', 5), (null, 'sales', 'RUB', -5)`))).toMatch(
      /sum to zero/,
    )
    expect(await attack(inserted(`(null, null, 'TOK', 5), (null, 'sales', 'TOK', -5)`))).toMatch(
      /entries_one_owner/,
    )
    expect(await attack(inserted(`(${person}, 'sales', 'TOK', 5), (null, 'sales', 'TOK', -5)`))).toMatch(
      /entries_one_owner/,
    )
    expect(await attack(inserted(`(${person}, null, 'BTC', 5), (null, 'sales', 'BTC', -5)`))).toMatch(
      /foreign key/,
    )
    expect(await attack(inserted(`(null, 'promo', 'BTC', 5), (null, 'sales', 'BTC', -5)`))).toMatch(
      /asset BTC, and one of them does not exist/,
    )
    expect(
      await attack(
        `insert into entries (posting_id, system, asset, amount)
         values (-7, 'promo', 'TOK', 5), (-7, 'sales', 'TOK', -5)`,
      ),
    ).toMatch(/posting -7 .* does not exist/)
    expect(await attack(inserted(`(-7, null, 'TOK', 5), (null, 'sales', 'TOK', -5)`))).toMatch(
      /wallets_person_id_fkey/,
    )
    for (const statement of [`delete from assets where code = 'EUR'`, `update assets set scale = 3`])
      expect(await attack(statement), statement).toMatch(/never changed or deleted/)
    expect(await attack(inserted(`(${person}, null, 'TOK', 0), (null, 'sales', 'TOK', 0)`))).toMatch(
      /check constraint/,
    )
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(0n)
  })

  test('cannot hide half of a posting in a second statement of the same transaction', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 3n, `split-${person}`)
    const half = (sign: string, owner: string) =>
      `insert into entries (posting_id, ${owner}, asset, amount) select id, ${owner === 'system' ? "'sales'" : person}, 'TOK', ${sign}9 from postings where reference = 'split-${person}'`
    expect(await attack(half('', 'person_id'), half('-', 'system'))).toMatch(/sum to zero/)
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(3n)
  })

  test('F84 under the role of the shop cannot write a balance, nor lead the triggers to tables of its own', async () => {
    const [person, role] = [await newPerson(at.db), `sql_${process.pid}_${Date.now()}`]
    await credit(at.db, person, 4n, fresh())
    const url = new URL(at.database.url)
    Object.assign(url, { username: role, password: 'sql' })
    await migrateShop({ databaseUrl: url.href, migrateDatabaseUrl: at.database.url })
    const says = (...statements: string[]) => attackBy(url.href, ...statements)
    const shop = await openDb(url.href, { max: 1, name: 'shop' })
    try {
      const gift = `update public.wallets set available = 1000 where person_id = ${person}`
      expect(await says(gift)).toMatch(/permission denied/)
      const byTrigger = [
        'create temp table mine (n int)',
        `create function pg_temp.give() returns trigger language plpgsql as $$ begin ${gift}; return new; end $$`,
        'create trigger give before insert on mine for each row execute function pg_temp.give()',
        'insert into mine values (1)',
      ]
      expect(await says(...byTrigger)).toMatch(/permission denied/)
      const shadow = (table: string) =>
        `create temp table ${table} as select * from public.${table} where person_id = ${person}`
      const take = inserted(`(${person}, null, 'TOK', -5), (null, 'sales', 'TOK', 5)`)
      expect(await says(shadow('wallets'), 'update wallets set available = 1000', take)).toMatch(
        /wallets_never_below_zero/,
      )
      const coin = inserted(`(null, 'promo', 'BTC', 5), (null, 'sales', 'BTC', -5)`)
      expect(await says(`create temp table assets as select 'BTC' as code`, coin)).toMatch(/does not exist/)
      const chain = () => at.db.rows(q`select line_id from audit_chain`)
      const before = (await chain()).length
      expect(
        await says(
          'create temp table audit_chain (like public.audit_chain)',
          `insert into audit_log (action, target) values ('a', 'b')`,
        ),
      ).toBe('it worked')
      expect(await chain()).toHaveLength(before + 1)
      await shop.tx(async (tx) => {
        expect(await lockedAvailable(tx, person, 'TOK')).toBe(4n)
        await credit(tx, person, 2n, fresh())
      })
      expect((await readBalance(at.db, person, 'TOK')).available).toBe(6n)
    } finally {
      await shop.close()
      await at.db.pool.query(`drop owned by ${role}`)
      await at.db.pool.query(`drop role ${role}`)
    }
  })

  test('cannot take a person below zero', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 4n, fresh())
    expect(await attack(inserted(`(${person}, null, 'TOK', -5), (null, 'sales', 'TOK', 5)`))).toMatch(
      /wallets_never_below_zero/,
    )
    expect((await readBalance(at.db, person, 'TOK')).available).toBe(4n)
  })

  test('cannot give a hold an amount of zero, a state of its own or a second life', async () => {
    const person = await newPerson(at.db)
    expect(
      await attack(
        `insert into holds (reference, person_id, asset, amount) values ('h', ${person}, 'TOK', 0)`,
      ),
    ).toMatch(/check constraint/)
    expect(
      await attack(
        `insert into holds (reference, person_id, asset, amount, state) values ('h', ${person}, 'TOK', 1, 'lost')`,
      ),
    ).toMatch(/check constraint/)
  })

  test('what slips past the triggers is found by the proof, and named', async () => {
    const person = await newPerson(at.db)
    await credit(at.db, person, 10n, fresh())
    const client = new pg.Client({ connectionString: at.database.url })
    await client.connect()
    const asOwner = async (statement: string) => {
      await client.query(
        `set session_replication_role = replica; ${statement}; set session_replication_role = origin`,
      )
    }
    try {
      expect(await prove(at.db)).toMatchObject({ ok: true })
      await asOwner(`update wallets set available = 11 where person_id = ${person}`)
      expect(await prove(at.db)).toMatchObject({
        ok: false,
        wrongWallets: [{ personId: person, asset: 'TOK' }],
      })
      await asOwner(`update wallets set available = 10, held = 0 where person_id = ${person}`)
      await asOwner(
        `insert into holds (reference, person_id, asset, amount) values ('ghost', ${person}, 'TOK', 2)`,
      )
      expect(await prove(at.db)).toMatchObject({
        ok: false,
        wrongHolds: [{ personId: person, asset: 'TOK' }],
      })
      await asOwner(`delete from holds where reference = 'ghost'`)
      await asOwner(
        `update entries set amount = amount + 1 where system = 'adjustments' and posting_id = (select max(posting_id) from entries)`,
      )
      expect(await prove(at.db)).toMatchObject({ ok: false, unbalanced: [{ asset: 'TOK', sum: '1' }] })
      await asOwner(
        `update entries set amount = amount - 1 where system = 'adjustments' and posting_id = (select max(posting_id) from entries)`,
      )
      expect(await prove(at.db)).toMatchObject({ ok: true })
    } finally {
      await client.end()
    }
  })
})
