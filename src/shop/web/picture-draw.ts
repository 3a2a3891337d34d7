import { Transient, UserError, UnknownOutcome } from '#shared/errors.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { setOrderCard } from '#shared/money/orders.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import { telegramError, Unreachable } from '#shared/telegram/errors.ts'
import { payPicture } from '#shop/pictures/drafts.ts'
import type { Picture } from '#shop/pictures/pictures.ts'
import { awaitPictureMoney } from '#shop/pictures/waiting.ts'
import type { Visitor } from './visitor.ts'

/**
 * Pays for a draft of the page. A picture lives in a message of the chat, which shows its progress and becomes it; so that
 * message is sent first, and taken back where nothing came of it. What the balance lacks is waited for.
 * @throws UserError as payPicture does; `web.no-chat` for whom the bot may not write to
 */
export async function drawFromPage(
  visitor: Visitor,
  draft: Picture,
  said: { agreed: bigint; isFree: boolean },
): Promise<void> {
  const { bot, personId } = visitor
  const chatId = Number(personId)
  const messageId = await begin(visitor, chatId)
  const takeBack = () => bot.api.deleteMessage(chatId, messageId).catch(() => {})
  try {
    const { is } = await payPicture(visitor, draft, { ...said, card: { bot: bot.name, chatId, messageId } })
    // When two presses came at once, the message of the other one shows the picture, and this one is deleted.
    if (is === 'already') await takeBack()
  } catch (error) {
    if (error instanceof UserError && error.code === 'balance.insufficient') {
      if (await waitForMoney(visitor, draft, { chatId, messageId })) return
      await takeBack()
      throw new UserError('web.price')
    }
    await takeBack()
    if (error instanceof UserError && error.code === 'price.changed') throw new UserError('web.price')
    throw error
  }
}

async function begin({ bot, t }: Visitor, chatId: number): Promise<number> {
  try {
    const { message_id: messageId } = await bot.api.sendMessage(chatId, t('image-accepting'), {
      parse_mode: 'HTML',
    })
    return messageId
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) throw new UserError('web.no-chat')
    if (meaning instanceof UnknownOutcome) throw new Transient('Telegram did not answer', { cause: error })
    throw meaning
  }
}

/** @returns false when the balance is enough and only the price on the key was another one */
async function waitForMoney(
  visitor: Visitor,
  { orderId, price }: Picture,
  card: { chatId: number; messageId: number },
): Promise<boolean> {
  const { app, bot, personId, t, money } = visitor
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  if (means.missing === 0n) return false
  await app.db.tx(async (tx) => {
    await awaitPictureMoney(tx, orderId, means.roubles, `person:${personId}`)
    await setOrderCard(tx, orderId, { bot: bot.name, ...card })
  })
  const text = t('image-short', { price: money(price, 'TOK'), lacking: money(means.lacking, 'TOK') })
  const key = callbackButton(t('image-pay-rest'), pack(app.secrets, personId, 'picture-pay', orderId))
  await bot.api
    .editMessageText(card.chatId, card.messageId, text, {
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: [[key]] },
    })
    // The message may fail, because the page says the same.
    .catch((error: unknown) =>
      app.log.info(
        { order: orderId, err: error },
        'the message in the chat could not say what a picture lacks',
      ),
    )
  return true
}
