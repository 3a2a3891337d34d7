import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { defaults } from '../../sandbox/fragment/settings.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { draftOrder, reserveOrder } from '#shop/stars-premium/orders.ts'
import { newId } from '#shared/ids.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import type { Infra } from '../../bin/infra/start.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { readOrder } from '#shared/money/orders.ts'
import { ensurePerson } from '#shared/people.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { keepsStatements, startPgBouncer } from '../../tests/lib/pgbouncer.ts'
import { onPath } from '../../tests/lib/requirements.ts'
import { median } from '../lib/compare.ts'
import { start } from './process.ts'
import type { Started } from './process.ts'

const ORDERS = 240
const ROUNDS = 3
const PRICE = 9_000n
/** How long the reseller takes to answer, in ms: waiting is what this worker does most. */
const ANSWER_MS = 200
/** As docs/scaling.md says that a pooler in transaction mode has to be set. */
const POOLER = {
  ignore_startup_parameters: 'idle_in_transaction_session_timeout',
  default_pool_size: 40,
  ...(keepsStatements() && { max_prepared_statements: 500 }),
}
/** How many processes there are, whether PgBouncer is before PostgreSQL, and whether their queue is on a second Redis. */
const WAYS = [
  { count: 1 },
  { count: 2 },
  { count: 4 },
  { count: 1, pooler: true },
  { count: 4, pooler: true },
  { count: 4, second: true },
  { count: 4, pooler: true, second: true },
] as const

/** Orders a second with 1, 2 and 4 processes of the fragment worker, which mostly waits for the reseller. */
export async function benchReplicas(infra: Infra): Promise<void> {
  const reseller = await start('sandbox/fragment/main.ts', [], {}, /^http/)
  const control = (action: string, body: unknown) =>
    fetch(`${reseller.line.replace(/\/v1$/, '')}/control/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
  await control('settings', { stepMs: 0 })
  await control('faults', [{ on: 'order', times: -1, what: { kind: 'delay-before', ms: ANSWER_MS } }])
  const db = await openDb(infra.databaseUrl, { max: 5, name: 'bench' })
  const env = workerEnv(infra, reseller.line)
  await registerBots(db, [{ name: 'main' }] as never)
  const dataDir = await mkdtemp(join(tmpdir(), 'telekassa-bench-second-'))
  const second = await startRedis({ dataDir, log: { info: () => {}, warn: console.warn }, fsync: 'always' })
  const pooler = onPath('pgbouncer') ? await startPgBouncer(infra.databaseUrl, POOLER) : undefined
  const rows = WAYS.filter((way) => pooler || !('pooler' in way)).map((way) => ({
    count: way.count,
    pooler: 'pooler' in way,
    second: 'second' in way,
    rates: [] as number[],
  }))
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const row of rows) {
        const own = {
          ...env,
          ...(row.pooler && {
            DATABASE_URL: pooler!.url,
            PREPARED_STATEMENTS: keepsStatements() ? 'on' : 'off',
          }),
          ...(row.second && { REDIS_QUEUES: JSON.stringify({ fragment: second.url }) }),
        }
        const workers = await Promise.all(
          Array.from({ length: row.count }, () =>
            start('bin/worker.ts', ['fragment'], own, /workers are ready/),
          ),
        )
        row.rates.push(await deliver(db))
        await Promise.all(workers.map((worker) => worker.stop()))
      }
    }
    const single = rows[0]!.rates
    console.table(
      rows.map(({ rates, ...row }) => ({
        'fragment processes': row.count,
        PgBouncer: row.pooler ? 'yes' : 'no',
        'Redis servers': row.second ? 2 : 1,
        'orders/s': Number(median(rates).toFixed(1)),
        'ratio to one': median(rates.map((figure, round) => figure / single[round]!)).toFixed(2),
      })),
    )
    await weighRoles(infra, env, db)
  } finally {
    await db.close()
    await pooler?.stop()
    await second.stop()
    await rm(dataDir, { recursive: true, force: true })
    await reseller.stop()
  }
}

export function workerEnv({ databaseUrl, queue }: Infra, resellerUrl: string): Record<string, string> {
  if (queue.kind !== 'redis')
    throw new Error('this bench runs several processes: it needs redis-server on PATH')
  return {
    BOTS: JSON.stringify([{ name: 'main', token: `123456:${'A'.repeat(35)}`, admins: ['1'] }]),
    TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
    BOT_MODE: 'polling',
    DATABASE_URL: databaseUrl,
    REDIS_URL: queue.url,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    LOG_LEVEL: 'info',
    PORT: '0',
    FRAGMENT_API_URL: resellerUrl,
    FRAGMENT_API_KEY: defaults.apiKey,
    FRAGMENT_PHONE_NUMBER: defaults.phoneNumber,
    FRAGMENT_MNEMONICS: defaults.mnemonics.join(' '),
  }
}

const RECIPIENT = { username: 'alice', name: 'Alice', photo: null, hasPremium: null, telegramId: null }
let people = 1_000n

/** @returns orders a second, from the first confirmation to the last delivery */
async function deliver(db: Db): Promise<number> {
  const quote = { goods: { kind: 'stars', quantity: 50 }, price: PRICE, way: 'fragment' } as never
  const ids: string[] = []
  for (let n = 0; n < ORDERS; n++) {
    const personId = (people += 1n)
    const id = newId()
    await ensurePerson(db, personId, 'main')
    const words = { reference: `bench-${id}`, kind: 'adjustment' as const }
    const money = { asset: 'RUB' as const, amount: PRICE }
    await post(db, transfer({ system: 'adjustments' }, { person: personId }, money, words))
    await draftOrder(db, { id, personId, bot: 'main', quote, recipients: [RECIPIENT] })
    ids.push(id)
  }
  const begun = performance.now()
  await db.tx(async (tx) => {
    for (const id of ids)
      await reserveOrder(tx, { ...(await readOrder(tx, id, true))!, price: PRICE }, 'bench')
  })
  const written = performance.now()
  for (;;) {
    const [row] = await db.rows(q<{ n: bigint }>`
      select count(*) as n from orders where id = any(${ids}) and state = 'delivered'`)
    // Everything is confirmed in one transaction, so the workers begin when that transaction ends.
    if (row!.n === BigInt(ORDERS)) return (ORDERS * 1000) / (performance.now() - Math.max(begun, written))
    await sleep(20)
  }
}

/** The memory and connections that one idle process of each role takes. */
async function weighRoles(infra: Infra, env: Record<string, string>, db: Db): Promise<void> {
  const redis = new Redis((infra.queue as { url: string }).url)
  const clients = async () =>
    String(await redis.client('LIST'))
      .trim()
      .split('\n').length
  const backends = async () => {
    const [row] = await db.rows(q<{ n: number }>`
      select count(*)::int as n from pg_stat_activity where datname = current_database()`)
    return row!.n
  }
  const rows: Record<string, string | number>[] = []
  for (const role of ['gateway', 'bot', 'billing', 'fragment', 'images', 'broadcasts', 'exports', 'upkeep']) {
    const before = [await clients(), await backends()] as const
    const running: Started =
      role === 'gateway'
        ? await start('bin/gateway.ts', [], env, /gateway is ready/)
        : await start('bin/worker.ts', [role], env, /workers are ready/)
    await sleep(4_000)
    rows.push({
      role,
      'memory, MiB': running.memory(),
      'Redis connections': (await clients()) - before[0],
      'PostgreSQL connections': (await backends()) - before[1],
    })
    await running.stop()
    await sleep(500)
  }
  console.table(rows)
  await redis.quit()
}
