import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { meansOfOrder, tokenInRoubles } from '#shared/money/exchange.ts'
import { readAwaiting } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { restInvoice } from '#shop/payments/rest-invoice.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer } from '#workers/bot/feature.ts'
import { leaveOrderCard } from '#workers/bot/order-card.ts'
import { button, show } from '#workers/bot/screen.ts'
import { showMenu } from '#workers/bot/screens/menu.ts'
import { buyItem, dropWaitingItem, wishOf } from '../buy.ts'
import type { Wish } from '../buy.ts'
import { itemOf } from '../good.ts'
import { shelfSecrets } from '../seal.ts'
import { awaitRestOfItem } from '../shortage.ts'
import { keepPurchaseCard, showPurchase } from './purchases.ts'

/** When the balance is too small for an item, only the difference is paid, and then the item is bought by itself. */
export async function awaitMoneyFor(chat: Chat, wish: Wish): Promise<Answer> {
  const { order, aside } = await awaitRestOfItem(chat.app.db, wish)
  if (order.state !== 'awaiting_payment') return await showPurchase(chat, order)
  return await showRest(chat, order, aside)
}

async function showRest(chat: Chat, order: Order, aside: Date | undefined): Promise<Answer> {
  const means = await meansOfOrder(chat, order)
  const ask = { name: 'item-top-up', orderId: order.id, tokens: means.lacking } as const
  const invoice = order.asset === 'TOK' ? await restInvoice(chat, chat.app.settings, ask) : undefined
  const sum = chat.money(means.missing, 'RUB')
  const messageId = await show(chat, {
    text: [
      chat.t(itemOf(order).gift === undefined ? 'shelf-short' : 'shelf-short-gift', {
        name: escapeHtml(itemOf(order).name),
        price: chat.money(order.price, order.asset),
        lacking: chat.money(means.lacking, order.asset),
      }),
      ...(aside ? [chat.t('shelf-aside', { until: chat.clock(aside) })] : []),
    ].join('\n\n'),
    keyboard: [
      ...(invoice
        ? [
            [
              {
                text: chat.t('buy-pay', { stars: invoice.stars }),
                url: invoice.url,
                style: 'primary' as const,
              },
            ],
          ]
        : []),
      [button(chat, chat.t('plan-top-up', { sum }), ['topup', order.id], invoice ? undefined : 'primary')],
      [button(chat, chat.t('order-cancel'), ['item-drop', order.id])],
      [button(chat, chat.t('menu-open'), 'menu')],
    ],
  })
  await keepPurchaseCard(chat, order, messageId)
  chat.session.anchor = undefined
  chat.session.awaiting = undefined
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
    await chat.app.db.tx((tx) => dropWaitingItem(tx, id, `person:${chat.personId}`, error.code))
    throw error
  }
}

/** The person gives the order up from the menu. */
export async function dropItem(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await readAwaiting(chat.app.db, id, chat.personId)
  const dropped = await chat.app.db.tx(async (tx) => {
    await leaveOrderCard(tx, chat, id)
    return await dropWaitingItem(tx, id, `person:${chat.personId}`)
  })
  if (!dropped) throw new UserError('order.over')
  chat.app.relay.kick()
  await showMenu(chat, { without: id })
  return { toast: chat.t('order-dropped') }
}
