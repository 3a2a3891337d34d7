import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { buildGateway } from '#gateway/gateway.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import type { KeyScope } from '#shop/balance-api/keys.ts'
import { readConfig } from '#shop/config.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { prove } from '#shared/money/proof.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { answerChecker } from './api-description.ts'
import { createDatabase } from './database.ts'
import { redisUrl } from './redis.ts'

export const TOKEN = '100:AAshopshopshopshopshopshop'

export interface Reply {
  status: number
  headers: Headers
  // Answers are checked against the description where their shape matters.
  body: Record<string, any> // oxlint-disable-line typescript/no-explicit-any
}

/** A gateway over a database of its own, and callers with keys. */
export async function openApiShop() {
  const database = await createDatabase()
  const redis = await redisUrl()
  const config = readConfig({
    BOTS: JSON.stringify([{ name: 'shop', token: TOKEN }]),
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
  })
  const log = createLog({ level: config.logLevel, name: 'test' })
  const db = await openDb(database.url, { max: 10, name: 'api-test' })
  await registerBots(db, config.bots)
  const stops: (() => Promise<unknown>)[] = []
  async function openGateway(gatewayDb: Db) {
    const backend = await openBackend({ kind: 'redis', url: redis }, 'api')
    const producer = openProducer(backend, catalogue, secretsFrom(config))
    const app = await buildGateway({
      config,
      log,
      metrics: createMetrics(),
      backend,
      goods,
      producer,
      db: gatewayDb,
    })
    stops.push(async () => {
      await app.close()
      await backend.close()
    })
    return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
  }
  const { app, url } = await openGateway(db)
  const { check } = await answerChecker(url)

  return {
    url,
    /** One more gateway of the same shop, with connections of its own to PostgreSQL and Redis. @returns its address */
    async anotherGateway(): Promise<string> {
      const own = await openDb(database.url, { max: 4, name: 'api-test' })
      const gateway = await openGateway(own)
      stops.push(() => own.close())
      return gateway.url
    },
    db,
    config,
    settings: createSettings(db, config),
    databaseUrl: database.url,
    redisUrl: redis,
    app,
    /** A caller with a fresh key, who compares every answer with the description. */
    async caller(bot: string, scopes: KeyScope[] = ['read', 'write', 'sessions'], perMinute = 1_000_000) {
      const { id, key } = await createKey(db, { bot, name: '', scopes, perMinute })
      const call = async (
        method: string,
        path: string,
        body?: unknown,
        headers: Record<string, string> = {},
      ): Promise<Reply> => {
        const reply = await fetch(url + path, {
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        const answer = (await reply.json()) as Reply['body']
        check(method, path, reply.status, reply.headers.get('content-type') ?? '', answer)
        return { status: reply.status, headers: reply.headers, body: answer }
      }
      return {
        id,
        key,
        call,
        entry: (
          person: string,
          asset: string,
          amount: string,
          idempotencyKey: string,
          description = 'test',
        ) =>
          call(
            'POST',
            `/v1/users/${person}/entries`,
            { asset, amount, description },
            { 'idempotency-key': idempotencyKey },
          ),
      }
    },
    async close(): Promise<void> {
      const proof = await prove(db)
      for (const stop of stops) await stop()
      await db.close()
      await database.drop()
      if (!proof.ok)
        throw new Error(`the ledger does not add up: ${JSON.stringify(proof.wrongWallets.length)}`)
    },
  }
}
export type ApiShop = Awaited<ReturnType<typeof openApiShop>>
