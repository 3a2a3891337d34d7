import { sql as q } from 'kysely'
import { starsPremiumSql } from '../tables.ts'
import { goodsWords, PREMIUM } from '../good.ts'
import { UserError } from '#shared/errors.ts'
import { purchases, saleOf } from '../orders.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order, OrderState } from '#shared/money/tables.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { nameOf } from '../words.ts'
import { orderScreen, showCard } from './order-card.ts'
import { back, button, show } from '#workers/bot/screen.ts'

const PAGE = 5
const OVER: OrderState[] = ['delivered', 'failed', 'expired', 'cancelled', 'refunded']

/** A person's own purchases of Stars and Premium, their states, and until when Premium runs. */
export const orders: Feature = {
  commands: { orders: (chat) => showOrders(chat, 0) },
  open: ['orders', 'order', 'premium-mine'],
  buttons: {
    orders: async (chat, [page]) => showOrders(chat, Number(page) || 0),
    order: (chat, [id = '']) => openOrder(chat, id),
    'premium-mine': (chat) => showPremium(chat),
    'premium-renew': (chat, [id = '']) => openOrder(chat, id),
  },
  links: {
    o: async (chat, id) => {
      await openOrder(chat, id)
    },
  },
}

async function showOrders(chat: Chat, page: number): Promise<void> {
  const found = await purchases(chat.app.db, chat.personId, { limit: PAGE + 1, offset: page * PAGE })
  const shown = found.slice(0, PAGE)
  const pager = [
    ...(page > 0 ? [button(chat, '‹', ['orders', page - 1])] : []),
    ...(found.length > PAGE ? [button(chat, '›', ['orders', page + 1])] : []),
  ]
  await show(chat, {
    text: [
      chat.t('orders-title'),
      '',
      ...(shown.length > 0 ? shown.map((order) => line(chat, order)) : [chat.t('orders-empty')]),
    ].join('\n'),
    keyboard: [
      ...shown.map((order) => [button(chat, label(chat, order), ['order', order.id])]),
      ...(pager.length > 0 ? [pager] : []),
      [button(chat, chat.t('premium-mine'), 'premium-mine')],
      back(chat, 'menu'),
    ],
  })
}

type Row = Pick<Order, 'id' | 'good' | 'state' | 'price' | 'details' | 'createdAt' | 'asset'>

function label(chat: Chat, order: Row): string {
  const { goods, recipients } = saleOf(order)
  const who =
    recipients.length > 1
      ? `× ${recipients.length}`
      : `@${recipients[0]?.username ?? recipients[0]?.name ?? ''}`
  return chat.t(`orders-label-${goods.kind}`, { ...goodsWords(goods), who })
}

function line(chat: Chat, order: Row): string {
  const when = chat.when(order.createdAt)
  const state = chat.t(`order-state-${order.state}`)
  return `${escapeHtml(label(chat, order))} · ${chat.money(order.price, order.asset)}\n${when} · ${state}`
}

async function openOrder(chat: Chat, id: string): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  if (order?.personId !== chat.personId || order.state === 'draft') throw new UserError('order.stale')
  // What is over is a page like others; what is under way is followed in this message.
  if (OVER.includes(order.state)) await show(chat, await orderScreen(chat, order))
  else await showCard(chat, order)
}

async function showPremium(chat: Chat): Promise<Answer> {
  const rows = await chat.app.db.rows(
    starsPremiumSql
      .selectFrom('premium_activations')
      .select(['recipient', 'months', 'ends_at as endsAt', q<boolean>`ends_at < now()`.as('over')])
      .where('person_id', '=', chat.personId)
      .orderBy('ends_at', 'desc')
      .limit(20),
  )
  const lines = rows.map(({ recipient, months, endsAt, over }) =>
    chat.t(over ? 'premium-line-over' : 'premium-line', {
      recipient: nameOf({ username: recipient, name: null, photo: null, hasPremium: null, telegramId: null }),
      months,
      until: chat.day(endsAt),
    }),
  )
  await show(chat, {
    text: [chat.t('premium-title'), '', ...(lines.length > 0 ? lines : [chat.t('premium-empty')])].join('\n'),
    keyboard: [
      [button(chat, chat.t('sale-term-buy'), ['sale', PREMIUM.kind], 'primary')],
      back(chat, ['orders', 0]),
    ],
  })
}
