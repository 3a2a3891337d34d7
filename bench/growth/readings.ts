import pg from 'pg'

/*
 * What statements read, as PostgreSQL counts it: the same number on a busy machine and on an idle one. Its module
 * auto_explain sends the plan of each statement, those of triggers and functions among them, to whoever ran it.
 */

export interface Reading {
  text: string
  /** Rows and entries of indexes that were looked at, those that a condition threw away as well. */
  rows: number
  /** Pages of 8 kB, those of indexes among them: an index may be walked without a row. */
  blocks: number
  plan: Plan
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Plans?: Plan[]
}

const SETTINGS = {
  session_preload_libraries: "'auto_explain'",
  client_min_messages: 'log',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
}

/**
 * From now on each new connection to the database gets the plans of what it runs.
 * @param more further settings for those connections, such as `plan_cache_mode`
 */
export async function explainEverything(
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>('select current_database() as name')
    for (const [name, value] of Object.entries({ ...SETTINGS, ...more }))
      await client.query(`alter database "${rows[0]!.name}" set ${name} = ${value}`)
  } finally {
    await client.end()
  }
}

/** @returns what takes the readings since it was called last */
export async function followReadings(pool: pg.Pool): Promise<() => Reading[]> {
  let readings: Reading[] = []
  const follow = (client: pg.PoolClient) =>
    client.on('notice', ({ message = '' }) => {
      const begin = message.indexOf('{')
      if (!/^duration: .* plan:/.test(message)) return
      const { 'Query Text': text, Plan: plan } = JSON.parse(message.slice(begin)) as {
        'Query Text': string
        Plan: Plan
      }
      const blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
      readings.push({ text: text.replaceAll(/\s+/g, ' ').trim(), rows: rowsOf(plan), blocks, plan })
    })
  const open = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()))
  for (const client of open) {
    follow(client)
    client.release()
  }
  pool.on('connect', follow)
  return () => {
    const taken = readings
    readings = []
    return taken
  }
}

const SCANS = /^(Seq|Index|Index Only|Bitmap Heap|Sample|Tid|Tid Range) Scan$/

function rowsOf(plan: Plan): number {
  const loops = plan['Actual Loops'] ?? 0
  const each =
    (plan['Actual Rows'] ?? 0) +
    (plan['Rows Removed by Filter'] ?? 0) +
    (plan['Rows Removed by Index Recheck'] ?? 0)
  const own = SCANS.test(plan['Node Type']) ? Math.round(loops * each) : 0
  return (plan.Plans ?? []).reduce((sum, part) => sum + rowsOf(part), own)
}

/** The scans of a plan, each in a line. */
export function scansOf(plan: Plan, depth = 0): string[] {
  const { Plans: parts = [], 'Node Type': kind } = plan
  const more = parts.flatMap((part) => scansOf(part, depth + 1))
  if (!SCANS.test(kind)) return more
  const of = (name: string) => {
    const value = (plan as unknown as Record<string, string | number | undefined>)[name]
    return value === undefined ? '' : ` ${name.toLowerCase()} ${value}`
  }
  const words = ['Relation Name', 'Index Name', 'Actual Rows', 'Actual Loops', 'Rows Removed by Filter']
  return [`${kind}${words.map(of).join('')}${of('Index Cond')}${of('Filter')}`, ...more]
}

const MOST_RATIO = 3
/** Below these numbers a ratio says nothing. */
const FEW_ROWS = 300
const FEW_BLOCKS = 300

/** The statements that read more than three times what the same statement read in a smaller shop. */
export function growing(
  small: readonly Reading[],
  big: readonly Reading[],
): (Reading & { before: Reading | undefined })[] {
  const most = (readings: readonly Reading[]) => {
    const found = new Map<string, Reading>()
    for (const one of readings) {
      const met = found.get(one.text)
      if (!met || one.rows + one.blocks > met.rows + met.blocks) found.set(one.text, one)
    }
    return found
  }
  const earlier = most(small)
  return [...most(big).values()].flatMap((one) => {
    const before = earlier.get(one.text)
    const grows = (name: 'rows' | 'blocks', few: number) =>
      one[name] > few && one[name] > MOST_RATIO * (before?.[name] ?? few)
    return grows('rows', FEW_ROWS) || grows('blocks', FEW_BLOCKS) ? [{ ...one, before }] : []
  })
}
