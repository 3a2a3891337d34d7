import { sql as q } from 'kysely'
import { audit } from '#shared/audit.ts'
import type { Db, Reads, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { mailingColumns, cancelMailing, pauseMailing, readMailing, resumeMailing } from './mailings.ts'
import type { Mailing } from './mailings.ts'
import { mailingsSql } from './tables.ts'

const MOVES = { pause: pauseMailing, resume: resumeMailing, cancel: cancelMailing } satisfies Record<
  string,
  (tx: Sql, id: string) => Promise<boolean>
>

/** A mailing of one bot: each bot's admins decide about its own. @throws UserError `admin.not-found` */
export async function mailingOf(sql: Sql, bot: string, id: string): Promise<Mailing> {
  const mailing = await readMailing(sql, id)
  if (mailing?.bot !== bot) throw new UserError('admin.not-found')
  return mailing
}

/** What an admin decides about a mailing, with its audit line. @returns false when somebody else was faster */
export async function moveMailing(
  db: Db,
  move: { id: string; bot: string; by: bigint; how: keyof typeof MOVES },
): Promise<boolean> {
  const { id, bot, by, how } = move
  await mailingOf(db, bot, id)
  return db.tx(async (tx) => {
    if (!(await MOVES[how](tx, id))) return false
    await audit(tx, { actor: by, action: `broadcast.${how}`, target: `broadcast ${id}`, bot })
    return true
  })
}

export const MAILING_STATES: readonly Mailing['state'][] = [
  'running',
  'paused',
  'scheduled',
  'draft',
  'done',
  'cancelled',
]

/**
 * The mailings of one bot, newest first.
 * @param page.after the id of the last mailing that the admin has seen
 */
export function listMailings(
  sql: Reads,
  page: { bot: string; state?: Mailing['state'] | undefined; after?: string | undefined; limit: number },
): Promise<Mailing[]> {
  const { bot, state, after, limit } = page
  let found = mailingsSql.selectFrom('broadcasts as b').select(mailingColumns).where('b.bot', '=', bot)
  if (state) found = found.where('b.state', '=', state)
  if (after !== undefined)
    found = found.where(
      q<boolean>`(b.created_at, b.id) < (select created_at, id from broadcasts where id = ${after})`,
    )
  return sql.rows(found.orderBy('b.created_at', 'desc').orderBy('b.id', 'desc').limit(limit)) as Promise<
    Mailing[]
  >
}
