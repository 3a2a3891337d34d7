import { appendFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { migrate } from '#shared/db/migrate.ts'
import { isLoaded, load } from './growth/load.ts'
import { panel, statistics } from './growth/panel.ts'
import { screens } from './growth/screens.ts'
import { explainEverything, growing, scansOf } from './growth/readings.ts'
import { countRowsOf, openGrownShop, timeStatements } from './growth/shop.ts'
import type { Figure, GrownShop } from './growth/shop.ts'
import { apiCalls, catchUp, exportRows, onePerson, sweeps } from './growth/work.ts'
import { openBenchStage } from './lib/stage.ts'

// What a screen, a sweep and a call of the API cost with 10 thousand people and with a million, a year of each. A line
// is marked where a million cost more than three times as much, or a sweep has a statement above 50 ms.
// `--people 10000,100000` loads other numbers, `--only 'fragment|story'` times what is called so,
// `--keep FOLDER` leaves what was loaded there for the next run. `--parts panel,sweeps` does not time the rest.
// `--rows` counts what is read instead of timing it, which a busy machine changes nothing of.
// `--plans FILE` writes down how PostgreSQL goes about the longest statement of each line with the larger number.

const { values: flags } = parseArgs({
  options: {
    people: { type: 'string', default: '10000,1000000' },
    only: { type: 'string' },
    keep: { type: 'string' },
    parts: { type: 'string' },
    plans: { type: 'string' },
    rows: { type: 'boolean', default: false },
  },
})
const SIZES = flags.people.split(',').map(Number)
if (SIZES.length !== 2 || !SIZES.every((size) => Number.isInteger(size) && size >= 1_000)) {
  console.error('--people takes two numbers of people, 1000 at least: --people 10000,100000')
  process.exit(1)
}
const only = flags.only === undefined ? undefined : new RegExp(flags.only)
const MOST_RATIO = 3
const MOST_SWEEP_MS = 50
/** Below this time a ratio only shows the noise of the machine. */
const NOISE_MS = 8
/** The goal for the 95th percentile of a list of the panel. */
const MOST_PANEL_MS = 100
/** The goal for a year of the panel's statistics. */
const MOST_STATISTICS_MS = 300
const PARTS = { screens, panel, statistics, sweeps, apiCalls, onePerson, exportRows }
const parts = flags.parts?.split(',') ?? Object.keys(PARTS)

const infra = await openBenchStage(flags.keep)
try {
  const urls = [await another(infra.databaseUrl, 'growth_small'), infra.databaseUrl]
  for (const [index, size] of SIZES.entries()) {
    if (await isLoaded(urls[index]!, size)) continue
    const begun = performance.now()
    await load(urls[index]!, size)
    console.log(`${size} people are there after ${Math.round((performance.now() - begun) / 1000)} s`)
  }
  await measure(infra.queue, urls)
} finally {
  await infra.stop()
}
process.exit(0)

/** A second database on the same server, so that a busy minute of the machine meets both sizes. */
async function another(databaseUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query('select from pg_database where datname = $1', [name])
  if (rows.length === 0) await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  await migrate(String(url))
  return String(url)
}

async function measure(queue: typeof infra.queue, urls: string[]): Promise<void> {
  if (flags.rows) for (const url of urls) await explainEverything(url)
  else timeStatements()
  const shops = await Promise.all(SIZES.map((size, index) => openGrownShop(queue, urls[index]!, size)))
  try {
    for (const shop of shops) await catchUp(shop)
    for (const [title, work] of Object.entries(PARTS)) {
      if (!parts.includes(title)) continue
      console.log(`\n${title}, load ${loadavg()[0]!.toFixed(1)}`)
      const [small, big] = [await look(work, shops[0]!), await look(work, shops[1]!)]
      if (flags.rows) printReadings(small, big)
      else print(title, small, big)
      if (flags.plans !== undefined) await keepPlans(flags.plans, shops[1]!, big)
    }
  } finally {
    for (const shop of shops) await shop.close()
  }
}

async function look(work: (typeof PARTS)['screens'], shop: GrownShop): Promise<Map<string, Figure>> {
  if (flags.rows) await countRowsOf(shop)
  return await work(shop, only)
}

/** Says which statements read more than three times as much with the larger number of people. */
function printReadings(small: Map<string, Figure>, big: Map<string, Figure>): void {
  const rows = [...big].flatMap(([name, { ms, readings = [] }]) => {
    const before = small.get(name)
    return growing(before?.readings ?? [], readings).map((one) => ({
      name,
      [`${SIZES[0]}, rows`]: before?.ms ?? '',
      [`${SIZES[1]}, rows`]: ms,
      'of the statement': `${one.rows} rows, ${one.blocks} blocks`,
      before: one.before ? `${one.before.rows} rows, ${one.before.blocks} blocks` : '',
      statement: one.text.slice(0, 200),
      plan: scansOf(one.plan).join('; '),
    }))
  })
  console.log(`${rows.length} marked of ${big.size}`)
  for (const row of rows) console.log(row)
}

function print(title: string, small: Map<string, Figure>, big: Map<string, Figure>): void {
  const rows = [...big].map(([name, figure]) => {
    const before = small.get(name)
    const [least, most] = [before && (before.leastMs ?? before.ms), figure.leastMs ?? figure.ms]
    const ratio = least && most / least
    const grows = ratio !== undefined && ratio > MOST_RATIO && most > NOISE_MS
    const isLong =
      (title === 'sweeps' && figure.statementMs > MOST_SWEEP_MS) ||
      (title === 'panel' && figure.ms > MOST_PANEL_MS) ||
      (title === 'statistics' && figure.ms > MOST_STATISTICS_MS)
    return {
      name,
      [`${SIZES[0]} ms`]: before?.ms.toFixed(1) ?? '',
      [`${SIZES[1]} ms`]: figure.ms.toFixed(1),
      ...(figure.leastMs !== undefined && { 'least ms': figure.leastMs.toFixed(1) }),
      ratio: ratio?.toFixed(2) ?? '',
      'longest statement ms': figure.statementMs.toFixed(1),
      '': [grows && 'GROWS', isLong && 'LONG', (grows || isLong) && figure.statement.slice(0, 60)]
        .filter(Boolean)
        .join(' '),
    }
  })
  console.table(rows)
}

/** Keeps the plans of statements that write nothing, because explaining a statement runs it. */
async function keepPlans(
  file: string,
  { app: { db } }: GrownShop,
  figures: Map<string, Figure>,
): Promise<void> {
  for (const [name, { query, ms }] of figures) {
    if (!query || !/^(select|with)/i.test(query.text)) continue
    if (/\b(insert into|update|delete from|for update)\b/i.test(query.text)) continue
    const plan = await db.rows<{ 'QUERY PLAN': string }>({
      text: `explain (analyze, buffers, costs off, timing off) ${query.text}`,
      values: query.values,
    })
    const lines = plan.map((row) => row['QUERY PLAN'])
    await appendFile(file, `\n${name}: ${ms.toFixed(1)} ms\n${query.text}\n${lines.join('\n')}\n`)
  }
}
