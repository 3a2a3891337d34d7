import './lib/require-node.ts'
import { migrateShop } from './lib/migrate-shop.ts'
import { databaseCode } from '#shared/db/errors.ts'
import { explain } from '#shared/errors.ts'
import { checkSetup } from './lib/check-setup.ts'
import { connectionProblem, grantProblem } from './lib/connection-problem.ts'
import { exitCode, printFindings } from './lib/findings.ts'
import { fail, readSettings } from './lib/process.ts'

// Brings the schema up to date. With --check it then looks at what every role is about to need. Where a role could
// not work, it ends with 2, so that no role is started. `npm run doctor` looks at more, once the shop runs.

const { config } = readSettings()
if (!config.databaseUrl)
  fail(['DATABASE_URL is not set. (npm start migrates its embedded database by itself.)'])
try {
  const { databaseUrl, migrateDatabaseUrl } = config
  const { applied, granted } = await migrateShop({ databaseUrl, migrateDatabaseUrl }, console.log)
  console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'the schema is up to date')
  if (granted) console.log(`granted to ${granted}: reading and writing rows, nothing of the schema`)
} catch (error) {
  fail([`The migration failed, those before it stay: ${migrationProblem(error)}`])
}
if (process.argv.includes('--check')) {
  if (!config.redisUrl) fail(['REDIS_URL is not set: several processes need Redis.'])
  const findings = await checkSetup(config, {
    databaseUrl: config.databaseUrl,
    queue: { kind: 'redis', url: config.redisUrl, map: config.redisQueues },
  })
  printFindings(findings, false)
  const code = exitCode(findings)
  process.exit(code === 1 ? 0 : code)
}

/**
 * Says a migration's failure in PostgreSQL's own words, except where the owner of the tables or an address can mend
 * it.
 */
function migrationProblem(error: unknown): string {
  if (databaseCode(error) === '42501') return grantProblem(explain(error))
  const said = connectionProblem(error)
  return said.startsWith('it does not answer') ? explain(error) : said
}
