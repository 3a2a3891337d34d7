import { sql as q } from 'kysely'
import { z } from 'zod'
import { audit } from '../audit.ts'
import type { Db, Sql } from '../db/db.ts'
import { violatedConstraint } from '../db/db.ts'
import type { Card } from '../db/entities/trade.ts'
import { UserError } from '../errors.ts'
import { newId } from '../ids.ts'
import { runExport } from '../queue/jobs/exports.ts'
import { owe } from '../queue/outbox.ts'

export const EXPORT_KINDS = ['transactions', 'people', 'payments', 'orders', 'broadcast'] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]

/** What of it; what is not said does not matter. */
export const exportParams = z.object({
  /** Of the last so many days. */
  days: z.number().int().positive().optional(),
  personId: z.string().regex(/^\d+$/).optional(),
  /** Kind of operation, provider of payments, good of orders. */
  type: z.string().optional(),
  broadcastId: z.string().optional(),
})
export type ExportParams = z.infer<typeof exportParams>

export interface Export {
  id: string
  kind: ExportKind
  bot: string
  adminId: bigint
  language: 'ru' | 'en'
  params: ExportParams
  state: 'queued' | 'running' | 'done' | 'failed'
  rows: bigint
  card: Card | null
}

/** An export that shows no progress for so long is dead, and its admin may ask again. */
const DEAD_MINUTES = 30

/** Asks for a file. @throws UserError `export.busy` while the admin's last one of this kind is being made */
export async function requestExport(
  db: Db,
  wish: Pick<Export, 'kind' | 'bot' | 'adminId' | 'language' | 'params'> & { card: Card },
): Promise<string> {
  const id = newId()
  try {
    await db.tx(async (tx) => {
      await tx.rows(q`
        update exports set state = 'failed', reason = 'it stopped' where admin_id = ${wish.adminId}
          and kind = ${wish.kind} and state in ('queued', 'running')
          and updated_at < now() - ${DEAD_MINUTES} * interval '1 minute'`)
      await tx.rows(q`
        insert into exports (id, kind, bot, admin_id, language, params, card)
        values (${id}, ${wish.kind}, ${wish.bot}, ${wish.adminId}, ${wish.language},
                ${JSON.stringify(wish.params)}::jsonb, ${JSON.stringify(wish.card)}::jsonb)`)
      await audit(tx, {
        actor: wish.adminId,
        action: 'export',
        target: `export ${wish.kind}`,
        bot: wish.bot,
        details: wish.params,
      })
      await owe(tx, runExport, { exportId: id })
    })
  } catch (error) {
    if (violatedConstraint(error) === 'exports_one_of_a_kind') throw new UserError('export.busy')
    throw error
  }
  return id
}

export async function readExport(sql: Sql, id: string): Promise<Export | undefined> {
  const [row] = await sql.rows(q<Export>`
    select id, kind, bot, admin_id as "adminId", language, params, state, rows, card from exports where id = ${id}`)
  return row && { ...row, params: exportParams.parse(row.params) }
}

export async function moveExport(
  sql: Sql,
  id: string,
  set: { state: Export['state']; rows?: number; bytes?: number; reason?: string },
): Promise<void> {
  await sql.rows(q`
    update exports set state = ${set.state}, rows = coalesce(${set.rows ?? null}, rows),
      bytes = coalesce(${set.bytes ?? null}, bytes), reason = ${set.reason ?? null}, updated_at = now()
    where id = ${id}`)
}
