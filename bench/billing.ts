import { catalogue } from '#shop/jobs.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import pg from 'pg'
import { environment, KEYS } from '../sandbox/payments/start.ts'
import { readConfig } from '#shop/config.ts'
import { openDb, type Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import type { Infra } from '../bin/infra/start.ts'
import { createPayments } from '#shop/payments/payments.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { confirmAbove } from '#shop/payments/settings.ts'
import { phpJson, sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { paymentWebhook } from '#shop/payments/jobs.ts'
import { openProducer, type Producer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { billing } from '#workers/billing/worker.ts'
import { bareSettlement, makeBareLedger } from './lib/bare-ledger.ts'
import { inTurns, median } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'
import { cpuOf, postmaster, redisServer } from './lib/cpu.ts'

/** Webhooks in one round; each pays an invoice of a person of its own. */
const COUNT = 1_200
/** Webhooks that each worker is given first, because V8 compiles a worker while it works. */
const WARM_UP = 1_500
/** A round of which nothing is credited for this long has failed. */
const STUCK_MS = 60_000

/**
 * Webhooks credited per second, with look-ups off, by one and by three billing processes. The baseline is the smallest
 * credit that is still double entry and happens once: one statement on plain tables (lib/bare-ledger.ts), by as many bare
 * connections as the workers have. The workers do what the shop promises beyond that: the queue, the event's story, the
 * state of the payment, guards in the database, and what is owed to the person.
 */
export async function benchBilling(infra: Infra): Promise<Result[]> {
  const shop = await openCredits(infra)
  const results: Result[] = []
  for (const count of [1, 3]) {
    const workers = await Promise.all(Array.from({ length: count }, () => shop.startWorker()))
    await shop.drain(await shop.makeEvents(WARM_UP * count))
    const cpu = { ours: [] as number[], baseline: [] as number[] }
    const measured = async (which: keyof typeof cpu, pids: number[], run: () => Promise<number>) => {
      const before = shop.cpuOf(which, pids)
      const rate = await run()
      cpu[which].push((shop.cpuOf(which, pids) - before) / COUNT)
      return rate
    }
    const pids = workers.map(({ pid }) => pid!)
    const figures = await inTurns(
      async () => {
        const events = await shop.makeEvents(COUNT)
        return await measured('ours', pids, () => shop.drain(events))
      },
      () =>
        settleBarely(infra.databaseUrl, COUNT, billing.poolSize * count, (run) =>
          measured('baseline', [], run),
        ),
    )
    const name = `webhooks credited, ${count} billing worker(s)`
    results.push({ name, ...figures, unit: '/s', goal: 0.25 })
    results.push({
      name: `${name}, processor time`,
      ours: median(cpu.ours),
      baseline: median(cpu.baseline),
      ratio: median(cpu.ours.map((ms, round) => ms / cpu.baseline[round]!)),
      unit: 'ms',
      smaller: true,
    })
    for (const worker of workers) worker.kill('SIGTERM')
    await Promise.all(workers.map((worker) => once(worker, 'exit')))
  }
  await shop.close()
  return results
}

/** A shop whose vendor tells of payments; `bench/profile.ts` looks at the same. */
export async function openCredits({ databaseUrl, queue }: Infra) {
  if (queue.kind !== 'redis') throw new Error('several billing processes need redis-server on PATH')
  const env: Record<string, string> = {
    ...environment({ heleket: 'http://127.0.0.1:9' }),
    BOTS: JSON.stringify([{ name: 'main', token: `100:${'A'.repeat(35)}` }]),
    DATABASE_URL: databaseUrl,
    REDIS_URL: queue.url,
    QUEUE_PREFIX: 'bench-billing',
    TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
    ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const config = readConfig(env)
  const db = await openDb(databaseUrl, { max: 10, name: 'bench' })
  await registerBots(db, config.bots)
  await createSettings(db, config).set(db, confirmAbove, { value: '999999999999', by: 1n })
  const backend = await openBackend(queue, config.queuePrefix)
  const producer = openProducer(backend, catalogue, secretsFrom(config))
  const servers = [await postmaster(databaseUrl), await redisServer(queue.url)]
  return {
    servers,
    startWorker: (nodeArgs: string[] = []) => startWorker(env, nodeArgs),
    makeEvents: (count: number) => makeEvents(db, count),
    drain: (events: Event[]) => drain(db, producer, events),
    /**
     * In the baseline the bench itself is the client, so its processor time counts. Our client only puts the
     * webhooks on the queue.
     */
    cpuOf: (which: 'ours' | 'baseline', pids: number[]) =>
      cpuOf([...servers, ...pids]) + (which === 'baseline' ? ownCpu() : 0),
    async close() {
      await backend.close()
      await db.close()
    },
  }
}

const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

interface Event {
  id: string
  body: string
  key: string
}

/** Makes pending payments of as many people, and the webhook that pays each. */
async function makeEvents(db: Db, count: number): Promise<Event[]> {
  const start = BigInt(Date.now()) * 1000n
  const rub = { asset: 'RUB' as const, amount: 100_000n }
  const payments = Array.from({ length: count }, (_, n) => ({
    id: newId(),
    personId: start + BigInt(n),
    bot: 'main',
    provider: 'heleket',
    ...rub,
    creditAsset: rub.asset,
    creditAmount: rub.amount,
  }))
  // One transaction for all: 22,800 payments of a run, each in a transaction of its own, took longer than their credits and
  // the bench did not end within 400 s at a load of 15 to 26.
  await db.tx(async (tx) => {
    const people = payments.map(({ personId }) => personId)
    await tx.rows(q`insert into persons (id) select unnest(${people}::bigint[])`)
    await tx.rows(q`insert into bot_sessions (bot, person_id) select 'main', unnest(${people}::bigint[])`)
    await createPayments(tx, payments)
    await tx.rows(q`
      update payments set state = 'pending', provider_ref = id || '-invoice'
      where id = any(${payments.map(({ id }) => id)})`)
  })
  return payments.map(({ id, personId }) => webhookOf(id, personId))
}

function webhookOf(id: string, personId: bigint): Event {
  const invoice = `${id}-invoice`
  const fields = {
    type: 'payment',
    uuid: invoice,
    order_id: paymentReference({ id, personId, details: {} }),
    amount: '1000.00000000',
    payment_amount: '12.50000000',
    payer_amount: '12.50000000',
    payer_currency: 'USDT',
    currency: 'RUB',
    network: 'tron',
    status: 'paid',
    is_final: true,
  }
  const body = phpJson({ ...fields, sign: sign(phpJson(fields), KEYS.heleket.paymentKey) })
  return { id, body, key: `${invoice}-paid-12.5` }
}

/** Credits per second of bare connections, each in one statement, for as many people. */
async function settleBarely(
  databaseUrl: string,
  count: number,
  connections: number,
  measured: (run: () => Promise<number>) => Promise<number>,
): Promise<number> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: databaseUrl }))
  await Promise.all(clients.map((client) => client.connect()))
  const [first] = clients
  await makeBareLedger(first!)
  const ids = Array.from({ length: count }, () => newId())
  await first!.query(
    `insert into bare_payments (id, person_id, asset, amount, state)
     select id, $2::bigint + n, 'RUB', 100000, 'pending' from unnest($1::text[]) with ordinality as a (id, n)`,
    [ids, Date.now() * 1000],
  )
  let next = 0
  const rate = await measured(async () => {
    const started = performance.now()
    await Promise.all(
      clients.map(async (client) => {
        for (let at = next++; at < count; at = next++) await client.query(bareSettlement(ids[at]!))
      }),
    )
    return (count * 1000) / (performance.now() - started)
  })
  await Promise.all(clients.map((client) => client.end()))
  return rate
}

/** The time from the first webhook on the queue to the last credit. */
async function drain(db: Db, producer: Producer, events: Event[]): Promise<number> {
  const ids = events.map((event) => event.id)
  const started = performance.now()
  await Promise.all(
    events.map(({ key, body }) => producer.add(paymentWebhook, { provider: 'heleket', key, body })),
  )
  // One payment is looked at while the workers work, and after it only those that were not paid with it: a look at all of
  // them takes the database longer than their credits, and several workers end in no order.
  let left = ids
  let progressAt = performance.now()
  while (left.length > 0) {
    // Without the state in the condition, which would lead PostgreSQL through an index of all that are paid.
    const [looked] = await db.rows(q<{ state: string }>`
      select state from payments where id = ${left.at(-1)}`)
    const isStuck = performance.now() - progressAt > STUCK_MS
    if (looked!.state !== 'paid' && !isStuck) await sleep(20)
    else {
      const unpaid = await db.rows(q<{ id: string }>`
        select id from payments where id = any(${left}) and state <> 'paid' order by id`)
      // A webhook that became a dead letter is never paid: a sentence is better than a bench that waits for ever.
      if (isStuck && unpaid.length === left.length)
        throw new Error(
          `${unpaid.length} webhooks are not credited for ${STUCK_MS / 1000} s, ${unpaid[0]!.id} is one`,
        )
      left = unpaid.map(({ id }) => id)
      progressAt = performance.now()
    }
  }
  return (events.length * 1000) / (performance.now() - started)
}

async function startWorker(env: Record<string, string>, nodeArgs: string[]) {
  const child = spawn(
    process.execPath,
    [...nodeArgs, join(import.meta.dirname, '../bin/worker.ts'), 'billing'],
    {
      env: { ALLOW_OWNER_ROLE: 'true', ...process.env, ...env, LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('workers are ready')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)))
  })
  return child
}
