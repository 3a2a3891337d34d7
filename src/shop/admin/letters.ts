import { sql as q } from 'kysely'
import { NOW } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import type { Db, Reads, Sql } from '#shared/db/db.ts'
import { LETTER_BOT, among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { replay } from '#shared/queue/outbox.ts'
import { shorten } from '#shared/storable.ts'
import { adminSql } from './tables.ts'

/** A job that was given up. */
export interface DeadLetter {
  id: bigint
  key: string
  job: string
  payload: unknown
  reason: string
  /** How often the queue delivered the job. Each delivery has several tries of its own. */
  deliveries: number
  createdAt: Date
  updatedAt: Date
}

/** On the page of one order or payment. */
const MOST_ABOUT = 5

/** `state = 'dead'` stands in the statement itself: the index of dead letters has the same words. */
const dead = () => adminSql.selectFrom('outbox as o').where('o.state', '=', q.lit('dead'))
const letters = () =>
  dead()
    .select(['id', 'key', 'job', 'payload', 'enqueued as deliveries'])
    .select(q<string>`coalesce(reason, '')`.as('reason'))
    .select(['created_at as createdAt', 'updated_at as updatedAt'])

/**
 * Jobs that were given up, newest first.
 * @param page.after the id of the last job that the admin has seen
 */
export function deadLetters(
  sql: Reads,
  page: { limit: number; offset: number; after?: bigint },
  served?: Served,
): Promise<DeadLetter[]> {
  const older = q<boolean>`(updated_at, id) < (select updated_at, id from outbox where id = ${page.after})`
  return sql.rows(
    letters()
      .where(q<boolean>`${among(LETTER_BOT, served)}`)
      .where(page.after === undefined ? q<boolean>`true` : older)
      .orderBy('updated_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset),
  )
}

/** The jobs about an order or a payment that were given up. */
export function lettersAbout(sql: Reads, id: string, served: Served): Promise<DeadLetter[]> {
  return sql.rows(
    letters()
      // The index of what jobs are about has these words.
      .where(q<boolean>`about <> '{}' and about && ${[id]}::text[]`)
      .where(q<boolean>`${among(LETTER_BOT, served)}`)
      .orderBy('id')
      .limit(MOST_ABOUT),
  )
}

export async function countDeadLetters(sql: Sql, served?: Served): Promise<number> {
  const [row] = await sql.rows(
    dead()
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where(q<boolean>`${among(LETTER_BOT, served)}`),
  )
  return Number(row!.count)
}

export async function readLetter(sql: Sql, id: bigint): Promise<DeadLetter | undefined> {
  const [letter] = await sql.rows(letters().where('id', '=', id))
  return letter
}

/**
 * `replay` lets the job run again: its handler reads the state of its rows, so nothing that happened happens twice.
 * `settle` puts the job away. Both write an audit line.
 * @returns false when the job is not dead any more
 */
export async function closeLetter(
  db: Db,
  change: { id: bigint; by: bigint; bot: string; how: 'replay' | 'settle' },
): Promise<boolean> {
  return db.tx(async (tx) => {
    const letter = await readLetter(tx, change.id)
    if (!letter) return false
    const closed = change.how === 'replay' ? await replay(tx, letter.key) : await settle(tx, change.id)
    if (!closed) return false
    await audit(tx, {
      actor: change.by,
      action: `letter.${change.how}`,
      target: `job ${letter.key}`,
      bot: change.bot,
      details: { job: letter.job, reason: shorten(letter.reason, 500) },
    })
    return true
  })
}

async function settle(tx: Sql, id: bigint): Promise<boolean> {
  const rows = await tx.rows(
    adminSql
      .updateTable('outbox')
      .set({ state: 'done', updated_at: NOW })
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .returning('id'),
  )
  return rows.length > 0
}

/** Why a job was given up, as a text's name and its variables. The raw reason is shown as well. */
export function humanReason(reason: string): { key: string; params: Record<string, string> } {
  const tries = /^gave up after (\d+) tries/.exec(reason)?.[1]
  if (reason.startsWith('payload is not what')) return { key: 'letter-payload', params: {} }
  if (/no bot is called/.test(reason)) return { key: 'letter-bot', params: {} }
  if (/ECONN|ETIMEDOUT|ENOTFOUND|socket hang up|timeout|did not answer/i.test(reason))
    return { key: 'letter-network', params: { tries: tries ?? '1' } }
  if (tries !== undefined) return { key: 'letter-tries', params: { tries } }
  return { key: 'letter-refused', params: {} }
}
