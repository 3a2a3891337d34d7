import { UserError } from '#shared/errors.ts'
import { type Currency, isCurrency } from '../currency.ts'
import { saleOf } from '../orders.ts'
import { buyDraft } from '../selling.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { showCard } from './order-card.ts'
import { keepRecipients } from './sale-parts.ts'
import { showChoice } from './sale-choice.ts'
import { showConfirmation } from './sale-confirm.ts'
import { showTopUp } from './sale-top-up.ts'

/** The key that confirms an order. */
export const salePay: Feature = {
  buttons: { 'sale-pay': pay, 'sale-again': again },
  mayWait: ['sale-pay'],
}

async function pay(chat: Chat, [id = '', currency = '']: string[]): Promise<Answer> {
  if (!isCurrency(currency)) throw new UserError('order.stale')
  try {
    return await place(chat, id, currency)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const draft = await readOrder(chat.app.db, id)
    if (draft?.personId !== chat.personId) throw error
    if (error.code === 'price.changed' || error.code === 'order.expired') {
      await showConfirmation(chat, saleOf(draft).goods, saleOf(draft).recipients)
    }
    throw error
  }
}

async function place(chat: Chat, id: string, currency: Currency): Promise<Answer> {
  const placed = await buyDraft(chat, id, currency)
  chat.session.sale = undefined
  if (placed.outcome === 'short') return showTopUp(chat, placed.order, placed.currency, placed.missing)
  const order = (await readOrder(chat.app.db, id)) ?? placed.order
  await showCard(chat, order)
  return placed.outcome === 'reserved' ? { toast: chat.t('sale-accepted') } : undefined
}

/** Orders the same goods for the same people again, at today's price. */
async function again(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  if (order?.personId !== chat.personId) throw new UserError('order.stale')
  const { goods, recipients } = saleOf(order)
  keepRecipients(chat, goods.kind, recipients)
  await showChoice(chat, goods.kind, 0)
}
