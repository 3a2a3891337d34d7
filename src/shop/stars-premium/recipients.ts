import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import { starsPremiumSql } from './tables.ts'
import type { Context } from '#shared/context.ts'
import { Rejected, Transient, UserError } from '#shared/errors.ts'
import type { ResellerClient } from './reseller/client.ts'
import { findRecipient } from './reseller/misc.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { Unreachable, telegramError } from '#shared/telegram/errors.ts'
import type { RecipientCard } from './orders.ts'

/** Look-ups that are under way, by the database of the shop whose reseller is asked. */
const underWay = new WeakMap<object, Map<string, Promise<RecipientCard>>>()

/**
 * Finds who these usernames belong to right now, as the reseller sees them.
 * @param shop its database: a name that this process is asking about for the same shop is not asked about twice
 * @throws UserError `recipient.unknown`, `recipient.check` (the check is down, which says nothing about the name)
 */
export async function lookUpRecipients(
  connect: () => Promise<ResellerClient>,
  usernames: readonly string[],
  shop?: object,
): Promise<RecipientCard[]> {
  const cards: RecipientCard[] = []
  for (const username of usernames)
    cards.push(await (shop ? shared(shop, connect, username) : lookUp(connect, username)))
  return cards
}

function shared(
  shop: object,
  connect: () => Promise<ResellerClient>,
  username: string,
): Promise<RecipientCard> {
  const running = underWay.get(shop) ?? new Map<string, Promise<RecipientCard>>()
  underWay.set(shop, running)
  const asked = running.get(username)
  if (asked) return asked
  const found = lookUp(connect, username).finally(() => void running.delete(username))
  running.set(username, found)
  return found
}

/** Refusals that concern the name. Every other refusal is the reseller's own trouble. */
const UNKNOWN = new Set(['fragment.username-refused', 'fragment.recipient-unknown'])

async function lookUp(connect: () => Promise<ResellerClient>, username: string): Promise<RecipientCard> {
  try {
    const found = await findRecipient(await connect(), username)
    if (!found) throw new UserError('recipient.unknown', { name: username })
    const { name, photo, hasPremium } = found
    return { username: found.username, name, photo, hasPremium, telegramId: null }
  } catch (error) {
    if (error instanceof Rejected && UNKNOWN.has(error.code)) {
      throw new UserError('recipient.unknown', { name: username })
    }
    if (error instanceof Rejected || error instanceof Transient) throw new UserError('recipient.check')
    throw error
  }
}

/**
 * Recipients of Premium that is paid with the bot's own Stars: people who have started this bot and not blocked it. A
 * name may belong to somebody else since its owner wrote to us, so Telegram is asked who has it now.
 * @throws UserError `recipient.not-here`, `recipient.check` (Telegram does not answer)
 */
export async function knownRecipients(
  { db, bots }: Pick<Context, 'db' | 'bots'>,
  bot: string,
  usernames: readonly string[],
): Promise<RecipientCard[]> {
  const rows = await db.rows(
    starsPremiumSql
      .selectFrom('persons as p')
      .innerJoin('bot_sessions as s', 's.person_id', 'p.id')
      .select('p.id')
      .select((build) => build.ref('p.username').$notNull().as('username'))
      .where('s.bot', '=', bot)
      .where('s.blocked_at', 'is', null)
      .where(q<string>`lower(p.username)`, '=', anyOf(usernames.map((name) => name.toLowerCase())))
      .orderBy('p.updated_at'),
  )
  const known = new Map(rows.map((row) => [row.username.toLowerCase(), row.id]))
  const cards: RecipientCard[] = []
  for (const username of usernames) {
    const id = known.get(username.toLowerCase())
    const now = id && (await whoIs(bots.get(bot), id))
    const isTheirs = now && now.usernames.some((name) => name.toLowerCase() === username.toLowerCase())
    if (!isTheirs) throw new UserError('recipient.not-here', { name: username })
    cards.push({ username, name: now.name, photo: null, hasPremium: null, telegramId: String(id) })
  }
  return cards
}

/** @returns undefined when Telegram does not know this person in this bot any more */
async function whoIs(
  bot: ServedBot | undefined,
  id: bigint,
): Promise<{ name: string; usernames: string[] } | undefined> {
  if (!bot) throw new UserError('recipient.check')
  try {
    const chat = await bot.api.getChat(Number(id))
    const name = [chat.first_name, chat.last_name].filter(Boolean).join(' ')
    return { name, usernames: chat.active_usernames ?? (chat.username ? [chat.username] : []) }
  } catch (error) {
    if (telegramError(error) instanceof Unreachable) return undefined
    throw new UserError('recipient.check')
  }
}

/** Checks that the names still belong to the people shown on the confirmation: a username can change hands. */
export function sameRecipients(shown: readonly RecipientCard[], now: readonly RecipientCard[]): void {
  for (const [index, one] of shown.entries()) {
    const other = now[index]
    const same =
      other?.username?.toLowerCase() === one.username?.toLowerCase() &&
      other?.name === one.name &&
      other?.telegramId === one.telegramId
    if (!same) throw new UserError('recipient.changed', { name: one.username ?? one.name ?? '' })
  }
}
