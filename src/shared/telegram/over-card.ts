import { isDeepStrictEqual } from 'node:util'
import type { InlineKeyboardButton, LinkPreviewOptions } from 'grammy/types'
import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { jsonb } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { changeOfSession } from '#shared/people.ts'
import { sharedSql } from '#shared/tables.ts'
import { isNotModified } from './errors.ts'

/*
 * A person goes on to another screen in a message that is a card. A job that draws the card at this very moment may reach
 * Telegram after the screen. So the session says where the person stands before Telegram is asked to show the screen, and
 * keeps the screen for a minute: a job that has drawn, or was killed after it, looks there and puts the screen back.
 */

/** A screen as Telegram is asked to show it in a message. */
export interface Drawn {
  text: string
  around: {
    parse_mode: 'HTML'
    link_preview_options: LinkPreviewOptions
    reply_markup: { inline_keyboard: InlineKeyboardButton[][] }
  }
}

/** A message of one bot in the chat of one person. */
export interface WhereShown {
  bot: string
  personId: bigint
  messageId: number
}

/** What the session keeps of a screen that stands in a card's message: when the person came there, and the screen, sealed. */
export interface KeptScreen {
  in: number
  /** Milliseconds, by the database's clock: one host keeps the screen, another one may ask for how long. */
  since: number
  screen: string
}

/** A job that draws is given up after 30 s (`queues.ts`), and its last call to Telegram after as long again. */
const KEPT_MS = 60_000
/** @param now milliseconds, by the database's clock */
export const isKept = ({ since }: KeptScreen, now: number): boolean => now - since < KEPT_MS
const CLOCK = q<number>`(extract(epoch from clock_timestamp()) * 1000)::float8`

/** A screen may show what was bought. */
const sealName = ({ bot, personId, messageId }: WhereShown) => `screen ${bot} ${personId} ${messageId}`

/**
 * Writes down that the person stands in this message.
 * @param since when the person came there, as it was kept for an earlier screen; absent = now
 */
export async function keepScreen(
  { db, secrets }: Pick<Context, 'db' | 'secrets'>,
  place: WhereShown,
  { since, drawn }: { since?: number | undefined; drawn: Drawn },
): Promise<KeptScreen | undefined> {
  const screen = secrets.encrypt(sealName(place), JSON.stringify(drawn)).toString('base64')
  const over = { in: place.messageId, screen }
  const [kept] = await db.rows(
    changeOfSession(place)
      .set({
        session_data: q`jsonb_set(session_data || ${jsonb({ anchor: place.messageId, over })},
          '{over,since}', to_jsonb(coalesce(${since ?? null}::float8, ${CLOCK})))`,
        version: q`version + 1`,
      })
      .returning(q<number>`(session_data #> '{over,since}')::float8`.as('since')),
  )
  return kept && { ...over, since: kept.since }
}

/** The message stays in the chat as it is now: navigation neither edits it nor deletes it any more. */
export async function takeFromNavigation(sql: Sql, place: WhereShown): Promise<void> {
  await sql.rows(
    changeOfSession(place)
      .set({ session_data: q`session_data - 'anchor'` })
      .where(q<boolean>`session_data -> 'anchor' = to_jsonb(${place.messageId}::bigint)`),
  )
}

/**
 * Whether navigation edits this very message, which shows the screen to which the person went last.
 * @returns undefined when the person stands elsewhere; `drawn` = the screen, if a job may have drawn over it
 */
export async function standsIn(
  { db, secrets }: Pick<Context, 'db' | 'secrets'>,
  place: WhereShown,
): Promise<{ drawn?: Drawn } | undefined> {
  const [session] = await db.rows(
    sharedSql
      .selectFrom('bot_sessions')
      .select([q<KeptScreen | null>`session_data -> 'over'`.as('over'), CLOCK.as('now')])
      .where('bot', '=', place.bot)
      .where('person_id', '=', place.personId)
      .where(q<boolean>`session_data -> 'anchor' = to_jsonb(${place.messageId}::bigint)`),
  )
  if (!session) return undefined
  const { over, now } = session
  if (over?.in !== place.messageId || !isKept(over, now)) return {}
  try {
    const screen = secrets.decrypt(sealName(place), Buffer.from(over.screen, 'base64'))
    return { drawn: JSON.parse(screen) as Drawn }
  } catch {
    // The screen was sealed with a key that was changed in this minute.
    return {}
  }
}

/**
 * Puts the person's screen back into a message in which a job may have drawn, and again while the person goes on there.
 * @returns whether the person stands there
 */
export async function putScreenBack(
  app: Pick<Context, 'db' | 'secrets'>,
  place: WhereShown,
  edit: (drawn: Drawn) => Promise<unknown>,
): Promise<boolean> {
  for (let last: Drawn | undefined; ;) {
    const stands = await standsIn(app, place)
    if (!stands?.drawn || isDeepStrictEqual(stands.drawn, last)) return stands !== undefined
    await edit(stands.drawn).catch((error: unknown) => {
      if (!isNotModified(error)) throw error
    })
    last = stands.drawn
  }
}
