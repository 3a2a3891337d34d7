import pg from 'pg'
import { openDb } from '#shared/db/db.ts'
import type { Infra } from '../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { postTogether } from '#shared/money/post-together.ts'
import type { Posting } from '#shared/money/ledger.ts'
import { bareCredit, makeBareLedger } from './lib/bare-ledger.ts'
import { inTurns, median, rate } from './lib/compare.ts'
import { cpuOf, postmaster } from './lib/cpu.ts'
import type { Result } from './lib/compare.ts'

const CONNECTIONS = 32
const WALLETS = 5_000
const MS = 1_000

/**
 * Credits that many callers wait for, as doors make them (those that come while others are written share a statement) and
 * each in a statement of its own, against the same double entry on a bare pool, without triggers and foreign keys.
 */
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
    const together = postTogether(db)
    const server = await postmaster(databaseUrl)
    const busy = () => cpuOf([server]) + ownCpu()
    for (const { wallets, who } of [
      { wallets: `${WALLETS} wallets`, who: anyone },
      { wallets: 'one hot wallet', who: () => 1n },
    ]) {
      for (const [name, ours] of [
        ['ledger credit', () => together(credit(who()))],
        ['ledger credit, each alone', () => post(db, credit(who()))],
      ] as const) {
        const cpu = { ours: [] as number[], baseline: [] as number[] }
        const measured = async (which: keyof typeof cpu, call: () => Promise<unknown>) => {
          const before = busy()
          const figure = await rate(CONNECTIONS, MS, call)
          cpu[which].push((1000 * (busy() - before)) / ((figure * MS) / 1000))
          return figure
        }
        const figures = await inTurns(
          () => measured('ours', ours),
          () => measured('baseline', () => bare.query(bareCredit(`bare-${count++}`, who(), 1n))),
        )
        results.push({
          name: `${name}, ${wallets}, ${CONNECTIONS} at once`,
          ...figures,
          unit: 'tx/s',
          goal: 0.8,
        })
        results.push({
          name: `${name}, ${wallets}, processor time`,
          ours: median(cpu.ours),
          baseline: median(cpu.baseline),
          ratio: median(cpu.ours.map((micros, round) => micros / cpu.baseline[round]!)),
          unit: 'µs',
          goal: 0.8,
          smaller: true,
        })
      }
    }
    return results
  } finally {
    await bare.end()
    await db.close()
  }
}

/** The client's part, in ms. */
const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

let count = 0
function credit(person: bigint): Posting {
  const reference = `bench-${process.pid}-${count++}`
  return transfer({ system: 'promo' }, { person }, { asset: 'TOK', amount: 1n }, { reference, kind: 'promo' })
}
