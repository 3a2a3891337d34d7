import { sql as q } from 'kysely'
import pg from 'pg'
import { wayToDatabase } from '#shared/db/address.ts'
import type { Config } from '#shared/config/config.ts'
import { databaseProblem } from './check-database.ts'
import type { Db } from '#shared/db/db.ts'
import { explain } from '#shared/errors.ts'
import { unreadableSecrets } from '#shared/vault.ts'
import { prove } from '#shared/money/proof.ts'
import type { Shared } from '#shared/context.ts'
import { checkRedisServers } from './check-redis.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { priceProblems } from '#shared/settings/economy.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { queueStates } from '#shared/queue/states.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { keepRoster } from '#shared/telegram/roster.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { ALLOWED_UPDATES } from '#shared/telegram/intake.ts'
import { checkVersion } from './check-servers.ts'
import { fail, ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

const CLOCK_TOLERANCE_S = 2
const OLDEST_JOB_S = 60

export async function checkDatabase(databaseUrl: string, config: Config): Promise<Finding[]> {
  const problem = await databaseProblem(databaseUrl, config.bots, config.preparedStatements)
  if (problem) return [fail('database', `PostgreSQL: ${problem}`)]
  const client = new pg.Client(await wayToDatabase(databaseUrl))
  await client.connect()
  try {
    const { rows } = await client.query<{
      version: number
      used: number
      max: number
      isolation: string
      now: Date
    }>(`
      select current_setting('server_version_num')::int / 10000 as version,
             (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
             current_setting('max_connections')::int as max,
             current_setting('default_transaction_isolation') as isolation, clock_timestamp() as now`)
    const { version, used, max, isolation, now } = rows[0]!
    const skew = Math.round((Date.now() - now.getTime()) / 1000)
    return [
      checkVersion(version),
      used < 0.8 * max
        ? ok('connections', `${used} of ${max} connections in use`)
        : warn(
            'connections',
            `${used} of ${max} connections in use: lower the pools, raise max_connections, or put a pooler before PostgreSQL`,
          ),
      isolation === 'read committed'
        ? ok('isolation', 'read committed')
        : warn(
            'isolation',
            `default_transaction_isolation is ${isolation}; the statements are written for read committed`,
          ),
      Math.abs(skew) <= CLOCK_TOLERANCE_S
        ? ok('clock', 'this machine and the database agree on the time')
        : warn('clock', `this clock and the database's differ by ${skew} s: set up NTP on both`),
    ]
  } finally {
    await client.end()
  }
}

export async function checkQueue(target: QueueTarget, prefix: string): Promise<Finding[]> {
  if (target.kind === 'postgres') {
    return [
      warn(
        'queue',
        'jobs are kept in PostgreSQL, for one process only: install redis-server or set REDIS_URL to scale',
      ),
    ]
  }
  const verdicts = await checkRedisServers(target, prefix)
  return verdicts.flatMap(({ place, refuse, warn: warns }) => {
    const check = place === undefined ? 'queue' : `queue ${place}`
    if (refuse) return [fail(check, `Redis: ${refuse}`)]
    return warns.length > 0
      ? warns.map((says) => warn(check, says))
      : [ok(check, 'Redis never evicts and keeps an append-only file')]
  })
}

/** Finds jobs that could run but that nobody takes: no worker of that queue is running. */
export async function checkBacklog(shared: Shared): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name, counts, oldestAgeSeconds, paused } of await queueStates(shared)) {
    if (counts.paused > 0) {
      const which = paused === 1 ? 'a pause' : `${paused} paused partitions`
      findings.push(
        warn(
          'backlog',
          `${counts.paused} jobs wait for the end of ${which} of ${name}: resume it in /ops/queues`,
        ),
      )
    }
    if (oldestAgeSeconds < OLDEST_JOB_S) continue
    const parts = shared.producer.queues.get(name)!
    const workers = Math.max(
      ...(await Promise.all(parts.map((queue) => queue.getWorkersCount().catch(() => 0)))),
    )
    const why =
      workers === 0 ? 'no worker takes them: start one' : `${workers} workers are there: look at their logs`
    const waiting = counts.wait + counts.prioritized + counts.due
    findings.push(
      warn(
        'backlog',
        `${waiting} jobs could run on ${name}, the oldest for ${Math.round(oldestAgeSeconds)} s; ${why}`,
      ),
    )
  }
  return findings.length > 0 ? findings : [ok('backlog', 'no queue waits for a worker')]
}

export async function checkLedger(db: Db): Promise<Finding[]> {
  const proof = await prove(db)
  const [dead] = await db.rows(
    q<{ letters: bigint }>`select count(*) as letters from outbox where state = 'dead'`,
  )
  const letters = dead!.letters
  return [
    proof.ok
      ? ok('ledger', `${proof.postings} postings add up, cached balances equal derived ones`)
      : fail(
          'ledger',
          `stop the sales: ${JSON.stringify([proof.unbalanced, proof.wrongWallets, proof.wrongHolds], (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}`,
        ),
    proof.wrongLines.length === 0
      ? ok('audit log', 'every line is as it was written')
      : fail('audit log', `somebody changed it at the lines ${proof.wrongLines.join(', ')}: docs/runbook.md`),
    letters === 0n
      ? ok('dead letters', 'none')
      : warn('dead letters', `${letters} jobs were given up: see /health in the bot, decide and replay`),
  ]
}

export function checkSecrets(config: Config): Finding[] {
  const secrets = secretsFrom(config)
  const sealed = secrets.encrypt('self-test', 'round trip')
  const works = secrets.decrypt('self-test', sealed) === 'round trip'
  const refuses = !secrets.verify('self-test', 'text', secrets.sign('self-test', 'another text', 16))
  return [
    works && refuses
      ? ok('signatures', 'secrets open again, a wrong signature is refused')
      : fail('signatures', 'the self-test of the encryption failed'),
    process.env.ENCRYPTION_KEY || process.env.ENCRYPTION_KEY_FILE
      ? ok('encryption key', 'set by you')
      : warn('encryption key', `generated in ${config.dataDir}: back it up, or set ENCRYPTION_KEY`),
    ...(config.encryptionOtherKey
      ? [warn('encryption key', 'a second one is still taken: finish the change, docs/backup.md')]
      : []),
  ]
}

/**
 * Finds secrets that were sealed with another key. No process can read them: an added bot is not served, and nobody
 * can log in at the reseller.
 */
export async function checkKeptSecrets(db: Db, config: Config): Promise<Finding[]> {
  const names = await unreadableSecrets(db, secretsFrom(config))
  return names.length === 0
    ? [ok('kept secrets', 'all of them open')]
    : [
        fail(
          'kept secrets',
          `${names.length} were sealed with another key (${names.slice(0, 3).join(', ')}): start with the ENCRYPTION_KEY they were kept with, or enter them anew in the bot`,
        ),
      ]
}

/** Compares prices that the panel keeps with what the environment says now. */
export async function checkPrices(config: Config, db: Db): Promise<Finding[]> {
  const problems = await priceProblems({ db, settings: createSettings(db, config), texts: loadTexts() })
  return problems.length > 0
    ? problems.map((problem) => warn('prices', problem))
    : [ok('prices', 'one invoice takes every pack of tokens, and nobody gains by buying in a circle')]
}

/** Checks the bots of the settings and those that owners added, each with the token that is in use. */
export async function checkBots(shared: Shared, db: Db): Promise<Finding[]> {
  const { config } = shared
  if (config.bots.length === 0) return [warn('bots', 'no bot is set: npm start opens the sandbox')]
  const secrets = secretsFrom(config)
  const roster = keepRoster({ ...shared, db, secrets })
  try {
    await roster.refresh()
    const served = [...roster.bots.values()].filter(({ closing }) => !closing)
    return (await Promise.all(served.map((bot) => checkBot(bot, config)))).flat()
  } finally {
    roster.stop()
  }
}

async function checkBot(bot: ServedBot, config: Config): Promise<Finding[]> {
  const check = `bot ${bot.name}`
  try {
    const me = await bot.api.getMe()
    const inline = me.supports_inline_queries
      ? ''
      : '; inline mode is off: /setinline at @BotFather turns it on'
    const findings = [ok(check, `@${me.username}${inline}`)]
    const isConfigured = config.bots.some(({ name }) => name === bot.name)
    if (isConfigured && bot.admins.length === 0)
      findings.push(warn(check, 'has no admins: set ADMIN_IDS, or "admins" in BOTS'))
    const hook = await bot.api.getWebhookInfo()
    if (config.telegram.mode === 'polling') {
      if (hook.url)
        findings.push(
          warn(check, `a webhook is set (${hook.url}), so polling gets nothing until the gateway removes it`),
        )
      return findings
    }
    const expected = `${config.gateway.publicUrl ?? ''}/telegram/${bot.name}`
    if (hook.url !== expected)
      findings.push(
        fail(
          check,
          `its webhook is ${hook.url || 'not set'}, expected ${expected}: start the gateway, or look who else sets it`,
        ),
      )
    if (hook.last_error_message)
      findings.push(warn(check, `Telegram's last delivery failed: ${hook.last_error_message}`))
    if (hook.pending_update_count > 100)
      findings.push(warn(check, `${hook.pending_update_count} updates wait at Telegram`))
    const lacks = ALLOWED_UPDATES.filter(
      (kind) => hook.allowed_updates && !hook.allowed_updates.includes(kind),
    )
    if (hook.url === expected && lacks.length > 0)
      findings.push(fail(check, `its webhook leaves out ${lacks.join(', ')}: restart the gateway`))
    return findings
  } catch (error) {
    return [
      fail(
        check,
        `Telegram does not know it (${explain(error)}): check its token (an owner gives another in /admin, Bots) and TELEGRAM_API_ROOT`,
      ),
    ]
  }
}
