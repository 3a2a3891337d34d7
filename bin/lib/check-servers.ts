import { statfs } from 'node:fs/promises'
import { sql as q } from 'kysely'
import type { Config } from '#shared/config/config.ts'
import type { Db } from '#shared/db/db.ts'
import { fail, ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

const BACKUP_HOURS = 26
const STUCK_MINUTES = 60
const OUTBOX_MINUTES = 15
const NEWEST_TRIED = 18
const FREE_SHARE = 0.1

/** PostgreSQL 15 to 18 are tested. */
export function checkVersion(version: number): Finding {
  if (version < 15) return fail('database', `PostgreSQL ${version} is too old: 15 or newer is needed`)
  return version > NEWEST_TRIED
    ? warn(
        'database',
        `PostgreSQL ${version} is newer than what was tried (15 to ${NEWEST_TRIED}): test it first`,
      )
    : ok('database', `PostgreSQL ${version}, schema up to date`)
}

/** The age of the last recorded backup, and which tables stand still. */
export async function checkUpkeep(db: Db): Promise<Finding[]> {
  const [row] = await db.rows(q<{ hours: number | null; stuck: number; owed: number; lag: number | null }>`
    select (select extract(epoch from now() - updated_at) / 3600 from cursors where name = 'backup')::float8 as hours,
      (select count(*)::int from orders where state in ('reserved', 'fulfilling', 'unknown', 'review')
         and updated_at < now() - ${STUCK_MINUTES} * interval '1 minute') as stuck,
      count(*)::int as owed, (extract(epoch from now() - min(run_at)) / 60)::float8 as lag
    from outbox where state = 'owed' and run_at < now() - ${OUTBOX_MINUTES} * interval '1 minute'`)
  const { hours, stuck, owed, lag } = row!
  const backup =
    hours === null
      ? warn('backup', 'none was ever noted: run the backup of deploy/backup, and read docs/backup.md')
      : hours > BACKUP_HOURS
        ? warn(
            'backup',
            `the last one is ${Math.round(hours)} hours old: look at the log of the service backup`,
          )
        : ok('backup', `${Math.round(hours)} hours old`)
  return [
    backup,
    stuck === 0
      ? ok('orders', 'no paid order stands still')
      : warn(
          'orders',
          `${stuck} paid orders stand still for over an hour: open them in /admin, runbook MoneyStuck`,
        ),
    owed === 0
      ? ok('outbox', 'what is owed has left')
      : warn('outbox', `${owed} jobs are owed for ${Math.round(lag!)} minutes: does any worker run?`),
  ]
}

/**
 * The disk of DATA_DIR, where embedded servers keep their data. Other servers have their own disks, which this
 * process cannot see.
 */
export async function checkDisk({ dataDir, databaseUrl }: Config): Promise<Finding[]> {
  if (databaseUrl) return []
  const { bavail, blocks, bsize } = await statfs(dataDir)
  const share = bavail / blocks
  const free = `${Math.round((bavail * bsize) / 1e9)} GB (${Math.round(share * 100)} %) free in ${dataDir}`
  return [
    share > FREE_SHARE
      ? ok('disk', free)
      : warn('disk', `${free}: make room, orders are refused when it is full`),
  ]
}
