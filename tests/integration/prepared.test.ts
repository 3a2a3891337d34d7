import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { MOST_PREPARED } from '#shared/db/prepared.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { createEmptyDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'

let database: TestDatabase
const opened: Db[] = []
beforeAll(async () => {
  database = await createEmptyDatabase()
})
afterAll(async () => {
  await Promise.all(opened.map((db) => db.close()))
  await database.drop()
})

async function open(prepared?: boolean): Promise<Db> {
  const db = await openDb(database.url, {
    max: 1,
    name: 'prepared',
    ...(prepared !== undefined && { prepared }),
  })
  opened.push(db)
  return db
}

const preparedIn = async (db: Db) => {
  const rows = await db.rows(q<{ statement: string }>`select statement from pg_prepared_statements`)
  return rows.map(({ statement }) => statement).filter((text) => text.includes('$1'))
}

test('a statement that comes again is prepared, one that comes once is not, and with the setting off none is', async () => {
  const [on, off] = [await open(), await open(false)]
  for (const db of [on, off]) {
    for (const value of ['a', 'b', 'c']) await db.rows(q`select ${value}::text as often`)
    await db.rows(q`select ${'a'}::text as once`)
    await db.rows({ name: 'own', text: 'select $1::text as named', values: ['a'] })
  }
  expect(await preparedIn(on)).toEqual(['select $1::text as often'])
  expect(await preparedIn(off)).toEqual([])
})

test('a migration that changes what a prepared statement answers fails neither it nor a transaction', async () => {
  const db = await open()
  const other = await open(false)
  await other.rows(q`create table things (id int)`)
  await other.rows(q`insert into things values (1)`)
  const read = (on: Pick<Db, 'rows'>) => on.rows(q`select * from things where id = ${1}`)
  for (let n = 0; n < 3; n++) await read(db)
  await other.rows(q`alter table things add column name text default 'x'`)
  expect(await read(db)).toEqual([{ id: 1, name: 'x' }])
  for (let n = 0; n < 3; n++) await read(db)
  await other.rows(q`alter table things add column more int default 2`)
  expect(await db.tx((tx) => read(tx))).toEqual([{ id: 1, name: 'x', more: 2 }])
  for (let n = 0; n < 2; n++) await read(db)
  // A pooler that keeps statements knows them by their text (pooler.test.ts).
  const texts = (await preparedIn(db)).filter((text) => text.includes('from things'))
  expect(new Set(texts).size, 'each is planned under a text of its own').toBe(2)
})

test('a pooler is told to keep as many prepared statements as are remembered here', () => {
  expect(readRepositoryFile('docs/scaling.md')).toContain(`\`max_prepared_statements = ${MOST_PREPARED}\``)
})
