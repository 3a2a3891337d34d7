import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import { readOrder } from '#shared/money/orders.ts'
import { inChats } from './accesses.ts'
import { tellItemBuyer } from './endings.ts'
import { readItem } from './items.ts'
import { shelfSql } from './tables.ts'
import { NOW } from '#shared/db/build.ts'

/* What is known about a bot's rights in the chats for which access is sold. */

type App = Pick<Context, 'db' | 'bots'>

/** A chat, and the bot that administers it. */
export interface ChatDoor {
  bot: string
  chatId: bigint
}

/** The rights that a bot needs to let people in and to take them out. */
export const RIGHTS = ['can_invite_users', 'can_restrict_members'] as const

/**
 * Sets an item's chat. Buyers who are inside the earlier chat keep their access to it. Buyers who have not come in yet come
 * into the new chat, and so does every buyer when the bot has lost the earlier one.
 */
export async function setChat(
  tx: Sql,
  { itemId, ...row }: { itemId: bigint; bot: string; chatId: bigint; title: string; link: string },
): Promise<void> {
  const { bot, title, link } = row
  const values = { bot, title, link, chat_id: row.chatId, lost_at: null, full_at: null, checked_at: NOW }
  const [earlier] = await tx.rows(
    shelfSql
      .selectFrom('shelf_chats')
      .select(['bot', 'chat_id as chatId', 'lost_at as lostAt'])
      .where('item_id', '=', itemId)
      .forUpdate(),
  )
  await tx.rows(
    shelfSql
      .insertInto('shelf_chats')
      .values({ item_id: itemId, ...values })
      .onConflict((on) => on.column('item_id').doUpdateSet(values)),
  )
  if (!earlier || (earlier.bot === bot && earlier.chatId === row.chatId)) return
  const isGone = earlier.lostAt !== null
  const moved = await tx.rows(
    shelfSql
      .updateTable('shelf_accesses')
      .set({ bot, chat_id: row.chatId })
      .where('item_id', '=', itemId)
      .where('bot', '=', earlier.bot)
      .where('chat_id', '=', earlier.chatId)
      .where(q<boolean>`ended_at is null and (joined_at is null or ${isGone})`)
      .returning(['order_id as orderId', 'person_id as personId', q<boolean>`from_at <= now()`.as('runs')]),
  )
  const news = { text: 'shelf-access-unstuck-notice', links: [{ text: 'shelf-key-enter', url: link }] }
  for (const { orderId, personId } of isGone ? moved.filter(({ runs }) => runs) : [])
    await tellHolder(tx, { orderId, personId }, `moved-${row.chatId}`, news)
}

async function tellHolder(
  tx: Sql,
  { orderId, personId }: { orderId: string; personId: bigint },
  key: string,
  notice: Parameters<typeof tellItemBuyer>[3],
): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (order) await tellItemBuyer(tx, order, key, { ...notice, personId })
}

/** Why Telegram lets somebody in no more: they are in too many chats, or this chat has no room. */
export type Refusal = 'too-many' | 'full'

const REFUSED: Record<Refusal, string> = {
  'too-many': 'shelf-access-too-many-notice',
  full: 'shelf-access-full-notice',
}

/**
 * Telegram refuses to let this one person in. The request stays, the bot goes on trying, and the person is told once what
 * to do; whom it does not help gets the money back (`payBackStuck`). Only the admins can make room in a full chat, so
 * they are told as well, once a day.
 */
export async function refusePerson(
  { db, bots }: App,
  { bot, chatId, personId }: ChatDoor & { personId: bigint },
  why: Refusal,
): Promise<void> {
  await db.tx(async (tx) => {
    if (why === 'full') await tellFull(tx, bots, { bot, chatId })
    const [refused] = await tx.rows(
      shelfSql
        .updateTable('shelf_accesses')
        .set({ refused_at: NOW })
        .where('bot', '=', bot)
        .where('chat_id', '=', chatId)
        .where('person_id', '=', personId)
        .where(q<boolean>`ended_at is null and asked_at is not null and refused_at is null`)
        .returning(['order_id as orderId', q<string>`to_char(now(), 'YYYY-MM-DD')`.as('day')]),
    )
    if (refused)
      await tellHolder(tx, { orderId: refused.orderId, personId }, `${why}-${refused.day}`, {
        text: REFUSED[why],
      })
  })
}

async function tellFull(tx: Sql, bots: App['bots'], { bot, chatId }: ChatDoor): Promise<void> {
  const [full] = await tx.rows(
    shelfSql
      .updateTable('shelf_chats')
      .set({ full_at: NOW })
      .where('bot', '=', bot)
      .where('chat_id', '=', chatId)
      .returning(['item_id as itemId', 'title', q<string>`to_char(now(), 'YYYY-MM-DD')`.as('day')]),
  )
  // Buyers of an earlier chat of the item still come in there, but nothing is sold for that chat.
  if (!full) return
  const item = await readItem(tx, full.itemId)
  await oweAdminAlert(tx, toldOf(bots, bot), {
    key: `shelf-chat-full-${bot}-${chatId}-${full.day}`,
    text: 'alert-shelf-chat-full',
    params: { name: item!.name, title: full.title },
    buttons: [[['shelf-key-stock', 'a-item', String(full.itemId)]]],
  })
}

/** Somebody was let in, so the chat has room and is sold again. */
export async function hasRoom(sql: Sql, { bot, chatId }: ChatDoor): Promise<void> {
  await sql.rows(
    shelfSql
      .updateTable('shelf_chats')
      .set({ full_at: null })
      .where('bot', '=', bot)
      .where('chat_id', '=', chatId)
      .where('full_at', 'is not', null),
  )
}

/** The items that sell access to this chat. */
export const chatsAt = (sql: Sql, { bot, chatId }: ChatDoor) =>
  sql.rows(
    shelfSql
      .selectFrom('shelf_chats')
      .select(['item_id as itemId', 'link', 'lost_at as lostAt'])
      .where('bot', '=', bot)
      .where('chat_id', '=', chatId)
      .orderBy('item_id'),
  )

/**
 * The bot can let nobody in any more: the access is not sold meanwhile, and waiting buyers and the admins are told
 * once.
 */
export async function loseDoor({ db, bots }: App, door: ChatDoor): Promise<void> {
  await db.tx(async (tx) => {
    const lost = await mark(tx, door, true)
    if (!lost) return
    const item = await readItem(tx, lost.itemId)
    await oweAdminAlert(tx, toldOf(bots, door.bot), {
      key: `shelf-chat-lost-${door.bot}-${door.chatId}-${lost.at}`,
      text: 'alert-shelf-chat-lost',
      params: { name: item!.name, title: lost.title },
      buttons: [[['shelf-key-stock', 'a-item', String(lost.itemId)]]],
    })
    await tellWaiting(tx, door, `stuck-${lost.at}`, { text: 'shelf-access-stuck-notice' })
  })
}

/** The bot has its rights again: people who could not get in are asked to try again. */
export async function regainDoor({ db }: App, door: ChatDoor): Promise<void> {
  await db.tx(async (tx) => {
    const found = await mark(tx, door, false)
    if (!found) return
    await tellWaiting(tx, door, `unstuck-${found.at}`, {
      text: 'shelf-access-unstuck-notice',
      links: [{ text: 'shelf-key-enter', url: found.link }],
    })
  })
}

/** @returns undefined when the state was stored already */
async function mark(tx: Sql, { bot, chatId }: ChatDoor, lost: boolean) {
  const rows = await tx.rows(
    shelfSql
      .updateTable('shelf_chats')
      .set({ lost_at: lost ? NOW : null, checked_at: NOW })
      .where('bot', '=', bot)
      .where('chat_id', '=', chatId)
      .where('lost_at', lost ? 'is' : 'is not', null)
      .returning(['item_id as itemId', 'title', 'link'])
      .returning(q<string>`(extract(epoch from now()) * 1000000)::bigint::text`.as('at')),
  )
  return rows[0]
}

async function tellWaiting(
  tx: Sql,
  door: ChatDoor,
  key: string,
  notice: Parameters<typeof tellItemBuyer>[3],
): Promise<void> {
  const waiting = await tx.rows(
    inChats(door)
      .select(['order_id as orderId', 'person_id as personId'])
      .where(q<boolean>`ended_at is null and joined_at is null and from_at <= now()`),
  )
  for (const one of waiting) await tellHolder(tx, one, key, notice)
}
