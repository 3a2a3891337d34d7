import { sql as q } from 'kysely'
import type { FastifyInstance } from 'fastify'
import { throughProxy } from '#shared/door.ts'
import type { DoorContext } from '#shared/door.ts'
import { stateOfServers } from '#shared/queue/primaries.ts'

const CHECK_MS = 2_000

/**
 * `GET /healthz`: the process answers. `GET /readyz`: 200 when it can do its work (the queue is reachable, the
 * database too for doors that need it, and Telegram accepts our address), else 503 with the name of the failing part.
 * `GET /metrics`: Prometheus text.
 */
export async function healthRoutes(app: FastifyInstance, context: DoorContext): Promise<void> {
  app.get('/healthz', async () => ({ ok: true }))

  app.get('/readyz', async (_request, reply) => {
    const [queue, database] = await Promise.all([
      stateOfServers(context.backend.servers),
      // By hand: the statement reads no table.
      works(() => context.db.rows(q`select 1`)),
    ])
    // If Telegram refuses the address of every bot, PUBLIC_URL is wrong. Not being ready keeps the processes of the
    // release before at work.
    const refused = context.webhooksRefused?.()
    // While one of several queue servers is away, the doors still take what belongs to the others.
    const ready = queue.some && refused === undefined
    const parts = { ...queue.parts, database, telegram: refused ?? context.config.telegram.mode }
    return reply
      .code(ready ? 200 : 503)
      .send({ ready, degraded: ready && (database !== 'ok' || queue.away.length > 0), parts })
  })

  app.get('/metrics', async ({ headers }, reply) => {
    // The metrics show how much the shop sells, so they are hidden from callers that come through the public address.
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
