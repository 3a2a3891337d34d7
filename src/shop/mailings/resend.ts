import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { createMailing, readMailing, scheduleMailing } from './mailings.ts'
import { editDraft } from './drafts.ts'
import { mailingsSql } from './tables.ts'

/**
 * A mailing for those whose message may not have arrived, as an admin's own decision: their rows become `resent`, and
 * the new mailing is for exactly these.
 */
export async function resendUncertain(
  tx: Sql,
  id: string,
  resend: { id: string; by: bigint },
): Promise<number> {
  const parent = await readMailing(tx, id)
  if (!parent) return 0
  const rows = await tx.rows(
    mailingsSql
      .updateTable('broadcast_recipients')
      // Whose they are: of a cancelled mailing more become uncertain later, and those are sent again by themselves.
      .set({ state: 'resent', touched_by: resend.id })
      .where('broadcast_id', '=', id)
      .where('state', '=', 'uncertain')
      .returning('number'),
  )
  if (rows.length === 0) return 0
  await createMailing(tx, { id: resend.id, bot: parent.bot, createdBy: resend.by, parentId: id })
  const { contents, audience, options } = parent
  await editDraft(tx, resend.id, { contents, audience, options })
  // Another message of a cancelled mailing may have become uncertain meanwhile, for which the key stays.
  const left = q<number>`greatest(0, uncertain - ${rows.length})`
  await tx.rows(mailingsSql.updateTable('broadcasts').set({ uncertain: left }).where('id', '=', id))
  await scheduleMailing(tx, resend.id)
  return rows.length
}
