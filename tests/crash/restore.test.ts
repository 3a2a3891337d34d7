import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { openDb } from '../../src/shared/db/db.ts'
import { newId } from '../../src/shared/ids.ts'
import { release, reserve } from '../../src/shared/ledger/holds.ts'
import { prove } from '../../src/shared/ledger/proof.ts'
import { balance } from '../../src/shared/ledger/read.ts'
import { repository } from '../lib/compose.ts'
import { createEmptyDatabase } from '../lib/database.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'
import { startNode } from '../lib/processes.ts'

const at = ledgerDatabase()

test('F36 a backup restored into an empty database has every balance, proves green, and goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'telekassa-backup-'))
  const target = await createEmptyDatabase()
  const run = async (databaseUrl: string, ...args: string[]) => {
    const one = startNode(`${repository}/bin/backup.ts`, [folder, ...args], {
      env: { DATABASE_URL: databaseUrl },
    })
    const code = await one.ended
    return { code, text: one.lines.join('\n') }
  }
  const [person, hold] = [await newPerson(at.db), newId()]
  await credit(at.db, person, 1_000n, `gift-${hold}`)
  await at.db.tx((tx) => reserve(tx, { reference: hold, personId: person, asset: 'TOK', amount: 300n }))

  expect(await run(at.database.url)).toMatchObject({ code: 0 })
  expect(await run(target.url, '--restore')).toMatchObject({ code: 0 })
  const again = await run(target.url, '--restore')
  expect(again.code).not.toBe(0)
  expect(again.text).toContain('restore into an empty one')

  const db = await openDb(target.url, { max: 2, name: 'restored' })
  expect(await balance(db, person, 'TOK')).toMatchObject({ available: 700n, held: 300n })
  expect((await prove(db)).ok).toBe(true)
  // What was done after the backup is told again by the providers, and counts once.
  await credit(db, person, 1_000n, `gift-${hold}`)
  await credit(db, person, 5n, `later-${hold}`)
  await db.tx((tx) => release(tx, hold, 'cancelled'))
  expect(await balance(db, person, 'TOK')).toMatchObject({ available: 1_005n, held: 0n })
  await expect(db.rows(q`update wallets set available = 9`)).rejects.toThrow()
  expect((await prove(db)).ok).toBe(true)
  await db.close()
  await target.drop()
  await rm(folder, { recursive: true })
})
