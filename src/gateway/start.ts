import type { FastifyInstance } from 'fastify'
import { openDb } from '#shared/db/db.ts'
import { onceDatabaseAnswers } from '#shared/db/wait.ts'
import { replicaOf } from '#shared/context.ts'
import type { Shared } from '#shared/context.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { keepRoster } from '#shared/telegram/roster.ts'
import { createConnections } from './connections.ts'
import { buildGateway } from './gateway.ts'

/**
 * A page or a call of the Balance API waits no longer for a statement. Without an end, a database that is silent would
 * keep every connection of the pool, also after its return.
 */
const STATEMENT_MS = 20_000

export interface RunningGateway {
  url: string
  /** Resolves when every bot is connected with Telegram or refused by it. */
  connected(): Promise<void>
  stop(): Promise<void>
}

/** Opens the doors, then connects every bot with Telegram, now and whenever an owner adds or removes one. */
export async function startGateway(shared: Shared, databaseUrl: string): Promise<RunningGateway> {
  const log = shared.log.child({ worker: 'gateway' })
  const { preparedStatements: prepared } = shared.config
  const db = await openDb(databaseUrl, {
    max: 10,
    name: 'gateway',
    prepared,
    statementMs: STATEMENT_MS,
    replica: replicaOf(shared.config, log),
  })
  shared.metrics.watchPool('gateway', db.pool)
  if (db.replica) shared.metrics.watchReplica('gateway', db.replica)
  const context = { ...shared, log, db }
  const secrets = secretsFrom(shared.config)
  let connections: ReturnType<typeof createConnections> | undefined
  const roster = keepRoster({ ...context, secrets }, () => connections?.follow(roster.bots))
  const { host, port } = shared.config.gateway
  const app: FastifyInstance = await buildGateway({
    ...context,
    bots: roster.bots,
    webhooksRefused: () => connections?.webhooksRefused(),
  })
  const url = await app.listen({ host, port })
  await onceDatabaseAnswers(log, async () => {
    await registerBots(db, shared.config.bots)
    await roster.refresh()
  })
  // At a start each parked bot is tried again, because the settings may have a new token.
  for (const bot of roster.bots.values()) bot.parked = false
  connections = createConnections(context)
  connections.follow(roster.bots)

  return {
    url,
    connected: () => connections!.connected(),
    async stop() {
      roster.stop()
      await connections?.stop()
      await app.close()
      await db.close()
    },
  }
}
