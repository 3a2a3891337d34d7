import { sql as q } from 'kysely'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import type { Sql } from '#shared/db/db.ts'
import { forgetOrderCard, readOrder, setOrderCard } from '#shared/money/orders.ts'
import type { CardPlace } from '#shared/money/cards.ts'
import type { Order } from '#shared/money/tables.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { type Reader, readerOf } from '#shared/reader.ts'
import { drawCurrent } from '#shared/telegram/draw-current.ts'
import { sharedSql } from '#shared/tables.ts'
import { cannotBeEdited, isNotModified, telegramError, TokenRevoked } from '#shared/telegram/errors.ts'
import type { Chat } from './chat.ts'
import { chatId } from './screen.ts'
import type { Screen } from './screen.ts'

/**
 * Redraws an order's card in its present state, so a late job shows nothing old. Where the person has gone on in this very
 * message, it shows another screen by now, which stays.
 */
export async function refreshOrderCard(
  app: Context,
  orderId: string,
  screenOf: (reader: Reader, order: Order) => Promise<Screen>,
): Promise<Verdict> {
  const order = await readOrder(app.db, orderId)
  // Open pages may show the same order, even if no chat has its card.
  if (order) await tellChange(app.db, order.personId)
  const bot = order && app.bots.get(order.bot)
  if (!order?.card || !bot) return done
  const { bot: name, personId, card } = order
  if (await navigationStandsIn(app.db, { bot: name, personId, messageId: card.messageId })) return done
  const reader = await readerOf(app, order.bot, order.personId)
  return await editing(() =>
    drawCurrent(
      order,
      () => readOrder(app.db, orderId),
      (row) => screenOf(reader, row),
      ({ text, keyboard = [] }, { chatId, messageId }) =>
        bot.api.editMessageText(chatId, messageId, text, {
          parse_mode: 'HTML',
          link_preview_options: { is_disabled: true },
          reply_markup: { inline_keyboard: keyboard },
        }),
    ),
  )
}

/** Whether the message is the one that navigation edits: it shows the screen to which the person went last. */
export async function navigationStandsIn(
  sql: Sql,
  { bot, personId, messageId }: { bot: string; personId: bigint; messageId: number },
): Promise<boolean> {
  const [session] = await sql.rows(
    sharedSql
      .selectFrom('bot_sessions')
      .select(q<string | null>`session_data ->> 'anchor'`.as('anchor'))
      .where('bot', '=', bot)
      .where('person_id', '=', personId),
  )
  return session?.anchor === String(messageId)
}

/** An edit for which nobody waits: if the message is deleted, nothing is lost, for what happened is also told by a message. */
export async function editing(edit: () => Promise<unknown>): Promise<Verdict> {
  try {
    await edit()
  } catch (error) {
    if (isNotModified(error) || cannotBeEdited(error)) return done
    const meaning = telegramError(error)
    if (meaning instanceof TokenRevoked) return later(60_000, meaning.message)
    if (meaning instanceof Transient || meaning instanceof UnknownOutcome) throw meaning
  }
  return done
}

/**
 * The message shows the order from here on; the one that showed it before loses its keys.
 * @returns whether the message showed another order or a payment until now
 */
export const keepOrderCard = (chat: Chat, orderId: string, messageId: number): Promise<boolean> =>
  chat.app.db.tx((tx) => setOrderCard(tx, orderId, placeIn(chat, messageId)))

/** A message of this chat. */
export const placeIn = (chat: Chat, messageId: number): CardPlace => ({
  bot: chat.bot.name,
  chatId: chatId(chat),
  messageId,
})

/** The message whose key was pressed shows something else from now on: an order whose card it was has none. */
export async function leaveOrderCard(sql: Sql, chat: Chat, orderId: string): Promise<void> {
  const messageId = chat.ctx.callbackQuery?.message?.message_id
  if (messageId) await forgetOrderCard(sql, orderId, { chatId: chatId(chat), messageId })
}
