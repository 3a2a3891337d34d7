import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { ago, anyOf, literal, NOW } from '../db/build.ts'
import type { Db, Sql } from '../db/db.ts'
import type { Log } from '../log.ts'
import { explain } from '../errors.ts'
import { idsIn } from '../ids.ts'
import { together } from '../together.ts'
import { shorten, storable, writeJson } from '../storable.ts'
import type { JobType } from './job.ts'
import type { Producer } from './producer.ts'
import { queueSql } from './tables.ts'
import { currentTrace } from '../trace/trace.ts'

/**
 * Owes a job: call this inside the transaction that makes the job necessary. The job reaches the queue after the
 * commit, at least once, and again whenever the queue loses it. The same job id is owed once.
 * @param options.runAt when the job may run, by the database's clock
 * @param options.again owes the job again even if it was done before
 * @returns whether this call owed it (false = it was owed already)
 */
export async function owe<Payload>(
  tx: Sql,
  type: JobType<Payload>,
  payload: Payload,
  options: { runAt?: Date; delayMs?: number; again?: boolean } = {},
): Promise<boolean> {
  const key = type.id(payload)
  const checked = writeJson(type.payload.parse(payload))
  // By hand, like many at once below: a purchase owes five jobs, and what the database makes of a payload is an expression.
  const again = q`update set state = 'owed', run_at = excluded.run_at, updated_at = now() where outbox.state = 'done'`
  const rows = await tx.rows(q`
    insert into outbox (key, job, payload, bot, run_at, trace, about)
    values (${key}, ${type.name}, ${checked}::jsonb, ${botOf(q`${checked}::jsonb`)},
            coalesce(${options.runAt ?? null}, now() + ${options.delayMs ?? 0} * interval '1 millisecond'),
            ${currentTrace() ?? null}, ${aboutOf(key, checked)}::text[])
    on conflict (key) do ${options.again ? again : q`nothing`}
    returning key`)
  if (rows.length > 0) tx.owed()
  return rows.length > 0
}

/** A job to owe beside others. */
export interface Owed<Payload = unknown> {
  type: JobType<Payload>
  payload: Payload
  /** The trace that the job belongs to, if it is not the trace of the code that owes it. */
  trace?: string | undefined
}

export const owed = <Payload>(type: JobType<Payload>, payload: Payload): Owed => ({
  type: type as JobType,
  payload,
})

/** Owes several jobs at once, each as `owe` does. */
export async function oweAll(tx: Sql, jobs: readonly Owed[]): Promise<void> {
  if (jobs.length === 0) return
  // By hand: one statement text for any number of jobs, so that it is prepared once. A list is a subquery, so that the
  // planner does not see how long it is: it would plan the statement anew each time.
  const keys = jobs.map(({ type, payload }) => type.id(payload))
  const payloads = jobs.map(({ type, payload }) => writeJson(type.payload.parse(payload)))
  const rows = await tx.rows(q`
    insert into outbox (key, job, payload, bot, trace, about)
    select key, job, payload, ${botOf(q`payload`)}, trace, about::text[]
    from unnest((select ${keys}::text[]), (select ${jobs.map(({ type }) => type.name)}::text[]),
                (select ${payloads}::jsonb[]),
                (select ${jobs.map(({ trace }) => trace ?? currentTrace() ?? null)}::text[]),
                (select ${keys.map((key, at) => aboutOf(key, payloads[at]!))}::text[]))
      as job (key, job, payload, trace, about)
    on conflict (key) do nothing returning key`)
  if (rows.length > 0) tx.owed()
}

/** A job with more ids than this gets none in `outbox.about`: a text from outside can be full of ids. */
const IDS = 50

/**
 * The ids of orders and payments that the job is about, as a PostgreSQL array. By them the story of an order finds
 * jobs that are over.
 */
function aboutOf(key: string, payload: string): string | null {
  const ids = idsIn(`${key} ${payload}`)
  return ids.length > IDS ? null : `{${ids.join(',')}}`
}

/** The bot that a job is about: named by itself, its order, its payment, the refund of one, or the address that it asks for. */
function botOf(payload: RawBuilder<unknown>) {
  return q`coalesce(${payload} ->> 'bot',
    (select bot from orders where id = ${payload} ->> 'orderId'),
    (select bot from payments where id = ${payload} ->> 'paymentId'),
    (select p.bot from payment_refunds r join payments p on p.id = r.payment_id where r.id = ${payload} ->> 'refundId'),
    (select bot from deposit_wallets where reference = ${payload} ->> 'reference'))`
}

interface OwedRow {
  key: string
  job: string
  payload: unknown
  enqueued: number
  delayMs: number
  trace: string | null
}

/**
 * Written into the statement as a literal: the partial index covers only these rows, and PostgreSQL does not use it
 * for a parameter.
 */
const OWED = literal('owed')

function owedTo(own: readonly string[] | undefined, without: readonly string[]) {
  const all = queueSql
    .selectFrom('outbox')
    .select([
      'key',
      'job',
      'payload',
      'enqueued',
      'trace',
      q<number>`greatest(0, extract(epoch from run_at - now()) * 1000)::float8`.as('delayMs'),
    ])
    .where('state', '=', OWED)
    .orderBy('id')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
  const owed = without.length > 0 ? all.where((are) => are.not(are('job', '=', anyOf(without)))) : all
  if (!own) return owed
  return owed.where((are) =>
    are.or([
      are('bot', 'is', null),
      are('bot', '=', anyOf(own)),
      are(q`greatest(updated_at, run_at)`, '<', ago(OTHERS_MINUTES, 'minute')),
    ]),
  )
}

/** Jobs moved in one run. A run that moved fewer has moved everything that was owed. */
export const BATCH = 200
/**
 * For this many minutes a job is left to the deployment that serves its bot. Then any deployment takes it, and the job
 * fails there with a reason that admins can read.
 */
const OTHERS_MINUTES = 15

/**
 * Moves owed jobs to the queue. Rows are locked while they are moved, so several relays share the work.
 * A relay that dies after enqueuing and before its commit enqueues again under the same id: one job.
 * @param own the bots of this deployment, whose jobs belong on its queue; undefined = every bot
 * @param without kinds of jobs whose queue is away: they stay owed and keep nothing else waiting
 * @returns how many were moved
 */
export async function relay(
  db: Db,
  producer: Producer,
  log: Log,
  own?: readonly string[],
  without: readonly string[] = [],
): Promise<number> {
  return db.tx(async (tx) => {
    const rows = await tx.rows(owedTo(own, without))
    const moved: string[] = []
    const results = await Promise.allSettled(rows.map((row) => enqueue(producer, row)))
    const staying: { row: OwedRow; reason: string }[] = []
    for (const [index, result] of results.entries()) {
      const row = rows[index]!
      if (result.status === 'fulfilled') moved.push(row.key)
      else staying.push({ row, reason: explain(result.reason) })
    }
    // A server that is away refuses a whole run of jobs for one reason.
    for (const [reason, all] of Map.groupBy(staying, (one) => one.reason)) {
      const { job, key } = all[0]!.row
      log.warn({ job, key, jobs: all.length, reason }, 'jobs of the outbox stay owed')
    }
    if (moved.length > 0) {
      await tx.rows(
        queueSql
          .updateTable('outbox')
          .set((are) => ({ state: 'queued', enqueued: are('enqueued', '+', 1), updated_at: NOW }))
          .where('key', '=', anyOf(moved)),
      )
    }
    return moved.length
  })
}

async function enqueue(producer: Producer, row: OwedRow): Promise<void> {
  const type = producer.catalogue.get(row.job)
  if (!type) throw new Error(`no job is called ${row.job}`)
  await producer.add(type, row.payload, {
    // The delivery's number in the id tells a deliberate repeat from an accidental one.
    id: row.enqueued === 0 ? row.key : `${row.key}~${row.enqueued}`,
    outboxKey: row.key,
    delayMs: Math.round(row.delayMs),
    trace: row.trace ?? undefined,
  })
}

/** Whether a relay has anything to do. The query takes no lock and opens no transaction. */
export async function isOwing(sql: Sql): Promise<boolean> {
  const [row] = await sql.rows(
    queueSql.selectNoFrom((are) =>
      are.exists(are.selectFrom('outbox').select('id').where('state', '=', OWED)).as('owing'),
    ),
  )
  return Boolean(row!.owing)
}

/** Marks the job as finished. */
export async function markDone(sql: Sql, key: string): Promise<void> {
  await sql.rows({
    name: 'outbox-done',
    text: `update outbox set state = 'done', updated_at = now() where key = $1 and state <> 'dead'`,
    values: [key],
  })
}

/**
 * `markDone` for a worker in which many jobs end at once: jobs that end while others are being marked share one
 * statement and one wait for the disk. If a relay still holds a job's row, only that job waits for it.
 */
export const markerOf = (db: Sql): ((key: string) => Promise<void>) =>
  together<string>({
    key: (key) => key,
    alone: (key) => markDone(db, key),
    async all(calls) {
      const keys = calls.map(({ one }) => one)
      // PostgreSQL plans a list anew each time, and the statement for one job only once.
      const those = keys.length === 1 ? q`key = ${keys[0]}` : q`key = any(${keys})`
      const free = q<bigint>`any(array(
        select id from outbox where ${those} and state <> 'dead' for update skip locked))`
      const marked = await db.rows(
        queueSql
          .updateTable('outbox')
          .set({ state: 'done', updated_at: NOW })
          .where('id', '=', free)
          .returning('key'),
      )
      return new Set(marked.map(({ key }) => key))
    },
  })

/**
 * Keeps a job that will not be tried again, as a dead letter with its reason, whether or not the job came through the
 * outbox. Any text is accepted: a job that could not be kept would wait for ever.
 */
export async function bury(
  sql: Sql,
  letter: { key: string; job: string; payload: unknown; reason: string },
): Promise<void> {
  const payload = writeJson(letter.payload)
  await sql.rows({
    text: `
      insert into outbox (key, job, payload, bot, state, enqueued, reason, about)
      values ($1, $2, $3::jsonb, $3::jsonb ->> 'bot', 'dead', 1, $4, $5::text[])
      on conflict (key) do update set state = 'dead', reason = excluded.reason, updated_at = now()`,
    values: [
      letter.key,
      letter.job,
      payload,
      storable(shorten(letter.reason, 2_000)),
      aboutOf(letter.key, payload),
    ],
  })
}

/** Owes a dead letter again. @returns false when it is not dead (any more) */
export async function replay(sql: Sql, key: string): Promise<boolean> {
  const rows = await sql.rows(
    queueSql
      .updateTable('outbox')
      .set({ state: 'owed', run_at: NOW, updated_at: NOW })
      .where('key', '=', key)
      .where('state', '=', 'dead')
      .returning('key'),
  )
  if (rows.length > 0) sql.owed()
  return rows.length > 0
}

/**
 * Owes again every job that has been queued for too long. Either the queue lost it, or it still waits and a repeat is
 * harmless.
 * @param afterMs counted from the time when the job was due
 */
export async function oweLost(sql: Sql, afterMs: number): Promise<number> {
  const rows = await sql.rows(
    queueSql
      .updateTable('outbox')
      .set({ state: 'owed', updated_at: NOW })
      .where('state', '=', literal('queued'))
      // The first condition follows from the second and has an index: what was queued lately is not read.
      .where('updated_at', '<', ago(afterMs, 'millisecond'))
      .where(q`greatest(updated_at, run_at)`, '<', ago(afterMs, 'millisecond'))
      .returning('key'),
  )
  if (rows.length > 0) sql.owed()
  return rows.length
}
