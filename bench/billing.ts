import { catalogue } from '#shop/jobs.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql as q,
} from 'kysely'
import pg from 'pg'
import { environment, KEYS } from '../sandbox/payments/start.ts'
import { readConfig } from '#shop/config.ts'
import { openDb, type Db, type Sql, type Statement } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import type { Infra } from '../bin/infra/start.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { confirmAbove } from '#shop/payments/settings.ts'
import { ensurePerson } from '#shared/people.ts'
import { phpJson, sign } from '#shop/payments/providers/cryptomus-engine/signature.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { paymentWebhook } from '#shop/payments/jobs.ts'
import { openProducer, type Producer } from '#shared/queue/producer.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { settlePayment } from '#shop/payments/worker/settle.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { billing } from '#workers/billing/worker.ts'
import { inTurns } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

/** Webhooks in one round; each pays an invoice of a person of its own. */
const COUNT = 400

/**
 * Webhooks credited per second, with look-ups off, by one and by three billing processes. The baseline is the very SQL
 * of a credit: the statements of `settle` are recorded for real payments in transactions that are rolled back, and
 * played by as many bare connections as the workers have, with nothing else in the process. The workers do the same
 * through Redis, BullMQ, parsing and verdicts, and their relays move the notices that are owed.
 */
export async function benchBilling({ databaseUrl, queue }: Infra): Promise<Result[]> {
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
  const producer = openProducer(backend, catalogue)
  const provider = paymentProviders(config.payments).get('heleket')!
  const results: Result[] = []
  for (const count of [1, 3]) {
    const workers = await Promise.all(Array.from({ length: count }, () => startWorker(env)))
    const figures = await inTurns(
      async () => await drain(db, producer, await makeEvents(db, COUNT)),
      async () => {
        const recorded: Statement[][] = []
        for (const { id, body } of await makeEvents(db, COUNT)) {
          recorded.push(await record(db, id, provider.readWebhook(body)))
        }
        return replay(databaseUrl, recorded, billing.poolSize * count)
      },
    )
    results.push({ name: `webhooks credited, ${count} billing worker(s)`, ...figures, unit: '/s' })
    for (const worker of workers) worker.kill('SIGTERM')
    await Promise.all(workers.map((worker) => once(worker, 'exit')))
  }
  await backend.close()
  await db.close()
  return results
}

interface Event {
  id: string
  body: string
  key: string
}

/** Pending payments of as many people, and the webhook that pays each. */
async function makeEvents(db: Db, count: number): Promise<Event[]> {
  const events: Event[] = []
  const start = BigInt(Date.now())
  for (let n = 0; n < count; n += 1) {
    const id = newId()
    const personId = start * 1000n + BigInt(n)
    const invoice = `${id}-invoice`
    await db.tx(async (tx) => {
      await ensurePerson(tx, personId, 'main')
      const rub = { asset: 'RUB' as const, amount: 100_000n }
      await createPayment(tx, {
        id,
        personId,
        bot: 'main',
        provider: 'heleket',
        ...rub,
        creditAsset: rub.asset,
        creditAmount: rub.amount,
      })
      await movePayment(tx, id, 'pending', { providerRef: invoice })
    })
    const fields = {
      type: 'payment',
      uuid: invoice,
      order_id: paymentReference({ id, personId }),
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
    events.push({ id, body, key: `${invoice}-paid-12.5` })
  }
  return events
}

const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

class Undo extends Error {}

async function record(
  db: Db,
  id: string,
  reading: Parameters<typeof settlePayment>[3],
): Promise<Statement[]> {
  const statements: Statement[] = []
  const listening = (tx: Sql): Sql => ({
    em: tx.em,
    owed: () => {},
    rows: (query) => {
      if ('text' in query) statements.push(query)
      else {
        const { sql, parameters } = query.compile(compiler)
        statements.push({ text: sql, values: [...parameters] })
      }
      return tx.rows(query)
    },
  })
  await db
    .tx(async (tx) => {
      await settlePayment(listening(tx), { bots: new Map(), goods: [] }, id, reading, 'webhook')
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  return statements
}

/** Transactions per second of bare connections that play the recorded statements, prepared as ours are. */
async function replay(databaseUrl: string, recorded: Statement[][], connections: number): Promise<number> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: databaseUrl }))
  await Promise.all(clients.map((client) => client.connect()))
  let next = 0
  const started = performance.now()
  await Promise.all(
    clients.map(async (client) => {
      for (let at = next++; at < recorded.length; at = next++) {
        await client.query('begin')
        for (const statement of recorded[at]!) await client.query(statement)
        await client.query('commit')
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  await Promise.all(clients.map((client) => client.end()))
  return recorded.length / seconds
}

/** From the first webhook on the queue to the last credit. */
async function drain(db: Db, producer: Producer, events: Event[]): Promise<number> {
  const ids = events.map((event) => event.id)
  const started = performance.now()
  await Promise.all(
    events.map(({ key, body }) => producer.add(paymentWebhook, { provider: 'heleket', key, body })),
  )
  for (;;) {
    const [row] = await db.rows(q<{ count: bigint }>`
      select count(*) as count from payments where id = any(${ids}) and state = 'paid'`)
    if (Number(row!.count) === events.length) break
    await sleep(20)
  }
  return (events.length * 1000) / (performance.now() - started)
}

async function startWorker(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../bin/worker.ts'), 'billing'], {
    env: { ...process.env, ...env, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('workers are ready')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)))
  })
  return child
}
