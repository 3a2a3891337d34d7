import type { Order } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'
import type { Currency } from '../currency.ts'
import { cancelledByBuyer } from '../endings.ts'
import { saleOf } from '../orders.ts'
import { shortageInvoice } from '../shortage.ts'
import { readBalance } from '#shared/money/read.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { owe } from '#shared/queue/outbox.ts'
import { resumeOrder } from '../jobs.ts'
import { orderScreen, showCard } from './order-card.ts'
import { keepOrderCard } from '#workers/bot/order-card.ts'
import { button, show } from '#workers/bot/screen.ts'

/** When the balance is too small, only the difference is paid, and then the order goes on by itself. */
export const saleTopUp: Feature = {
  buttons: {
    'sale-top-up': async (chat, [id = '']) => {
      const order = await waitingOrder(chat, id)
      const { payWith } = saleOf(order)
      const currency = payWith ?? 'RUB'
      const { available } = await readBalance(chat.app.db, chat.personId, currency)
      const missing = order.price - available
      return showTopUp(chat, order, currency, missing > 0n ? missing : 0n)
    },
    'sale-cancel': cancel,
  },
}

async function waitingOrder(chat: Chat, id: string): Promise<Order> {
  const order = await readOrder(chat.app.db, id)
  if (order?.personId !== chat.personId || order.state !== 'awaiting_payment')
    throw new UserError('order.stale')
  return order
}

/** The same shortage is the same invoice, however often the screen is opened. */
export async function showTopUp(
  chat: Chat,
  order: Order,
  currency: Currency,
  missing: bigint,
): Promise<Answer> {
  if (missing <= 0n) return await goOn(chat, order)
  const link = currency === 'TOK' ? await shortageInvoice(chat, chat.app.settings, order, missing) : undefined
  const sum = chat.money(missing, currency)
  const messageId = await show(chat, {
    text: chat.t('sale-top-up', { sum, number: order.id }),
    keyboard: [
      ...(link
        ? [
            [
              {
                text: chat.t('sale-top-up-stars', { sum: link.stars, parts: link.parts }),
                url: link.url,
                style: 'primary' as const,
              },
            ],
          ]
        : []),
      ...(currency === 'RUB'
        ? [[button(chat, chat.t('sale-top-up-other', { sum }), ['topup', order.id], 'primary')]]
        : []),
      [button(chat, chat.t('order-cancel'), ['sale-cancel', order.id])],
      [button(chat, chat.t('menu-open'), 'menu')],
    ],
  })
  await keepOrderCard(chat, order.id, messageId)
  chat.session.anchor = undefined
}

/** The money has come meanwhile, so nothing is left to pay. */
async function goOn(chat: Chat, { id }: Order): Promise<Answer> {
  await owe(chat.app.db, resumeOrder, { orderId: id, paymentId: `press-${chat.ctx.update.update_id}` })
  chat.app.relay.kick()
  await showCard(chat, (await readOrder(chat.app.db, id))!)
  return { toast: chat.t('order-goes-on') }
}

/** Nothing was charged for an order that waits; what was topped up stays on the balance. */
async function cancel(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await waitingOrder(chat, id)
  const moved = await chat.app.db.tx((tx) => cancelledByBuyer(tx, id, chat.personId))
  chat.app.relay.kick()
  const order = moved ?? (await readOrder(chat.app.db, id))!
  await show(chat, await orderScreen(chat, order))
  return { toast: chat.t('sale-cancelled') }
}
