import { InputFile, InputMediaBuilder } from 'grammy'
import QRCode from 'qrcode'
import { tellChange } from '#shared/changes.ts'
import type { Context } from '#shared/context.ts'
import type { Payment } from '#shared/money/tables.ts'
import { explain } from '#shared/errors.ts'
import { readPayment, setPaymentCard } from '../payments.ts'
import { done, type Verdict } from '#shared/queue/job.ts'
import {
  cannotBeEdited,
  isNotModified,
  telegramError,
  TokenRevoked,
  Unreachable,
} from '#shared/telegram/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { readerOf } from '#shared/reader.ts'
import { paymentCard, type PaymentCard } from './card.ts'
import { requestCard } from './request-card.ts'

/** 33 modules of a pay link at 10 pixels: sharp on a phone, 5 KiB. */
const QR = { width: 400, margin: 2, errorCorrectionLevel: 'M' } as const

/**
 * Redraws a payment's message. With a link to pay it becomes a picture with a QR code, once; from then on only its
 * caption changes. A message that the person has deleted stays deleted: the outcome comes as a message of its own.
 */
export async function drawCard(app: Context, paymentId: string): Promise<Verdict> {
  const payment = await readPayment(app.db, paymentId)
  // Pages show the same payment, whether or not it has a card in a chat.
  if (payment) await tellChange(app.db, payment.personId)
  const bot = payment && app.bots.get(payment.bot)
  if (!payment?.card || !bot) return done
  const reader = await readerOf(app, payment.bot, payment.personId)
  const card =
    payment.provider === 'manual'
      ? await requestCard(app, reader, payment)
      : paymentCard(app, reader, payment)
  try {
    await draw(app, bot, payment, card)
  } catch (error) {
    if (isNotModified(error) || cannotBeEdited(error)) return done
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable || meaning instanceof TokenRevoked) return done
    throw meaning
  }
  return done
}

async function draw(app: Context, bot: ServedBot, payment: Payment, card: PaymentCard): Promise<void> {
  const { chatId, messageId, picture } = payment.card as NonNullable<Payment['card']>
  const caption = { parse_mode: 'HTML' as const, reply_markup: { inline_keyboard: card.keyboard } }
  if (picture) {
    await bot.api.editMessageCaption(chatId, messageId, { caption: card.text, ...caption })
    return
  }
  if (!card.link) {
    await bot.api.editMessageText(chatId, messageId, card.text, caption)
    return
  }
  const image = new InputFile(await QRCode.toBuffer(card.link, QR), 'qr.png')
  const media = InputMediaBuilder.photo(image, { caption: card.text, parse_mode: 'HTML' })
  try {
    await bot.api.editMessageMedia(chatId, messageId, media, { reply_markup: caption.reply_markup })
    await setPaymentCard(app.db, payment.id, { chatId, messageId, picture: true })
  } catch (error) {
    if (isNotModified(error)) return
    // The payer needs the link; the picture only makes it easier, so its failure is only a line of the log.
    app.log.warn({ paymentId: payment.id, reason: explain(error) }, 'the QR picture could not be made')
    await bot.api.editMessageText(chatId, messageId, card.text, caption)
  }
}
