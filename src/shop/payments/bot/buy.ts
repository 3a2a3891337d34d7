import { newId } from '#shared/ids.ts'
import { openPack, packsOnSale } from '../packs.ts'
import { readPayment, setPaymentCard } from '../payments.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { placeIn } from '#workers/bot/order-card.ts'
import { back, button, chatId, show, showBelow } from '#workers/bot/screen.ts'

/** Tokens for Telegram Stars, in one message that is edited from the packs to the paid invoice. */
export const buy: Feature = {
  commands: { buy: (chat) => showPacks(chat) },
  buttons: { buy: (chat) => showPacks(chat), pack: openInvoice, 'buy-again': again },
}

async function showPacks(chat: Chat): Promise<void> {
  const { packs, rate } = await packsOnSale(chat.app.settings, chat.bot.name)
  // The draft's number is in the button: pressing it twice, or on two devices, is one payment.
  const draft = newId().slice(0, 10)
  await show(chat, {
    text: chat.t('buy-packs', { rate: chat.money(BigInt(rate), 'XTR') }),
    keyboard: [
      ...packs.map((tokens) => {
        const text = `${chat.money(BigInt(tokens), 'TOK')} · ${chat.money(BigInt(tokens * rate), 'XTR')}`
        return [button(chat, text, ['pack', tokens, rate, draft])]
      }),
      back(chat, 'menu'),
    ],
  })
}

/** The same pack again, below the message that says that the last one came. */
async function again(chat: Chat, [paymentId = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, paymentId)
  const { rate } = await packsOnSale(chat.app.settings, chat.bot.name)
  const tokens = payment?.personId === chat.personId ? payment.creditAmount : 0n
  const draft = `u${chat.ctx.update.update_id}`
  return await openInvoice(chat, [String(tokens), String(rate), draft], showBelow)
}

async function openInvoice(
  chat: Chat,
  [packText = '', shownRate = '', draft = '']: string[],
  place = show,
): Promise<Answer> {
  // The message that was pressed becomes the invoice. It is kept before the link is shown, so that a person who pays at
  // once finds it.
  const pressed = place === show ? chat.ctx.callbackQuery?.message : undefined
  const invoice = await openPack(chat, chat.app.settings, {
    tokens: packText,
    shownRate,
    draft,
    ...(pressed && { card: { chatId: chatId(chat), messageId: pressed.message_id } }),
  })
  if (invoice.state === 'changed') {
    await showPacks(chat)
    return { alert: chat.t('buy-price-changed') }
  }
  if (invoice.state !== 'open') {
    await showPacks(chat)
    return invoice.state === 'expired'
      ? { alert: chat.t('buy-expired') }
      : { toast: chat.t('buy-already-paid') }
  }
  const name = chat.money(invoice.tokens, 'TOK')
  const messageId = await place(chat, {
    text: chat.t('buy-invoice', {
      tokens: name,
      stars: chat.money(invoice.stars, 'XTR'),
      number: invoice.id,
    }),
    keyboard: [
      [
        {
          text: chat.t('buy-pay', { stars: chat.money(invoice.stars, 'XTR') }),
          url: invoice.link,
          style: 'primary',
        },
      ],
      back(chat, 'buy'),
    ],
  })
  if (invoice.card?.messageId !== messageId)
    await chat.app.db.tx((tx) => setPaymentCard(tx, invoice.id, placeIn(chat, messageId)))
}
