import './lib/require-node.ts'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bots, startSandbox } from '../sandbox/main.ts'
import { startGateway } from '#gateway/start.ts'
import { demandRole } from './lib/check-role.ts'
import { CannotStart } from './lib/cannot-start.ts'
import { databaseProblem, unreachableDatabase } from './lib/check-database.ts'
import { freePort, portProblem } from './lib/check-port.ts'
import { migrateShop } from './lib/migrate-shop.ts'
import { startInfra } from './infra/start.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { announceServers } from './lib/servers.ts'
import {
  DRAIN_MS,
  Stops,
  demandFolder,
  fail,
  loadDotEnv,
  openShared,
  processLog,
  readSettings,
  stopOnSignals,
} from './lib/process.ts'
import { isSandbox, refuseRealShop, sandboxFolder } from './lib/sandbox.ts'
import { createSwitches } from './lib/switches.ts'

// Starts the whole system in one process tree: infrastructure, gateway and every worker. Without a bot's token it
// talks to simulators of Telegram and of the providers; no code below this file knows the difference.

const CONNECTED_MS = 3_000

loadDotEnv()
const stops = new Stops()
const switches = createSwitches()
const inSandbox = isSandbox(process.env)
let environment: Record<string, string | undefined> = process.env

if (inSandbox) {
  const host = process.env.HOST || '127.0.0.1'
  // The simulators call the shop back, so where the system shall choose the port, it is chosen before they start.
  if (/^0+$/.test(process.env.PORT ?? '')) process.env.PORT = String(await freePort())
  const given = process.env.PORT || '8080'
  // What is wrong with PORT is said below, once and not for each address with this port.
  const port = URL.canParse(`http://x:${given}`) ? given : '8080'
  const named = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  // What is wrong with HOST is said below, where the settings are read.
  const shopUrl = host === '0.0.0.0' || !URL.canParse(named) ? `http://127.0.0.1:${port}` : named
  const dataDir = sandboxFolder(process.env)
  demandFolder(dataDir, dirname(dataDir))
  const sandbox = await startSandbox({ shopUrl, dataDir, controls: switches.controls })
  stops.push('sandbox', () => sandbox.close())
  environment = { ...process.env, ...sandbox.env, BOT_MODE: 'polling', DATA_DIR: dataDir }
}

const { config, notes } = readSettings(environment)
demandFolder(config.dataDir)
const { host, port } = config.gateway
const busy = await portProblem(host, port, 'PORT')
if (busy) fail([`telekassa cannot start: ${busy}`])
const log = processLog(config, 'telekassa')
if (inSandbox)
  log.info('sandbox: no bot token is set, so Telegram and the providers are simulated; no real money')
// Notes about keys are no warnings in a sandbox, where all money is play money.
for (const note of notes) log[inSandbox ? 'info' : 'warn'](note)
// So far nothing was started that would outlive this process.
stopOnSignals(stops, log)

try {
  const infra = await startInfra(config, { info: (line) => log.info(line), warn: (line) => log.warn(line) })
  stops.push('infrastructure', () => infra.stop())
  stops.push('note of the servers', announceServers(config.dataDir, infra))
  const away = config.databaseUrl && (await unreachableDatabase(config.databaseUrl))
  if (away) throw new CannotStart(`the database cannot be used: ${away}`)
  if (inSandbox) await refuseRealShop(infra.databaseUrl, bots)
  // MIGRATE_DATABASE_URL belongs to the database that the operator named, not to an embedded one.
  const { applied } = await migrateShop(
    config.databaseUrl ? { ...config, databaseUrl: config.databaseUrl } : infra,
    (line) => log.info(line),
  )
  if (applied.length > 0) log.info(`database: ${applied.length} migrations applied`)

  const problem = await databaseProblem(infra.databaseUrl, config.bots, config.preparedStatements)
  if (problem) throw new CannotStart(`the database cannot be used: ${problem}`)
  // The embedded database belongs to this folder alone, so its role needs no check.
  if (config.databaseUrl)
    await demandRole(config.databaseUrl, inSandbox || config.allowOwnerRole, (line) => log.warn(line))

  const queue = infra.queue.kind === 'redis' ? { ...infra.queue, doors: true } : infra.queue
  const shared = await openShared(config, log, 'shop', queue, stops)
  stops.push('workers', () => switches.stopAll(DRAIN_MS))
  await switches.startAll(
    workerTypes.map((type) => [type.name, () => startWorker(type, shared, infra.databaseUrl)]),
  )
  const gateway = await startGateway(shared, infra.databaseUrl)
  stops.push('gateway', () => gateway.stop())

  // The address is the last line of the log. Telegram may be away, but the shop is there all the same.
  await Promise.race([gateway.connected(), sleep(CONNECTED_MS, undefined, { ref: false })])
  log.info(
    inSandbox ? `telekassa is ready: open ${gateway.url}/sandbox` : `telekassa is ready: ${gateway.url}`,
  )
} catch (error) {
  if (!(error instanceof CannotStart)) log.fatal({ err: error }, 'telekassa cannot start')
  await stops.run(log)
  fail([`telekassa cannot start: ${(error as Error).message}`])
}
