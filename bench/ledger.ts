import pg from 'pg'
import { openDb } from '#shared/db/db.ts'
import type { Infra } from '../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import type { Posting } from '#shared/money/ledger.ts'
import { bareCredit, makeBareLedger } from './lib/bare-ledger.ts'
import { inTurns, rate } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const CONNECTIONS = 32
const WALLETS = 5_000
const MS = 2_000

/** A credit as billing makes it, against the same double entry on a bare pool, without triggers and foreign keys. */
export async function benchLedger({ databaseUrl }: Infra): Promise<Result[]> {
  const db = await openDb(databaseUrl, { max: CONNECTIONS, name: 'bench' })
  const bare = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS })
  // The server may end a connection before the pool has let go of it.
  bare.on('error', () => {})
  try {
    await bare.query(`insert into persons (id) select generate_series(1, ${WALLETS}) on conflict do nothing`)
    await makeBareLedger(bare)
    const anyone = () => BigInt(1 + Math.floor(Math.random() * WALLETS))
    const results: Result[] = []
    for (const { name, who } of [
      { name: `ledger credit, ${WALLETS} wallets, ${CONNECTIONS} connections`, who: anyone },
      { name: `ledger credit, one hot wallet, ${CONNECTIONS} connections`, who: () => 1n },
    ]) {
      const figures = await inTurns(
        () => rate(CONNECTIONS, MS, () => post(db, credit(who()))),
        () => rate(CONNECTIONS, MS, () => bare.query(bareCredit(`bare-${count++}`, who(), 1n))),
      )
      results.push({ name, ...figures, unit: 'tx/s', goal: 0.8 })
    }
    return results
  } finally {
    await bare.end()
    await db.close()
  }
}

let count = 0
function credit(person: bigint): Posting {
  const reference = `bench-${process.pid}-${count++}`
  return transfer({ system: 'promo' }, { person }, { asset: 'TOK', amount: 1n }, { reference, kind: 'promo' })
}
