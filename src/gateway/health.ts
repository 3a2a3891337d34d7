import { sql as q } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { throughProxy } from '#shared/door.ts'
import type { DoorContext } from '#shared/door.ts'
import { stateOfServers } from '#shared/queue/primaries.ts'

const CHECK_MS = 2_000

/**
 * `GET /healthz`: this process answers. `GET /readyz`: it can do its work (the queue is reachable, the database too for
 * what needs it, and Telegram takes the address of our door), else 503 with the failing part named. `GET /metrics`: Prometheus text.
 */
export async function healthRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  app.get('/healthz', async () => ({ ok: true }))

  app.get('/readyz', async (_request, reply) => {
    const [queue, database] = await Promise.all([
      stateOfServers(context.backend.servers),
      // By hand: it reads no table.
      works(() => context.db.rows(q`select 1`)),
    ])
    // An address that Telegram takes for no bot is a wrong PUBLIC_URL: those of the release before shall go on.
    const refused = context.webhooksRefused?.()
    // With one of several servers away the doors take what belongs to the others.
    const ready = queue.some && refused === undefined
    const parts = { ...queue.parts, database, telegram: refused ?? context.config.telegram.mode }
    return reply
      .code(ready ? 200 : 503)
      .send({ ready, degraded: ready && (database !== 'ok' || queue.away.length > 0), parts })
  })

  app.get('/metrics', async ({ headers }, reply) => {
    // The figures say how much the shop sells, so no caller from the public address reads them.
    if (throughProxy(headers)) return reply.code(404).send({ title: 'No such route' })
    return reply
      .header('content-type', context.metrics.registry.contentType)
      .send(await context.metrics.registry.metrics())
  })
}

async function works(check: () => Promise<unknown>): Promise<string> {
  try {
    const timeout = new Promise((_, reject) =>
      setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS).unref(),
    )
    await Promise.race([check(), timeout])
    return 'ok'
  } catch (error) {
    return (error as Error).message || 'does not answer'
  }
}
