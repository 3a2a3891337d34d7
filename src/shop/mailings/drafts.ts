import { createHash } from 'node:crypto'
import { jsonb } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { writeJson } from '#shared/storable.ts'
import type { Mailing } from './mailings.ts'
import { mailingsSql } from './tables.ts'

/** Changes a draft. A mailing in any other state cannot be changed. */
export async function editDraft(
  sql: Sql,
  id: string,
  set: Partial<Pick<Mailing, 'contents' | 'audience' | 'options'>> & { startAt?: Date | null },
): Promise<boolean> {
  const rows = await sql.rows(
    mailingsSql
      .updateTable('broadcasts')
      .set((are) => ({
        contents: set.contents ? jsonb(set.contents) : are.ref('contents'),
        audience: set.audience ? jsonb(set.audience) : are.ref('audience'),
        options: set.options ? jsonb(set.options) : are.ref('options'),
        start_at: set.startAt === undefined ? are.ref('start_at') : set.startAt,
      }))
      .where('id', '=', id)
      .where('state', '=', 'draft')
      .returning('id'),
  )
  return rows.length > 0
}

const byName = ([one]: unknown[], [other]: unknown[]) => (String(one) < String(other) ? -1 : 1)

/**
 * A short name of everything that a draft says now: an admin starts exactly what they have seen. Only the first part of
 * an album is in it, because its further parts arrive after the page was shown.
 */
export function draftPrint({
  contents,
  audience,
  options,
  startAt,
}: Pick<Mailing, 'contents' | 'audience' | 'options' | 'startAt'>): string {
  const words = Object.entries(contents).map(([language, content]) => {
    const { text, entities, buttons, groupId, media } = content
    const keys = buttons.map((row) => row.map((key) => [key.text, key.url]))
    return [language, text, entities, keys, groupId, media[0]]
  })
  const chosen = Object.entries(options).filter(([, on]) => on)
  // PostgreSQL keeps the names of a jsonb in an order of its own.
  const all = writeJson([words.toSorted(byName), audience, chosen.toSorted(byName), startAt])
  return createHash('sha256').update(all).digest('base64url').slice(0, 8)
}
