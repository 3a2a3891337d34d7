import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { tables } from '#shop/tables.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { declaredColumns, differences, migratedColumns } from '../lib/declared-tables.ts'

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await createDatabase()
  db = await openTestDb(database.url, { max: 2, name: 'tables' })
})

afterAll(async () => {
  await db.close()
  await database.drop()
})

test('every table and column of the migrated database is declared once, as it is', async () => {
  const migrated = await migratedColumns(db)
  expect(migrated.length).toBeGreaterThan(400)
  expect(differences(await declaredColumns(tables), migrated)).toEqual([])
})

test('what differs is told by table and column', async () => {
  await db.rows({ text: 'alter table exports add column colour text', values: [] })
  await db.rows({ text: 'alter table exports alter column reason type varchar(9)', values: [] })
  await db.rows({ text: 'alter table exports alter column kind drop not null', values: [] })
  await db.rows({ text: 'alter table exports alter column state drop default', values: [] })
  await db.rows({ text: 'alter table exports drop column parts', values: [] })
  await db.rows({ text: 'alter table wallets drop constraint wallets_pkey', values: [] })
  expect(differences(await declaredColumns(tables), await migratedColumns(db)).toSorted()).toEqual([
    'exports.colour is in the database, but no tables.ts declares it',
    'exports.kind: nullable is declared false, but true in the database',
    'exports.parts is declared, but no migration makes it',
    'exports.reason: type is declared text, but character varying(9) in the database',
    'exports.state: filled is declared true, but false in the database',
    'wallets.asset: primary is declared true, but false in the database',
    'wallets.person_id: primary is declared true, but false in the database',
  ])
})
