import { sql as q } from 'kysely'
import type { Sql } from '../db/db.ts'
import { Rejected, Transient, UserError } from '../errors.ts'
import type { FragmentClient } from '../providers/fragment/client.ts'
import { findRecipient } from '../providers/fragment/misc.ts'
import type { RecipientCard } from './orders.ts'

/**
 * Whom these usernames belong to right now, as the reseller sees them.
 * @throws UserError `recipient-unknown`, `recipient-check` (the check is down, which says nothing about the name)
 */
export async function lookUpRecipients(
  connect: () => Promise<FragmentClient>,
  usernames: readonly string[],
): Promise<RecipientCard[]> {
  const cards: RecipientCard[] = []
  for (const username of usernames) cards.push(await lookUp(connect, username))
  return cards
}

/** Refusals that are about the name. All others are the reseller's own trouble. */
const UNKNOWN = new Set(['fragment.username-refused', 'fragment.recipient-unknown'])

async function lookUp(connect: () => Promise<FragmentClient>, username: string): Promise<RecipientCard> {
  try {
    const found = await findRecipient(await connect(), username)
    if (!found) throw new UserError('recipient-unknown', { name: username })
    const { name, photo, hasPremium } = found
    return { username: found.username, name, photo, hasPremium, telegramId: null }
  } catch (error) {
    if (error instanceof Rejected && UNKNOWN.has(error.code)) {
      throw new UserError('recipient-unknown', { name: username })
    }
    if (error instanceof Rejected || error instanceof Transient) throw new UserError('recipient-check')
    throw error
  }
}

/**
 * For Premium by the bot's own Stars: people who have started this bot and have not blocked it.
 * @throws UserError `recipient-not-here`
 */
export async function knownRecipients(
  sql: Sql,
  bot: string,
  usernames: readonly string[],
): Promise<RecipientCard[]> {
  const rows = await sql.rows(q<{ id: bigint; username: string; name: string }>`
    select p.id, p.username, trim(p.first_name || ' ' || coalesce(p.last_name, '')) as name
    from persons p join bot_sessions s on s.person_id = p.id
    where s.bot = ${bot} and s.blocked_at is null and lower(p.username) = any(${usernames.map((n) => n.toLowerCase())})
    order by p.updated_at`)
  const known = new Map(rows.map((row) => [row.username.toLowerCase(), row]))
  return usernames.map((username) => {
    const found = known.get(username.toLowerCase())
    if (!found) throw new UserError('recipient-not-here', { name: username })
    const { id, name } = found
    return { username: found.username, name, photo: null, hasPremium: null, telegramId: String(id) }
  })
}

/**
 * The people shown on the confirmation must still be the ones behind the names: a username can change hands.
 * @throws UserError `recipient-changed`
 */
export function sameRecipients(shown: readonly RecipientCard[], now: readonly RecipientCard[]): void {
  for (const [index, one] of shown.entries()) {
    const other = now[index]
    const same =
      other?.username?.toLowerCase() === one.username?.toLowerCase() &&
      other?.name === one.name &&
      other?.telegramId === one.telegramId
    if (!same) throw new UserError('recipient-changed', { name: one.username ?? one.name ?? '' })
  }
}
