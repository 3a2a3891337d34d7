import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { writeJson } from './storable.ts'

/** Writes who did what, in the same transaction as the action itself. */
export async function audit(
  tx: Sql,
  line: { actor: bigint; action: string; target: string; bot?: string; details?: Record<string, unknown> },
): Promise<void> {
  await tx.rows(q`
    insert into audit_log (bot, actor_id, action, target, details)
    values (${line.bot ?? null}, ${line.actor}, ${line.action}, ${line.target},
            ${writeJson(line.details ?? {})}::jsonb)`)
}
