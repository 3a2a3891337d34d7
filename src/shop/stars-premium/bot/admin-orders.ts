import { goodsWords, isKind } from '../good.ts'
import { UserError } from '#shared/errors.ts'
import { saleOf } from '../orders.ts'
import { recordDecision, type OrderDecision } from '../decisions.ts'
import { decisionsOn } from '../offered-decisions.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { orderStory, readOrder } from '#shared/money/orders.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { nameOf } from '../words.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { STATES, listByState } from '../by-state.ts'
import type { ListedState } from '../by-state.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 8

/** Orders by state, each with what is known of its purchase and what an admin may decide. */
export const ordersAdmin: Feature = {
  adminButtons: {
    'fadmin-list': (chat, [state = '', page = '0']) => showList(chat, state, Number(page) || 0),
    'fadmin-order': (chat, [id = '']) => showOrder(chat, id),
    'fadmin-ask': (chat, [decision = '', id = '']) => ask(chat, decision as OrderDecision, id),
    'fadmin-yes': (chat, [decision = '', id = '']) => carryOut(chat, decision as OrderDecision, id),
  },
  minimumRole: { 'fadmin-list': 'read-only', 'fadmin-order': 'read-only' },
  admin: {
    order: async (chat, order) => {
      if (!isKind(order.good)) return {}
      const { lines, decisions } = await decisionsOn(chat, order)
      return { lines, rows: decisionKeys(chat, order.id, decisions) }
    },
  },
}

const isListed = (state: string): state is ListedState => (STATES as readonly string[]).includes(state)

async function showList(chat: Chat, state: string, page: number): Promise<void> {
  if (!isListed(state)) throw new UserError('order.moved')
  const served = await chat.served()
  const rows = await listByState(chat.app.db, state, served, { offset: page * PAGE, limit: PAGE + 1 })
  const pager = [
    ...(page > 0 ? [button(chat, '‹', ['fadmin-list', state, page - 1])] : []),
    ...(rows.length > PAGE ? [button(chat, '›', ['fadmin-list', state, page + 1])] : []),
  ]
  await show(chat, {
    text: chat.t(rows.length > 0 ? 'fadmin-list' : 'fadmin-list-empty', {
      state: chat.t(`order-state-${state}`),
    }),
    keyboard: [
      ...rows.slice(0, PAGE).map((row) => {
        const { goods, recipients } = saleOf(row)
        const who = recipients.length > 1 ? `× ${recipients.length}` : `@${recipients[0]?.username ?? ''}`
        const text = `${chat.t(`orders-label-${goods.kind}`, { ...goodsWords(goods), who })} · ${chat.money(row.price, row.asset)}`
        return [button(chat, text, ['fadmin-order', row.id])]
      }),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'fadmin'),
    ],
  })
}

async function showOrder(chat: Chat, id: string): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  if (!order || !isKind(order.good)) throw new UserError('order.moved')
  const { goods, recipients, reference } = saleOf(order)
  const story = await orderStory(chat.app.db, id)
  const { lines, decisions } = await decisionsOn(chat, order)
  await show(chat, {
    text: [
      chat.t(`order-title-${goods.kind}`, goodsWords(goods)),
      chat.t('order-for', { recipient: recipients.map(nameOf).join(', ') }),
      chat.t('fadmin-buyer', { person: String(order.personId), sum: chat.money(order.price, order.asset) }),
      chat.t('order-number', { number: order.id }),
      '',
      ...story.slice(-12).map(({ at, toState, actor, reason }) => {
        const why = reason ? ` — ${escapeHtml(shorten(reason, 80))}` : ''
        const state = chat.t(`order-state-${toState}`)
        return `${chat.when(at)} · <b>${state}</b> · ${escapeHtml(actor)}${why}`
      }),
      '',
      ...(reference ? [chat.t('order-trace', { trace: escapeHtml(reference) })] : []),
      ...lines,
    ].join('\n'),
    keyboard: [...decisionKeys(chat, id, decisions), back(chat, ['fadmin-list', order.state, 0])],
  })
}

function decisionKeys(chat: Chat, id: string, decisions: OrderDecision[]) {
  return decisions.map((decision) => [
    button(chat, chat.t(`fadmin-do-${decision}`), ['fadmin-ask', decision, id], STYLES[decision]),
  ])
}

const STYLES = { delivered: 'success', failed: 'danger', retry: 'primary', refund: 'danger' } as const

/** Shows what the decision does to the money, before it is made. */
async function ask(chat: Chat, decision: OrderDecision, id: string): Promise<Answer> {
  const order = await readOrder(chat.app.db, id)
  if (!order || !(decision in STYLES)) throw new UserError('order.moved')
  const sum = chat.money(order.price, order.asset)
  await show(chat, {
    text: chat.t(`fadmin-ask-${decision}`, { sum, person: String(order.personId), number: id }),
    keyboard: [
      [button(chat, chat.t(`fadmin-do-${decision}`), ['fadmin-yes', decision, id], STYLES[decision])],
      back(chat, ['fadmin-order', id]),
    ],
  })
}

async function carryOut(chat: Chat, decision: OrderDecision, id: string): Promise<Answer> {
  const who = { by: chat.personId, bot: chat.bot.name, reason: chat.t(`fadmin-do-${decision}`) }
  const outcome = await recordDecision(chat.app, id, decision, who)
  if (outcome === 'second-needed') return { alert: chat.t('decision-second') }
  chat.app.relay.kick()
  await showOrder(chat, id)
  return { toast: chat.t('fadmin-decided') }
}
