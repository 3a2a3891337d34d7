// A server of its own, so that it does not share an event loop with the load: `ours` is the Balance API, `bare` fastify
// routes that run the same statements on a pool of the same size, write the same JSON and do nothing else.
import { catalogue } from '#shop/jobs.ts'
import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { entryStatement, walletStatement } from '#shop/balance-api/money.ts'
import { buildGateway } from '#gateway/gateway.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import { readConfig } from '#shop/config.ts'
import { openDb } from '#shared/db/db.ts'
import { postingStatement, transfer } from '#shared/money/ledger.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'

interface Wallet {
  assets: string[]
  available: string[]
  held: string[]
  address: string | null
}

const [which, target = '', databaseUrl = ''] = process.argv.slice(2)
const db = await openDb(databaseUrl, { max: 10, name: `bench-${which}` })

if (which === 'bare') {
  const app = fastify()
  app.get<{ Params: { id: string } }>('/v1/users/:id/balance', async (request) => {
    const { id } = request.params
    const [wallet] = await db.rows<Wallet>(walletStatement(BigInt(id)))
    const { assets, available, held, address } = wallet!
    const balances = assets.map((asset, at) => ({ asset, available: available[at], held: held[at] }))
    return { telegramId: id, balances, total: { asset: 'RUB', amount: '0.00' }, walletAddress: address }
  })
  app.post<{ Params: { id: string } }>('/v1/users/:id/entries', async (request, reply) => {
    const reference = `bench-${randomUUID()}`
    const person = { person: BigInt(request.params.id) }
    const money = { asset: 'TOK', amount: 1n } as const
    await db.rows(
      postingStatement(transfer({ system: 'api:bench' }, person, money, { reference, kind: 'entry' })),
    )
    const [row] = await db.rows<Record<string, unknown>>(entryStatement(reference))
    const text = JSON.stringify(row, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    return reply.code(201).type('application/json').send(text)
  })
  console.log(`ready ${await app.listen({ port: 0 })} none`)
} else {
  const config = readConfig({ ...process.env, BOT_TOKEN: `123456:${'A'.repeat(35)}` })
  const backend = await openBackend(JSON.parse(target) as QueueTarget, 'bench-api')
  const log = createLog({ level: 'warn', name: 'bench' })
  const { key } = await createKey(db, {
    bot: 'bench',
    name: '',
    scopes: ['read', 'write'],
    perMinute: 1_000_000,
  })
  const context = {
    config,
    log,
    metrics: createMetrics(),
    backend,
    producer: openProducer(backend, catalogue),
    db,
  }
  const app = await buildGateway(context as never)
  console.log(`ready ${await app.listen({ port: 0 })} ${key}`)
}
