import type { InlineKeyboardButton } from 'grammy/types'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import type { Sql } from '#shared/db/db.ts'
import { forgetOrderCard, readOrder, setOrderCard } from '#shared/money/orders.ts'
import type { CardPlace } from '#shared/money/cards.ts'
import type { Order } from '#shared/money/tables.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { takeKeys } from '#shared/queue/jobs/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { type Reader, readerOf } from '#shared/reader.ts'
import { drawCurrent } from '#shared/telegram/draw-current.ts'
import { cannotBeEdited, isNotModified, telegramError, TokenRevoked } from '#shared/telegram/errors.ts'
import { putScreenBack, standsIn } from '#shared/telegram/over-card.ts'
import type { Drawn } from '#shared/telegram/over-card.ts'
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
  const place = { bot: name, personId, messageId: card.messageId }
  const edit = ({ text, around }: Drawn) => bot.api.editMessageText(card.chatId, card.messageId, text, around)
  return await editing(async () => {
    if (await putScreenBack(app, place, edit)) return
    const reader = await readerOf(app, order.bot, order.personId)
    try {
      await drawCurrent(
        order,
        async () => {
          const now = await readOrder(app.db, orderId)
          if (now?.card?.messageId === card.messageId) return (await standsIn(app, place)) ? undefined : now
          // Another message has become the card meanwhile, and this one may have lost its keys before they came back.
          await owe(app.db, takeKeys, { orderId, messageId: card.messageId }, { again: true })
          return undefined
        },
        (row) => screenOf(reader, row),
        ({ text, keyboard = [] }) => edit({ text, around: withKeys(keyboard) }),
      )
    } finally {
      await putScreenBack(app, place, edit)
    }
  })
}

const withKeys = (inline_keyboard: InlineKeyboardButton[][]) => ({
  parse_mode: 'HTML' as const,
  link_preview_options: { is_disabled: true },
  reply_markup: { inline_keyboard },
})

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
