import type { Config } from '#shared/config/config.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { checkPooler } from './check-pooler.ts'
import { checkDatabase, checkQueue, checkSecrets } from './checks.ts'
import { ok } from './findings.ts'
import type { Finding } from './findings.ts'

/** Checks what must be right before anything is started: Node, the keys, the database with its schema, the queue. */
export async function checkSetup(
  config: Config,
  servers: { databaseUrl: string; queue: QueueTarget },
): Promise<Finding[]> {
  const database = await checkDatabase(servers.databaseUrl, config)
  const reachable = database.every(({ level }) => level !== 'fail')
  return [
    ok('node', `Node ${process.versions.node}`),
    ...checkSecrets(config),
    ...database,
    ...(reachable ? await checkPooler(servers.databaseUrl) : []),
    ...(await checkQueue(servers.queue, config.queuePrefix)),
  ]
}
