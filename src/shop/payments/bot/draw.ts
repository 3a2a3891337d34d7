import { InputFile, InputMediaBuilder } from 'grammy'
import QRCode from 'qrcode'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import type { Card, Payment } from '#shared/money/tables.ts'
import { explain } from '#shared/errors.ts'
import { markCardPicture, readPayment } from '../payments.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import {
  cannotBeEdited,
  hasNoText,
  isNotModified,
  telegramError,
  TokenRevoked,
  Unreachable,
} from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { drawCurrent } from '#shared/telegram/draw-current.ts'
import { readerOf } from '#shared/reader.ts'
import { paymentCard, type PaymentCard } from './card.ts'
import { requestCard } from './request-card.ts'

/** 33 modules of a pay link at 10 pixels: sharp on a phone, 5 KiB. */
const QR = { width: 400, margin: 2, errorCorrectionLevel: 'M' } as const

/**
 * Redraws a payment's message as the payment is now. With a link to pay it becomes a picture with a QR code, once; from
 * then on only its caption changes. A message that the person has deleted stays deleted: the outcome comes as a message
 * of its own.
 */
export async function drawCard(app: Context, paymentId: string): Promise<Verdict> {
  const payment = await readPayment(app.db, paymentId)
  // Pages show the same payment, whether or not it has a card in a chat.
  if (payment) await tellChange(app.db, payment.personId)
  const bot = payment && app.bots.get(payment.bot)
  if (!payment?.card || !bot) return done
  const reader = await readerOf(app, payment.bot, payment.personId)
  const cardOf = (row: Payment) =>
    row.provider === 'manual' ? requestCard(app, reader, row) : paymentCard(app, reader, row)
  try {
    await drawCurrent(
      payment,
      () => readPayment(app.db, paymentId),
      cardOf,
      (shown, place) => put(app, bot, paymentId, shown, place),
    )
  } catch (error) {
    if (isNotModified(error) || cannotBeEdited(error)) return done
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable || meaning instanceof TokenRevoked) return done
    throw meaning
  }
  return done
}

async function put(app: Context, bot: ServedBot, id: string, shown: PaymentCard, place: Card): Promise<void> {
  const { chatId, messageId, picture } = place
  const { text, keyboard: inline_keyboard, link } = shown
  const around = { parse_mode: 'HTML' as const, reply_markup: { inline_keyboard } }
  const asCaption = () => bot.api.editMessageCaption(chatId, messageId, { caption: text, ...around })
  if (picture) {
    await asCaption()
    return
  }
  if (link && (await becomesPicture(app, bot, id, shown, place))) return
  try {
    await bot.api.editMessageText(chatId, messageId, text, around)
  } catch (error) {
    // Another drawing has made it a picture, and Telegram's answer to that is still on its way or was lost.
    if (!hasNoText(error)) throw error
    await asCaption()
  }
}

/** @returns false when it does not: the payer needs the link, and the picture only makes it easier */
async function becomesPicture(
  app: Context,
  bot: ServedBot,
  id: string,
  { text, link, keyboard }: PaymentCard,
  { chatId, messageId }: Card,
): Promise<boolean> {
  try {
    const image = new InputFile(await QRCode.toBuffer(link!, QR), 'qr.png')
    const media = InputMediaBuilder.photo(image, { caption: text, parse_mode: 'HTML' })
    await bot.api.editMessageMedia(chatId, messageId, media, { reply_markup: { inline_keyboard: keyboard } })
    await markCardPicture(app.db, id, messageId)
  } catch (error) {
    if (isNotModified(error)) return true
    // The person has deleted the message: its words cannot be edited either.
    if (cannotBeEdited(error)) throw error
    app.log.warn(
      { payment: id, reason: explain(error) },
      'the card of a payment keeps its words without the QR code',
    )
    return false
  }
  return true
}
