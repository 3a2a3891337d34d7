import { randomBytes } from 'node:crypto'
import { ago, ahead, NOW } from '#shared/db/build.ts'
import { sql as q } from 'kysely'
import { audit, cameBy } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { shorten, storable } from '#shared/storable.ts'
import { hashOf } from '../hash.ts'
import { openSessions } from '../sessions.ts'
import { panelSql } from './tables.ts'

/** Time enough to change to the computer, too short for somebody who finds the link in a history later. */
export const LINK_SECONDS = 60
export const PANEL_HOURS = 12
/** How long a confirmation in the chat is valid. */
const CONFIRMED_MINUTES = 10
/** A browser may ask for a confirmation this often, so that somebody else's browser cannot tire the admin out. */
const ASK_SECONDS = 20
const BROWSER_LENGTH = 200
/** A code of a link is 24 random bytes, and 66 bits by which the gateway knows a code that nobody made. */
const RANDOM_LENGTH = 32
const SIGN = { purpose: 'link of the panel', length: 11 }

type App = Pick<Context, 'db' | 'secrets'>

/** Makes the code of a new link. Unused earlier links of the admin become invalid. */
export async function makeLink(
  { db, secrets }: App,
  { bot, personId }: { bot: string; personId: bigint },
): Promise<string> {
  const random = randomBytes(24).toString('base64url')
  const code = random + secrets.sign(SIGN.purpose, random, SIGN.length)
  await db.tx(async (tx) => {
    await tx.rows(
      panelSql
        .deleteFrom('panel_links')
        .where('bot', '=', bot)
        .where('person_id', '=', personId)
        .where('opened', 'is', null),
    )
    await tx.rows(
      panelSql.insertInto('panel_links').values({
        code_hash: hashOf(code),
        bot,
        person_id: personId,
        expires_at: ahead(LINK_SECONDS, 'second'),
      }),
    )
  })
  return code
}

/**
 * Opens the only session for which a link is valid. The page makes the session's key, so a repeat after a lost answer
 * finds the same session while that is open, and somebody with a copied link has another key. For a code that is no link
 * of ours the database is not asked, because anybody may send such codes.
 * @throws UserError `panel.link` when the link is unknown, late, or has opened a session before
 */
export async function openPanel(
  { db, secrets }: App,
  { code, key, browser }: { code: string; key: string; browser: string },
): Promise<void> {
  const [random, sign] = [code.slice(0, RANDOM_LENGTH), code.slice(RANDOM_LENGTH)]
  if (!secrets.verify(SIGN.purpose, random, sign)) throw new UserError('panel.link')
  const hash = hashOf(key)
  await db.tx(async (tx) => {
    const [link] = await tx.rows(
      panelSql
        .updateTable('panel_links')
        .set({ opened: hash })
        .where('code_hash', '=', hashOf(code))
        .where('expires_at', '>', NOW)
        .where('opened', 'is', null)
        .returning(['bot', 'person_id as personId']),
    )
    if (!link) return await mustBeOpen(tx, { code, hash })
    await tx.rows(
      panelSql.insertInto('panel_sessions').values({
        key_hash: hash,
        bot: link.bot,
        person_id: link.personId,
        browser: shorten(storable(browser), BROWSER_LENGTH),
        // A change of the role between the link and its session ends the session, too. The moment stays in the
        // database: a Date of JavaScript would cut it to milliseconds, and a role given just before would end it.
        created_at: panelSql
          .selectFrom('panel_links')
          .select('created_at')
          .where('code_hash', '=', hashOf(code)),
        expires_at: ahead(PANEL_HOURS, 'hour'),
      }),
    )
    await cameBy('panel', () =>
      audit(tx, {
        actor: link.personId,
        action: 'panel.opened',
        target: `person ${link.personId}`,
        bot: link.bot,
      }),
    )
  })
}

/** @throws UserError `panel.link` unless this link opened this session and nobody has closed it */
async function mustBeOpen(tx: Sql, { code, hash }: { code: string; hash: string }): Promise<void> {
  const [session] = await tx.rows(
    panelSql
      .selectFrom('panel_links as l')
      .innerJoin('panel_sessions as w', 'w.key_hash', 'l.opened')
      .select('w.id')
      .where('l.code_hash', '=', hashOf(code))
      .where('l.expires_at', '>', NOW)
      .where('l.opened', '=', hash),
  )
  if (!session) throw new UserError('panel.link')
}

/**
 * A session ends when the admin's role was given, taken or changed after it began; a new role needs a new link.
 * @returns undefined when there is no such session any more
 */
export async function readPanelSession(sql: Sql, key: string) {
  const [row] = await sql.rows(
    openSessions('panel_sessions', key)
      .select([
        q.ref<bigint>('w.id').as('id'),
        q<string>`concat_ws(' ', nullif(p.first_name, ''), p.last_name)`.as('name'),
        q<boolean>`coalesce(w.confirmed_at > now() - ${CONFIRMED_MINUTES} * interval '1 minute', false)`.as(
          'isConfirmed',
        ),
      ])
      .where((is) => is.or([is('a.added_at', 'is', null), is('a.added_at', '<=', is.ref('w.created_at'))])),
  )
  return row
}

export interface OpenPanel {
  id: bigint
  browser: string
  createdAt: Date
  expiresAt: Date
}

/** The browsers in which this admin has this bot's panel open, newest first. */
export function openPanels(
  sql: Sql,
  { bot, personId }: { bot: string; personId: bigint },
): Promise<OpenPanel[]> {
  return sql.rows(
    panelSql
      .selectFrom('panel_sessions')
      .select(['id', 'browser', 'created_at as createdAt', 'expires_at as expiresAt'])
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('expires_at', '>', NOW)
      .orderBy('id', 'desc')
      .limit(50),
  )
}

/** Ends one session of the admin, or all, and with all of them the link that nobody has opened yet. */
export async function closePanels(
  sql: Sql,
  { bot, personId, id }: { bot: string; personId: bigint; id?: bigint },
): Promise<number> {
  const all = panelSql
    .deleteFrom('panel_sessions')
    .where('person_id', '=', personId)
    .where('bot', '=', bot)
    .returning('id')
  if (id !== undefined) return (await sql.rows(all.where('id', '=', id))).length
  await sql.rows(panelSql.deleteFrom('panel_links').where('person_id', '=', personId).where('bot', '=', bot))
  return (await sql.rows(all)).length
}

/** @returns the browser of the session; undefined when it asked a moment ago */
export async function askToConfirm(
  sql: Sql,
  id: bigint,
): Promise<{ browser: string; since: Date } | undefined> {
  const [row] = await sql.rows(
    panelSql
      .updateTable('panel_sessions')
      .set({ asked_at: NOW })
      .where('id', '=', id)
      .where((is) => is.or([is('asked_at', 'is', null), is('asked_at', '<', ago(ASK_SECONDS, 'second'))]))
      .returning(['browser', 'created_at as since']),
  )
  return row
}

/**
 * Confirms the session named by the pressed key.
 * @returns false when that session has ended
 */
export async function confirmPanel(
  sql: Sql,
  { bot, personId, id }: { bot: string; personId: bigint; id: bigint },
): Promise<boolean> {
  const confirmed = await sql.rows(
    panelSql
      .updateTable('panel_sessions')
      .set({ confirmed_at: NOW })
      .where('id', '=', id)
      .where('person_id', '=', personId)
      .where('bot', '=', bot)
      .where('expires_at', '>', NOW)
      .returning('id'),
  )
  return confirmed.length > 0
}
