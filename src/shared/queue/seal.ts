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
 * A job that reports a payment, an act of a person or a message is believed only with this seal: somebody who can
 * write to Redis still does not have our key. The seal also covers the job's mark in the outbox, so that nobody can
 * use one of our jobs to end another.
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
 * A job without a right seal may come from a release without seals, or from before a change of the key. The worker
 * believes such a job if the database owes exactly the same job.
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

/** The names are sorted, because jsonb, in which the PostgreSQL queue stores jobs, changes the order of names. */
const textOf = (name: string, { payload, outboxKey = '' }: Sealed) =>
  [name, outboxKey, stringify(payload)].join('\u0000')
