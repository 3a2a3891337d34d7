import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { meansFor } from '#shared/money/exchange.ts'
import type { Means } from '#shared/money/exchange.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { restInvoice } from '#shop/payments/rest-invoice.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer } from '#workers/bot/feature.ts'
import { keepOrderCard, leaveOrderCard } from '#workers/bot/order-card.ts'
import { button, show } from '#workers/bot/screen.ts'
import { showMenu } from '#workers/bot/screens/menu.ts'
import { owe } from '#shared/queue/outbox.ts'
import { resumePicture } from '../jobs.ts'
import { type Picture, readPicture } from '../pictures.ts'
import { awaitPictureMoney } from '../waiting.ts'
import { newDraft } from '../drafts.ts'
import { showPictureDraft, who } from './draft.ts'

/**
 * The balance is too small: the person pays just the difference, by any way that brings it, and the picture goes on
 * by itself. The waiting picture stays as it is; changing it makes another draft.
 */
export async function showShortage(chat: Chat, picture: Picture): Promise<Answer> {
  const { orderId, price } = picture
  const means = await meansFor(chat.app.db, chat.app.settings, { ...who(chat), price })
  await chat.app.db.tx((tx) => awaitPictureMoney(tx, orderId, means.roubles, `person:${chat.personId}`))
  const stars = await starsKey(chat, orderId, means.lacking)
  const roubles = chat.money(means.missing, 'RUB')
  const messageId = await show(chat, {
    text: chat.t('image-short', {
      price: chat.money(price, 'TOK'),
      lacking: chat.money(means.lacking, 'TOK'),
    }),
    keyboard: [
      ...(stars ? [[stars]] : []),
      [button(chat, chat.t('image-pay-roubles', { sum: roubles }), ['topup', orderId])],
      [button(chat, chat.t('image-change'), ['picture-change', orderId])],
      [button(chat, chat.t('menu-open'), 'menu')],
    ],
  })
  await keepOrderCard(chat, orderId, messageId)
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
}

async function starsKey(chat: Chat, orderId: string, tokens: Means['lacking']) {
  const invoice = await restInvoice(chat, chat.app.settings, { name: 'image-top-up', orderId, tokens })
  if (!invoice) return undefined
  return {
    text: chat.t('image-pay-stars', { sum: invoice.stars }),
    url: invoice.url,
    style: 'primary' as const,
  }
}

/** Asks for the sum that is missing by now, or shows how the picture is doing. */
export async function payRest(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  const picture = await ownWaiting(chat, orderId)
  if (picture.state !== 'awaiting_payment') return { toast: chat.t('image-already') }
  const means = await meansFor(chat.app.db, chat.app.settings, { ...who(chat), price: picture.price })
  if (means.missing > 0n) return await showShortage(chat, picture)
  // The money has come meanwhile, so this press lets the picture go on.
  await chat.app.db.tx(async (tx) => {
    await awaitPictureMoney(tx, orderId, means.roubles, `person:${chat.personId}`)
    await owe(tx, resumePicture, { orderId, paymentId: `balance-press-${chat.ctx.update.update_id}` })
  })
  chat.app.relay.kick()
  return { toast: chat.t('order-goes-on') }
}

/** The person gives up the waiting picture from the menu. */
export async function dropWaiting(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  await ownWaiting(chat, orderId)
  if (!(await giveUp(chat, orderId))) return { toast: chat.t('image-already') }
  await showMenu(chat, { without: orderId })
  return { toast: chat.t('order-dropped') }
}

/** Goes back to the draft: the waiting picture ends, and a new draft has its words. */
export async function changeWaiting(chat: Chat, [orderId = '']: string[]): Promise<Answer> {
  const { prompt, photos, model, aspect, bot } = await ownWaiting(chat, orderId)
  if (!(await giveUp(chat, orderId))) return { toast: chat.t('image-already') }
  const again = idFrom('image-changed', orderId)
  const kept = bot === chat.bot.name ? photos : []
  const draft = await newDraft(chat, { orderId: again, prompt, photos: kept, model, aspect })
  if (!draft) return { alert: chat.t('image-models-none') }
  await showPictureDraft(chat, draft)
}

async function giveUp(chat: Chat, orderId: string): Promise<boolean> {
  const ended = await chat.app.db.tx(async (tx) => {
    await leaveOrderCard(tx, chat, orderId)
    return await endWaiting(tx, orderId, `person:${chat.personId}`)
  })
  chat.app.relay.kick()
  return ended !== undefined
}

async function ownWaiting(chat: Chat, orderId: string): Promise<Picture> {
  const picture = await readPicture(chat.app.db, orderId)
  if (picture?.personId !== chat.personId) throw new UserError('image.gone')
  return picture
}
