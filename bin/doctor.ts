import './lib/require-node.ts'
import { openDb } from '../src/shared/db/db.ts'
import { createLog } from '../src/shared/log.ts'
import { createMetrics } from '../src/shared/metrics.ts'
import { migrate } from '../src/shared/db/migrate.ts'
import { openBackend } from '../src/shared/queue/backend.ts'
import { openProducer } from '../src/shared/queue/producer.ts'
import {
  checkBacklog,
  checkBots,
  checkDatabase,
  checkLedger,
  checkQueue,
  checkSecrets,
} from './lib/checks.ts'
import type { Finding } from './lib/checks.ts'
import { checkPayments } from './lib/check-payments.ts'
import { readSettings } from './lib/process.ts'
import { openServers } from './lib/servers.ts'

// Checks the set-up and says what to do. Exit code: 0 all is well, 1 something should be better, 2 something is wrong.

const asJson = process.argv.includes('--json')
const { config } = readSettings()
const servers = await openServers(config)
const findings: Finding[] = [{ check: 'node', level: 'ok', says: `Node ${process.versions.node}` }]
try {
  // An embedded database belongs to this folder alone, so there is nobody to ask before bringing it up to date.
  if (!config.databaseUrl) await migrate(servers.databaseUrl)
  findings.push(
    ...checkSecrets(config),
    ...(await checkDatabase(servers.databaseUrl)),
    ...(await checkQueue(servers.queue)),
  )
  if (!findings.some(({ level }) => level === 'fail')) await checkTheRest()
} finally {
  await servers.stop()
}
print(findings)
const levels = findings.map(({ level }) => level)
process.exit(levels.includes('fail') ? 2 : levels.includes('warn') ? 1 : 0)

async function checkTheRest(): Promise<void> {
  const db = await openDb(servers.databaseUrl, { max: 2, name: 'doctor' })
  const backend = await openBackend(servers.queue, config.queuePrefix)
  try {
    const log = createLog({ level: 'silent', name: 'doctor' })
    const shared = { config, log, metrics: createMetrics(), backend, producer: openProducer(backend) }
    findings.push(...(await checkLedger(db)), ...(await checkBacklog(shared)), ...(await checkBots(shared)))
    findings.push(...(await checkPayments(config)))
  } finally {
    await backend.close()
    await db.close()
  }
}

function print(all: Finding[]): void {
  if (asJson) return console.log(JSON.stringify(all, undefined, 2))
  const marks = { ok: '  ok  ', warn: ' WARN ', fail: ' FAIL ' }
  const width = Math.max(...all.map(({ check }) => check.length))
  for (const { check, level, says } of all) console.log(`${marks[level]} ${check.padEnd(width)}  ${says}`)
}
