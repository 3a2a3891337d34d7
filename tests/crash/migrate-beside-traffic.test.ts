import { Migration } from '@mikro-orm/migrations'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrations } from '../../migrations/index.ts'
import { databaseProblem } from '../../bin/lib/check-database.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { migrate } from '#shared/db/migrate.ts'
import { newId } from '#shared/ids.ts'
import { prove } from '#shared/money/proof.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { credit, newPerson } from '../lib/ledger.ts'

/** What the next release might bring: a column that the running version does not know, with a default, and a table. */
class Expands extends Migration {
  override up(): void {
    this.addSql(`
      alter table postings add column channel text not null default 'bot';
      create table notes (posting_id bigint not null, text text not null);
    `)
  }
}
class Indexes extends Migration {
  override isTransactional(): boolean {
    return false
  }
  override up(): void {
    this.addSql('create index concurrently postings_channel_index on postings (channel)')
  }
}
const next = [
  ...migrations,
  { name: '9001-expands', class: Expands },
  { name: '9002-indexes', class: Indexes },
]

describe('a migration while the version before it runs', () => {
  let database: TestDatabase
  let db: Db
  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 6, name: 'test' })
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
  })

  test('F37 postings go on while columns, tables and indexes come, and the older version starts on the newer schema', async () => {
    await db.rows(q`insert into bots (name) values ('main') on conflict do nothing`)
    const person = await newPerson(db)
    let posted = 0
    let migrating = true
    const traffic = Array.from({ length: 4 }, async () => {
      while (migrating) {
        await credit(db, person, 1n, newId(), 'TOK')
        posted += 1
      }
    })
    await eventually(() => posted > 20)
    expect(await migrate(database.url, { list: next })).toEqual(['9001-expands', '9002-indexes'])
    const before = posted
    await eventually(() => posted > before + 20)
    migrating = false
    await Promise.all(traffic)

    const [wallet] = await db.rows(q<{ available: bigint }>`
      select available from wallets where person_id = ${person} and asset = 'TOK'`)
    expect(wallet!.available).toBe(BigInt(posted))
    expect((await prove(db)).ok).toBe(true)
    expect(await databaseProblem(database.url)).toBeUndefined()
    const [index] = await db.rows(q<{ valid: boolean }>`
      select indisvalid as valid from pg_index where indexrelid = 'postings_channel_index'::regclass`)
    expect(index!.valid).toBe(true)
    // No migration is left to do, and running the older version's list changes nothing.
    expect(await migrate(database.url, { list: next })).toEqual([])
    expect(await migrate(database.url)).toEqual([])
  })

  test('F37 a migration that does not get its lock gives up after five seconds instead of stopping everybody behind it', async () => {
    class Blocked extends Migration {
      override up(): void {
        this.addSql('alter table persons add column never text')
      }
    }
    const list = [...next, { name: '9003-blocked', class: Blocked }]
    await db.tx(async (tx) => {
      await tx.rows(q`select 1 from persons limit 1 for share`)
      await expect(migrate(database.url, { list })).rejects.toThrow(/lock timeout/)
    })
    expect(await migrate(database.url, { list })).toEqual(['9003-blocked'])
  })
})
