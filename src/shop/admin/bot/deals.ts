import { sql as q } from 'kysely'
import { adminSql } from '../tables.ts'
import { literal } from '#shared/db/build.ts'
import { orderStory, readOrder } from '#shared/money/orders.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { operationsPage } from '#shared/money/read.ts'
import { readMoney } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import { providerName } from '#shared/reader.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { goodName } from './person.ts'
import { operationWords } from '../person-words.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 8
const HISTORY_PAGE = 8

/** Orders and payments with their stories, and a person's operations; what can be done is added by their features. */
export const deals: Feature = {
  adminButtons: {
    'a-deals': showDeals,
    'a-order': (chat, [id = '']) => showOrder(chat, id),
    'a-payment': (chat, [id = '']) => showPayment(chat, id),
    'a-history': showHistory,
  },
  minimumRole: {
    'a-deals': 'read-only',
    'a-order': 'read-only',
    'a-payment': 'read-only',
    'a-history': 'read-only',
  },
}

interface Deal {
  kind: 'order' | 'payment'
  id: string
  what: string
  state: string
  amount: bigint
  asset: Asset
  createdAt: Date
}

/** A person's orders and payments in one list, newest first. */
async function showDeals(chat: Chat, [person = '', offset = '0']: string[]): Promise<void> {
  const served = await chat.served()
  const orders = adminSql
    .selectFrom('orders')
    .select([
      q.lit<Deal['kind']>('order').as('kind'),
      'id',
      'good as what',
      q.ref<string>('state').as('state'),
    ])
    .select([q<bigint>`-price`.as('amount'), 'asset', 'created_at as createdAt'])
    .where('person_id', '=', BigInt(person))
    .where('state', '<>', literal('draft'))
    .where(among(q`bot`, served))
  const payments = adminSql
    .selectFrom('payments')
    .select([q.lit<Deal['kind']>('payment').as('kind'), 'id', 'provider as what'])
    .select([q.ref<string>('state').as('state'), 'amount', 'asset', 'created_at as createdAt'])
    .where('person_id', '=', BigInt(person))
    .where(among(q`bot`, served))
  const deals: Deal[] = await chat.app.db.rows(
    adminSql
      .selectFrom(orders.unionAll(payments).as('deals'))
      .selectAll()
      .orderBy('createdAt', 'desc')
      .orderBy('id')
      .limit(PAGE + 1)
      .offset(Number(offset)),
  )
  const shown = deals.slice(0, PAGE)
  const at = Number(offset)
  const pager = [
    ...(at > 0 ? [button(chat, chat.t('history-newer'), ['a-deals', person, String(at - PAGE)])] : []),
    ...(deals.length > PAGE
      ? [button(chat, chat.t('history-older'), ['a-deals', person, String(at + PAGE)])]
      : []),
  ]
  await show(chat, {
    text: [
      chat.t(shown.length > 0 ? 'deals-title' : 'deals-empty', { person }),
      // A key has no room for what came of the deal.
      ...shown.map(
        (deal) =>
          `${chat.when(deal.createdAt)} · ${chat.signed(deal.amount, deal.asset)} · ${stateName(chat, deal.state)}`,
      ),
    ].join('\n'),
    keyboard: [
      ...shown.map((deal) => {
        const what = deal.kind === 'order' ? goodName(chat, deal.what) : providerName(chat, deal.what)
        const sum = chat.signed(deal.amount, deal.asset)
        const text = `${deal.kind === 'order' ? '📦' : '💳'} ${sum} · ${what}`
        return [button(chat, shorten(text, 60), [`a-${deal.kind}`, deal.id])]
      }),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, ['a-person', person]),
    ],
  })
}

export async function showOrder(chat: Chat, id: string): Promise<void> {
  const order = await readOrder(chat.app.db, id)
  if (!order) throw new UserError('admin.not-found')
  const [story, attempts, added] = await Promise.all([
    orderStory(chat.app.db, id),
    chat.app.db.rows(
      adminSql
        .selectFrom('attempts')
        .select(['number', 'supplier', 'state', 'supplier_ref as ref'])
        .where('order_id', '=', id)
        .orderBy('number'),
    ),
    Promise.all(chat.adminParts.map(async (parts) => await parts.order?.(chat, order))),
  ])
  const lines = [
    chat.t('order-title', { good: goodName(chat, order.good), state: stateName(chat, order.state) }),
    `<code>${order.id}</code> · ${chat.money(order.price, order.asset)} · ${order.bot}`,
    '',
    ...story.map(({ at, toState, actor, reason }) => {
      const why = reason ? ` — ${escapeHtml(shorten(reason, 100))}` : ''
      return `${chat.when(at)} · <b>${stateName(chat, toState)}</b> · ${actorName(chat, actor)}${why}`
    }),
    ...attempts.map(({ number, supplier, state, ref }) =>
      chat.t('order-attempt', {
        number,
        supplier: named(chat, `supplier-${supplier}`, supplier),
        state: chat.t(`attempt-${state}`),
        ref: escapeHtml(ref ?? '—'),
      }),
    ),
    ...added.flatMap((one) => one?.lines ?? []),
  ]
  await show(chat, {
    text: lines.join('\n'),
    keyboard: [
      ...added.flatMap((one) => one?.rows ?? []),
      [button(chat, chat.t('deal-story'), ['a-story', 'order', order.id])],
      [button(chat, chat.t('deal-person'), ['a-person', String(order.personId)])],
      back(chat, 'admin'),
    ],
  })
}

/** A payment's steps: created, what the provider reported, credited. A step that is not shown did not happen. */
export async function showPayment(chat: Chat, id: string): Promise<void> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) throw new UserError('admin.not-found')
  const [events, added] = await Promise.all([
    chat.app.db.rows(
      adminSql
        .selectFrom('payment_events')
        .select(['kind', 'event_id as eventId', 'created_at as at'])
        .where('payment_id', '=', id)
        .orderBy('id')
        .limit(20),
    ),
    Promise.all(chat.adminParts.map(async (parts) => await parts.payment?.(chat, payment))),
  ])
  const when = (at: Date) => chat.when(at)
  const lines = [
    chat.t('payment-title', {
      provider: escapeHtml(providerName(chat, payment.provider)),
      state: stateName(chat, payment.state),
    }),
    `<code>${payment.id}</code> · ${payment.bot}`,
    chat.t('payment-sums', {
      asked: chat.money(payment.amount, payment.asset),
      credit: chat.money(payment.creditAmount, payment.creditAsset),
    }),
    ...(payment.receivedAmount
      ? [chat.t('payment-received', { sum: received(chat, payment.receivedAmount, payment.receivedAsset) })]
      : []),
    ...(payment.providerRef
      ? [chat.t('payment-ref', { ref: escapeHtml(shorten(payment.providerRef, 120)) })]
      : []),
    '',
    `${when(payment.createdAt)} · ${stateName(chat, 'created')}`,
    ...events.map(
      ({ kind, eventId, at }) =>
        `${when(at)} · ${eventName(chat, kind)} · <code>${escapeHtml(shorten(eventId, 60))}</code>`,
    ),
    ...(payment.paidAt ? [`${when(payment.paidAt)} · <b>${stateName(chat, 'paid')}</b>`] : []),
    ...added.flatMap((one) => one?.lines ?? []),
  ]
  await show(chat, {
    text: lines.join('\n'),
    keyboard: [
      ...added.flatMap((one) => one?.rows ?? []),
      [button(chat, chat.t('deal-story'), ['a-story', 'payment', payment.id])],
      [button(chat, chat.t('deal-person'), ['a-person', String(payment.personId)])],
      back(chat, 'admin'),
    ],
  })
}

/** What came, in a currency of ours or in any other that the vendor named. */
function received(chat: Chat, amount: string, asset: string | null | undefined): string {
  const sum = readMoney(amount, asset)
  return sum ? chat.money(sum.amount, sum.asset) : escapeHtml(`${amount} ${asset ?? ''}`)
}

/** A person's operations as they see them, with the admins' corrections. */
async function showHistory(chat: Chat, [person = '', before = '']: string[]): Promise<void> {
  const { operations: shown, next } = await operationsPage(chat.app.db, BigInt(person), {
    size: HISTORY_PAGE,
    before: before ? BigInt(before) : undefined,
  })
  const served = await chat.served()
  const lines = shown.map(({ amount, asset, kind, description, balanceAfter, createdAt, bot }) => {
    const words = operationWords(chat.app.goods, chat, served, { kind, amount, description, bot })
    const tail = chat.t('history-line', {
      date: chat.when(createdAt),
      balance: chat.money(balanceAfter, asset),
    })
    return `<b>${chat.signed(amount, asset)}</b> · ${words}\n${tail}${bot && (served === undefined || served.includes(bot)) ? ` · ${bot}` : ''}`
  })
  await show(chat, {
    text: [
      chat.t('history-title'),
      '',
      ...(lines.length > 0 ? lines : [chat.t('deals-empty', { person })]),
    ].join('\n'),
    keyboard: [
      ...(next === undefined
        ? []
        : [[button(chat, chat.t('history-older'), ['a-history', person, String(next)])]]),
      back(chat, ['a-person', person]),
    ],
  })
}

export function stateName(chat: Chat, state: string): string {
  return chat.t(`state-${state.replaceAll('_', '-')}`)
}

const named = (chat: Chat, key: string, name: string): string =>
  chat.app.texts.has(chat.language, key) ? chat.t(key) : escapeHtml(name)

const eventName = (chat: Chat, kind: string) => named(chat, `payment-story-${kind}`, kind)

/** Puts names like `person:1`, `admin:2`, `worker:fragment` and `upkeep` into words. */
function actorName(chat: Chat, actor: string): string {
  const [kind = '', who = ''] = actor.split(':')
  const name = named(chat, `actor-${kind}`, kind)
  return who ? `${name} ${escapeHtml(who)}` : name
}
