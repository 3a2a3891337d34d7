import { AsyncLocalStorage } from 'node:async_hooks'
import { sql as q } from 'kysely'
import type { Sql } from './db/db.ts'
import { writeJson } from './storable.ts'

const way = new AsyncLocalStorage<string>()

/** Every line of the audit log that is written meanwhile says by which way it came; what comes by the chat says nothing. */
export const cameBy = <T>(name: string, act: () => Promise<T>): Promise<T> => way.run(name, act)

/** Writes who did what, in the same transaction as the action itself. */
export async function audit(
  tx: Sql,
  line: { actor: bigint; action: string; target: string; bot?: string; details?: Record<string, unknown> },
): Promise<void> {
  const by = way.getStore()
  await tx.rows(q`
    insert into audit_log (bot, actor_id, action, target, details)
    values (${line.bot ?? null}, ${line.actor}, ${line.action}, ${line.target},
            ${writeJson({ ...line.details, ...(by && { way: by }) })}::jsonb)`)
}
