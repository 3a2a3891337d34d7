import { catalogue } from '#shop/jobs.ts'
import { buildGateway } from '#gateway/gateway.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import type { KeyScope } from '#shop/balance-api/keys.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { answerChecker } from './api-description.ts'
import { openShop } from './shop.ts'

export const TOKEN = '100:AAshopshopshopshopshopshop'

export interface Reply {
  status: number
  headers: Headers
  // Answers are checked against the description where their shape matters.
  body: Record<string, any> // oxlint-disable-line typescript/no-explicit-any
}

/** A gateway over a database of its own, and callers with keys. */
export async function openApiShop() {
  const shop = await openShop({
    bots: [{ name: 'shop', token: TOKEN }],
    workers: [],
    gateway: false,
    connections: 10,
    proxied: false,
  })
  const { db, config, database, redis } = shop
  async function openGateway(gatewayDb: Db) {
    const backend = await openBackend({ kind: 'redis', url: redis }, config.queuePrefix)
    const producer = openProducer(backend, catalogue, secretsFrom(config))
    const app = await buildGateway({
      ...shop.shared,
      metrics: createMetrics(),
      backend,
      producer,
      db: gatewayDb,
    })
    shop.onClose(async () => {
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
      shop.onClose(() => own.close())
      const gateway = await openGateway(own)
      return gateway.url
    },
    db,
    config,
    settings: createSettings(db, config),
    databaseUrl: database.url,
    redisUrl: redis,
    app,
    /** A caller with a fresh key, who compares every answer with the description. */
    async caller(
      bot: string,
      scopes: KeyScope[] = ['read', 'write', 'sessions', 'codes'],
      perMinute = 1_000_000,
    ) {
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
    close: shop.close,
  }
}
export type ApiShop = Awaited<ReturnType<typeof openApiShop>>
