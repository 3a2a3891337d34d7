import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { MOST_STARS } from '#shared/config/config.ts'
import { idFrom } from '#shared/ids.ts'
import { meansFor, tokenInRoubles } from '#shared/money/exchange.ts'
import { readAwaiting, setOrderCard } from '#shared/money/orders.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Order } from '#shared/money/tables.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import { openStarsInvoice } from '#shop/payments/stars-invoice.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer } from '#workers/bot/feature.ts'
import { button, chatId, show } from '#workers/bot/screen.ts'
import { showMenu } from '#workers/bot/screens/menu.ts'
import { awaitItem, buyItem, stopWaitingForItem, wishOf } from '../buy.ts'
import type { Wish } from '../buy.ts'
import { itemOf } from '../good.ts'
import { shelfSecrets } from '../seal.ts'
import { showPurchase } from './purchases.ts'

/** When the balance is too small for an item, only the difference is paid, and then the item is bought by itself. */
export async function awaitMoneyFor(chat: Chat, wish: Wish): Promise<Answer> {
  // The sum that is asked for now is the sum that may be taken later.
  const { order, aside } = await chat.app.db.tx(async (tx) => {
    const first = await awaitItem(tx, wish)
    const { roubles: agreed } = await meansOfOrder(chat, first.order)
    return await awaitItem(tx, { ...wish, roubles: { ...wish.roubles, agreed } })
  })
  if (order.state !== 'awaiting_payment') return await showPurchase(chat, order)
  return await showRest(chat, order, aside)
}

interface Lacking {
  /** How much the balance lacks, in the order's asset. */
  lacking: bigint
  /** Kopecks of the balance that may buy tokens, when the price is in tokens. */
  roubles: bigint
  /** Kopecks that must still be paid in. */
  missing: bigint
}

async function meansOfOrder(chat: Chat, { asset, price }: Order): Promise<Lacking> {
  const { personId, bot, app } = chat
  if (asset === 'TOK') return await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const { available } = await readBalance(app.db, personId, asset)
  const missing = price > available ? price - available : 0n
  return { lacking: missing, roubles: 0n, missing }
}

async function showRest(chat: Chat, order: Order, aside: Date | undefined): Promise<Answer> {
  const means = await meansOfOrder(chat, order)
  const stars = order.asset === 'TOK' ? await starsKey(chat, order, means.lacking) : undefined
  const sum = chat.money(means.missing, 'RUB')
  const messageId = await show(chat, {
    text: [
      chat.t('shelf-short', {
        name: escapeHtml(itemOf(order).name),
        price: chat.money(order.price, order.asset),
        lacking: chat.money(means.lacking, order.asset),
      }),
      ...(aside ? [chat.t('shelf-aside', { until: chat.clock(aside) })] : []),
    ].join('\n\n'),
    keyboard: [
      ...(stars ? [[stars]] : []),
      [button(chat, chat.t('plan-top-up', { sum }), ['topup', order.id], stars ? undefined : 'primary')],
      [button(chat, chat.t('order-cancel'), ['item-drop', order.id])],
      [button(chat, chat.t('menu-open'), 'menu')],
    ],
  })
  await setOrderCard(chat.app.db, order.id, { chatId: chatId(chat), messageId })
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
}

/** The same shortage is the same invoice, however often the screen is opened. */
async function starsKey(chat: Chat, { id: orderId }: Order, tokens: bigint) {
  const rate = BigInt(await chat.app.settings.get(starsPerToken, chat.bot.name))
  const stars = tokens * rate
  if (stars <= 0n || stars > BigInt(MOST_STARS)) return undefined
  const id = idFrom('item-top-up', orderId, tokens, rate)
  const invoice = await openStarsInvoice(chat, { id, stars, tokens, order: { id: orderId } })
  if (invoice.state !== 'open') return undefined
  const sum = chat.money(stars, 'XTR')
  return { text: chat.t('buy-pay', { stars: sum }), url: invoice.link, style: 'primary' as const }
}

/** Shows what is missing now, or the purchase if the money has come. */
export async function payRestOfItem(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const order = await readAwaiting(chat.app.db, id, chat.personId)
  const means = await meansOfOrder(chat, order)
  const rate = await tokenInRoubles(chat.app.settings, order.bot)
  const wish = wishOf(order, {
    roubles: { agreed: means.roubles, rate },
    shelf: await shelfSecrets(chat.app),
    actor: `person:${chat.personId}`,
  })
  try {
    if (means.missing > 0n) return await awaitMoneyFor(chat, wish)
    const bought = await chat.app.db.tx((tx) => buyItem(tx, wish))
    return await showPurchase(chat, bought.order)
  } catch (error) {
    if (!(error instanceof UserError) || !error.code.startsWith('item.')) throw error
    // The item can no longer be bought: the order ends, and the money stays on the balance.
    await chat.app.db.tx((tx) => stopWaitingForItem(tx, id, `person:${chat.personId}`, error.code))
    throw error
  }
}

/** The person gives the order up from the menu. */
export async function dropItem(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await readAwaiting(chat.app.db, id, chat.personId)
  if (!(await chat.app.db.tx((tx) => stopWaitingForItem(tx, id, `person:${chat.personId}`))))
    throw new UserError('order.stale')
  await showMenu(chat, { without: id })
  return { toast: chat.t('order-dropped') }
}
