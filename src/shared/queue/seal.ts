import { sql as q } from 'kysely'
import { queueSql } from './tables.ts'
import stringify from 'safe-stable-stringify'
import type { Sql } from '../db/db.ts'
import type { Secrets } from '../secrets.ts'
import { writeJson } from '../storable.ts'
import type { Envelope } from './job.ts'

/** 43 characters of base64url are 256 bits. */
const LENGTH = 43

type Sealed = Pick<Envelope, 'payload' | 'outboxKey'>

/**
 * A job that says of itself that money came, what somebody did or what somebody is told is believed only with this seal:
 * whoever can write to Redis does not have our key. The seal covers the job's mark in the outbox as well, so that nobody
 * can make a job of ours end another one.
 */
export function sealOf(secrets: Pick<Secrets, 'sign'>, name: string, job: Sealed): string {
  return secrets.sign('job', textOf(name, job), LENGTH)
}

export async function isSealed(
  { db, secrets }: { db: Sql; secrets?: Pick<Secrets, 'verify'> | undefined },
  name: string,
  job: Sealed & { seal?: unknown },
): Promise<boolean> {
  const { seal, outboxKey } = job
  const bears = typeof seal === 'string' && seal.length === LENGTH
  if (bears && secrets?.verify('job', textOf(name, job), seal)) return true
  return outboxKey !== undefined && (await isOwed(db, name, outboxKey, job.payload))
}

/**
 * A job without a right seal may come from a release that knew no seals, or from before the key was changed. It is
 * believed when the database owes the very same job.
 */
async function isOwed(sql: Sql, name: string, key: string, payload: unknown): Promise<boolean> {
  const rows = await sql.rows(
    queueSql
      .selectFrom('outbox')
      .select('key')
      .where('key', '=', key)
      .where('job', '=', name)
      .where('state', 'in', ['owed', 'queued'])
      .where(q<boolean>`payload = ${writeJson(payload)}::jsonb`),
  )
  return rows.length > 0
}

/** With sorted names: jsonb, in which the PostgreSQL queue keeps its jobs, puts them into an order of its own. */
const textOf = (name: string, { payload, outboxKey = '' }: Sealed) =>
  [name, outboxKey, stringify(payload)].join('\u0000')
