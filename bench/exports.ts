import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { openDb } from '#shared/db/db.ts'
import { exportQuery } from '#shop/exports/queries.ts'
import type { Infra } from '../bin/infra/start.ts'
import { writeCsv } from '#shop/exports/worker/write.ts'
import { inTurns } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const ROWS = 1_000_000
const PEOPLE = 20_000

/** A million operations as transactions.csv, against a bare COPY of the same columns without any guard of cells. */
export async function benchExports({ databaseUrl }: Infra): Promise<Result[]> {
  const db = await openDb(databaseUrl, { max: 4, name: 'bench' })
  const bare = new pg.Client({ connectionString: databaseUrl })
  await bare.connect()
  const folder = await mkdtemp(join(tmpdir(), 'telekassa-bench-export-'))
  try {
    await fill(bare)
    const unguarded = exportQuery('transactions', {}).replaceAll('csv_text(', '(')
    let memoryMb = 0
    const watch = setInterval(() => {
      memoryMb = Math.max(memoryMb, process.memoryUsage().rss / 1e6)
    }, 50)
    const beforeMb = process.memoryUsage().rss / 1e6
    const figures = await inTurns(
      () =>
        seconds(async () => {
          await writeCsv(db.reads, exportQuery('transactions', {}), {
            folder,
            name: 'ours.csv',
            delimiter: ',',
            largestBytes: Infinity,
          })
        }),
      () =>
        seconds(() =>
          pipeline(
            bare.query(copyTo(`copy (${unguarded}) to stdout with (format csv, header)`)),
            createWriteStream(join(folder, 'bare.csv')),
          ),
        ),
    )
    clearInterval(watch)
    return [
      { name: `export of ${ROWS} operations`, ...figures, unit: 's', smaller: true, goal: 0.67 },
      {
        name: 'memory at its highest against before the export',
        ours: memoryMb,
        baseline: beforeMb,
        unit: 'MB',
        smaller: true,
      },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
    await bare.end()
    await db.close()
  }
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

/**
 * Writes entries without their triggers, because the wallets do not matter here and a million postings would take
 * a minute.
 */
async function fill(client: pg.Client): Promise<void> {
  await client.query(`set session_replication_role = replica`)
  await client.query(`
    insert into persons (id, first_name, username)
    select g, 'Person ' || g, 'person_' || g from generate_series(1, ${PEOPLE}) g on conflict do nothing`)
  await client.query(`
    insert into postings (reference, kind, description, bot, details, digest)
    select 'bench-' || g, 'payment', 'operation number ' || g, 'main', '{"payment": "0123456789abcdef"}', ''
    from generate_series(1, ${ROWS}) g`)
  await client.query(`
    insert into entries (posting_id, person_id, asset, amount, balance_after)
    select id, 1 + id % ${PEOPLE}, case when id % 3 = 0 then 'RUB' else 'TOK' end, 100 + id % 1000, id
    from postings where reference like 'bench-%'`)
  await client.query(`set session_replication_role = origin`)
  await client.query('vacuum analyze entries, postings, persons')
}
