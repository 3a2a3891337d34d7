import { afterAll, beforeAll } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import { ensurePerson } from '#shared/people.ts'
import type { Asset } from '#shared/money.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { createDatabase, openTestDb } from './database.ts'
import type { TestDatabase } from './database.ts'

/** A database for a test file about money; when the file ends, its ledger must add up. */
export function ledgerDatabase(options: { connections?: number; mustAddUp?: boolean } = {}) {
  const at = {} as { db: Db; database: TestDatabase }
  beforeAll(async () => {
    at.database = await createDatabase()
    at.db = await openTestDb(at.database.url, { max: options.connections ?? 16, name: 'ledger-test' })
    await registerBots(at.db, [{ name: 'main', token: '', admins: [] }])
  })
  afterAll(async () => {
    const proof = await prove(at.db)
    await at.db.close()
    await at.database.drop()
    if (!proof.ok && options.mustAddUp !== false)
      throw new Error(`the ledger does not add up: ${JSON.stringify(proof, (_, v) => String(v))}`)
  })
  return at
}

let lastPerson = 9_000_000_000n

/** A new person, with an id beyond 32 bits. */
export async function newPerson(db: Db): Promise<bigint> {
  const id = lastPerson++
  await ensurePerson(db, id, 'main')
  return id
}

export function credit(
  db: Pick<Db, 'rows' | 'em' | 'owed'>,
  person: bigint,
  amount: bigint,
  reference: string,
  asset: Asset = 'TOK',
) {
  return post(
    db,
    transfer({ system: 'adjustments' }, { person }, { asset, amount }, { reference, kind: 'adjustment' }),
  )
}
