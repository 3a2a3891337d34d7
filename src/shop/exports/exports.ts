import { ago, jsonb, literal, NOW } from '#shared/db/build.ts'
import { z } from 'zod'
import { audit } from '#shared/audit.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { violatedConstraint } from '#shared/db/errors.ts'
import { exportsSql } from './tables.ts'
import type { ExportKind } from './tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Card } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { runExport } from './jobs.ts'
import { owe } from '#shared/queue/outbox.ts'

/** The rows that the export holds. An absent field restricts nothing. */
const exportParams = z.object({
  /** Only rows of the last so many days. */
  days: z.number().int().positive().optional(),
  personId: z.string().regex(/^\d+$/).optional(),
  /** Kind of an operation, provider of a payment, good of an order. */
  type: z.string().optional(),
  broadcastId: z.string().optional(),
})
export type ExportParams = z.infer<typeof exportParams>

export interface Export {
  id: string
  kind: ExportKind
  bot: string
  adminId: bigint
  language: Language
  params: ExportParams
  state: 'queued' | 'running' | 'done' | 'failed'
  rows: bigint
  card: Card | null
  /** The number of files of the export, known once they are written. */
  parts: number | null
  /** The number of files that Telegram has taken, and the rows in them. */
  sentParts: number
  sentRows: bigint
  sentBytes: bigint
  /** The id of the last row that was sent; null when the file was not cut. */
  sentTo: string | null
  /** The part that is being sent to Telegram. If the worker dies then, nobody knows whether the part arrived. */
  sending: number | null
}

/** An export without progress for this long is dead, and its admin may ask again. */
const DEAD_MINUTES = 30
/** The states stand in the statement's text, because the index of such exports has the same words. */
const UNDER_WAY = [literal('queued'), literal('running')]
/** The `problem` of an export that was given up. A replay of its job goes on with it. */
export const GAVE_UP = 'given up'

/**
 * Asks for a file.
 * @throws UserError `export.busy` while the admin's last file of this kind is being made
 */
export async function requestExport(
  db: Db,
  wish: Pick<Export, 'kind' | 'bot' | 'adminId' | 'language' | 'params'> & { card: Card },
): Promise<string> {
  const id = newId()
  try {
    await db.tx(async (tx) => {
      await tx.rows(
        exportsSql
          .updateTable('exports')
          .set({ state: 'failed', reason: 'it stopped' })
          .where('admin_id', '=', wish.adminId)
          .where('kind', '=', wish.kind)
          .where('state', 'in', UNDER_WAY)
          .where((row) =>
            row.or([row('updated_at', '<', ago(DEAD_MINUTES, 'minute')), row('reason', '=', GAVE_UP)]),
          ),
      )
      await tx.rows(
        exportsSql.insertInto('exports').values({
          id,
          kind: wish.kind,
          bot: wish.bot,
          admin_id: wish.adminId,
          language: wish.language,
          params: jsonb(wish.params),
          card: jsonb(wish.card),
        }),
      )
      await audit(tx, {
        actor: wish.adminId,
        action: 'export',
        target: `export ${wish.kind}`,
        bot: wish.bot,
        details: wish.params,
      })
      await owe(tx, runExport, { exportId: id, bot: wish.bot })
    })
  } catch (error) {
    if (violatedConstraint(error) === 'exports_one_of_a_kind') throw new UserError('export.busy')
    throw error
  }
  return id
}

export async function readExport(sql: Sql, id: string): Promise<Export | undefined> {
  const [row] = await sql.rows(
    exportsSql
      .selectFrom('exports')
      .select(['id', 'kind', 'bot', 'admin_id as adminId', 'language', 'params', 'state', 'rows', 'card'])
      .select(['parts', 'sent_parts as sentParts', 'sent_rows as sentRows', 'sent_bytes as sentBytes'])
      .select(['sent_to as sentTo', 'sending'])
      .where('id', '=', id),
  )
  return row && { ...row, params: exportParams.parse(row.params) }
}

/** @returns false when the export is over already */
export async function moveExport(
  sql: Sql,
  id: string,
  set: { state: Export['state']; rows?: number | bigint; bytes?: bigint; reason?: string },
): Promise<boolean> {
  const moved = await sql.rows(
    exportsSql
      .updateTable('exports')
      .set((are) => ({
        state: set.state,
        rows: set.rows === undefined ? are.ref('rows') : BigInt(set.rows),
        bytes: set.bytes ?? are.ref('bytes'),
        reason: set.reason ?? null,
        updated_at: NOW,
      }))
      .where('id', '=', id)
      .where('state', 'in', UNDER_WAY)
      .returning('id'),
  )
  return moved.length > 0
}

/**
 * Stores which part is about to be sent.
 * @returns false when another worker sends this export
 */
export async function beginPart(
  sql: Sql,
  { id, sentParts, sending }: Pick<Export, 'id' | 'sentParts' | 'sending'>,
  parts: number,
): Promise<boolean> {
  const begun = await sql.rows(
    exportsSql
      .updateTable('exports')
      .set({ sending: sentParts + 1, parts, updated_at: NOW })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .where('sent_parts', '=', sentParts)
      .where('sending', 'is not distinct from', sending)
      .returning('id'),
  )
  return begun.length > 0
}

/**
 * Telegram has taken the part.
 * @returns the export as it is now; undefined when another worker sends it
 */
export async function partSent(
  sql: Sql,
  { id, sentParts }: Pick<Export, 'id' | 'sentParts'>,
  part: { rows: number; bytes: number; last?: string },
): Promise<Export | undefined> {
  const sent = await sql.rows(
    exportsSql
      .updateTable('exports')
      .set(({ eb }) => ({
        sent_parts: sentParts + 1,
        sent_rows: eb('sent_rows', '+', BigInt(part.rows)),
        sent_bytes: eb('sent_bytes', '+', BigInt(part.bytes)),
        sent_to: part.last ?? null,
        sending: null,
        updated_at: NOW,
      }))
      .where('id', '=', id)
      .where('state', '=', 'running')
      .where('sent_parts', '=', sentParts)
      .where('sending', '=', sentParts + 1)
      .returning('id'),
  )
  return sent.length > 0 ? await readExport(sql, id) : undefined
}

/** Telegram refused the part, so it is not being sent any more. */
export async function partRefused(
  sql: Sql,
  { id, sentParts }: Pick<Export, 'id' | 'sentParts'>,
): Promise<void> {
  await sql.rows(
    exportsSql
      .updateTable('exports')
      .set({ sending: null })
      .where('id', '=', id)
      .where('sent_parts', '=', sentParts)
      .where('sending', '=', sentParts + 1),
  )
}
