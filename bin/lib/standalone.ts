import { demandRole } from './check-role.ts'
import { databaseProblem } from './check-database.ts'
import { portProblem } from './check-port.ts'
import type { Config } from '#shared/config/config.ts'
import type { Shared } from '#shared/context.ts'
import { withoutOthersSecrets } from '#shop/role-secrets.ts'
import {
  Stops,
  demandFolder,
  fail,
  loadDotEnv,
  openShared,
  processLog,
  readSettings,
  stopOnSignals,
} from './process.ts'

/** Opens what a gateway or worker process of its own needs. Without it the process refuses to start, in sentences. */
export async function openStandalone(
  name: string,
  roles: readonly string[] = [name],
): Promise<{ shared: Shared; databaseUrl: string; stops: Stops }> {
  loadDotEnv()
  const { environment, problems } = withoutOthersSecrets(process.env, roles)
  if (problems.length > 0)
    fail(['telekassa cannot start with these settings:', ...problems.map((problem) => `  - ${problem}`)])
  // Neither this process nor the processes that it starts keep secrets of other roles.
  for (const key of Object.keys(process.env)) if (!(key in environment)) delete process.env[key]
  Object.assign(process.env, environment)
  const { config, notes } = readSettings()
  // A picture that is drawn lies there until Telegram has it; the other roles keep nothing.
  if (roles.includes('images')) demandFolder(config.dataDir)
  const { databaseUrl, redisUrl } = requireServers(config)
  const { host } = config.gateway
  const busy =
    name === 'gateway'
      ? await portProblem(host, config.gateway.port, 'PORT')
      : await portProblem(host, config.healthPort, 'HEALTH_PORT')
  if (busy) fail([`telekassa cannot start: ${busy}`])
  const problem = await databaseProblem(databaseUrl, config.bots, config.preparedStatements)
  if (problem) fail([`telekassa cannot use this database: ${problem}`])
  const log = processLog(config, name)
  for (const note of notes) log.warn(note)
  await demandRole(databaseUrl, config.allowOwnerRole, (line) => log.warn(line)).catch((error: Error) =>
    fail([`telekassa cannot start: ${error.message}`]),
  )
  if (config.migrateDatabaseUrl)
    log.warn(
      'MIGRATE_DATABASE_URL is for npm run migrate alone: take it out of the environment of this process',
    )
  const stops = new Stops()
  stopOnSignals(stops, log)
  const shared = await openShared(
    config,
    log,
    name,
    { kind: 'redis', url: redisUrl, map: config.redisQueues, doors: name === 'gateway' },
    stops,
  )
  return { shared, databaseUrl, stops }
}

function requireServers(config: Config): { databaseUrl: string; redisUrl: string } {
  const { databaseUrl, redisUrl, bots } = config
  const problems = [
    ...(databaseUrl ? [] : ['DATABASE_URL is not set: processes of their own share one PostgreSQL']),
    ...(redisUrl ? [] : ['REDIS_URL is not set: several processes need Redis; npm start alone does without']),
    ...(bots.length > 0
      ? []
      : ['no bot is set: give BOT_TOKEN, or BOTS for several (npm start alone has a sandbox)']),
  ]
  if (!databaseUrl || !redisUrl || problems.length > 0) {
    fail(['telekassa cannot start with these settings:', ...problems.map((problem) => `  - ${problem}`)])
  }
  return { databaseUrl, redisUrl }
}
