import './lib/require-node.ts'
import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { ConfigError } from '#shared/config/config.ts'
import { replicaOf } from '#shared/context.ts'
import { openDb } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { migrate } from '#shared/db/migrate.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { checkRole } from './lib/check-role.ts'
import { checkCallbacks } from './lib/check-callbacks.ts'
import { checkKeys } from './lib/check-keys.ts'
import { checkFragment } from './lib/check-fragment.ts'
import { checkPayments } from './lib/check-payments.ts'
import { checkDisk, checkUpkeep } from './lib/check-servers.ts'
import { checkSetup } from './lib/check-setup.ts'
import { checkReplica } from './lib/check-replica.ts'
import { checkNames } from './lib/check-names.ts'
import { checkBacklog, checkBots, checkKeptSecrets, checkLedger, checkPrices } from './lib/checks.ts'
import { exitCode, fail, printFindings } from './lib/findings.ts'
import type { Finding } from './lib/findings.ts'
import { tryReadSettings } from './lib/process.ts'
import { openServers } from './lib/servers.ts'

// Checks the set-up and says what to do. Exit code: 0 all is well, 1 something should be better, 2 something is wrong.

const asJson = process.argv.includes('--json')
const findings = await examine()
printFindings(findings, asJson)
process.exit(exitCode(findings))

async function examine(): Promise<Finding[]> {
  const settings = tryReadSettings()
  if (settings instanceof ConfigError) return settings.problems.map((problem) => fail('settings', problem))
  const { config } = settings
  const servers = await openServers(config)
  try {
    // An embedded database belongs to this folder alone, so it is migrated without asking anybody.
    if (!config.databaseUrl) await migrate(servers.databaseUrl)
    const setup = [...(await checkSetup(config, servers)), ...(await checkDisk(config))]
    if (setup.some(({ level }) => level === 'fail')) return setup
    return [...setup, ...(await checkTheRest(config, servers))]
  } finally {
    await servers.stop()
  }
}

async function checkTheRest(
  config: Parameters<typeof checkPayments>[0],
  servers: Parameters<typeof checkSetup>[1],
): Promise<Finding[]> {
  const log = createLog({ level: 'silent', name: 'doctor' })
  const replica = replicaOf(config, log)
  const db = await openDb(servers.databaseUrl, { max: 2, name: 'doctor', prepared: false, replica })
  const backend = await openBackend(servers.queue, config.queuePrefix)
  try {
    const shared = {
      config,
      log,
      metrics: createMetrics(),
      backend,
      goods,
      producer: openProducer(backend, catalogue, secretsFrom(config)),
    }
    return [
      ...(await checkCallbacks(config)),
      ...(config.databaseUrl ? [await checkRole(config.databaseUrl, config.allowOwnerRole)] : []),
      ...(await checkKeys(db)),
      ...(await checkLedger(db)),
      ...(await checkKeptSecrets(db, config)),
      ...(await checkNames(db)),
      ...(await checkUpkeep(db)),
      ...(await checkReplica(db)),
      ...(await checkBacklog(shared)),
      ...(await checkPrices(config, db)),
      ...(await checkBots(shared, db)),
      ...(await checkPayments(config)),
      ...(await checkFragment(db, config)),
    ]
  } finally {
    await backend.close()
    await db.close()
  }
}
