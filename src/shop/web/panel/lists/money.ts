import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { newest } from '#shared/db/newest.ts'
import { goodTitle } from '#shared/good.ts'
import type { OrderState } from '#shared/money/tables.ts'
import { among } from '#shared/owners.ts'
import { listRequests, REJECT_REASONS } from '#shop/payments/requests.ts'
import { FILTERS, listPayments } from '#shop/payments/story.ts'
import { shorten } from '#shared/storable.ts'
import { byBot, byPerson, named, panelList, personGiven, stateOf } from '../list.ts'
import { panelSql } from '../tables.ts'

export const paymentsList = panelList({
  name: 'payments',
  as: 'payments',
  minimum: 'read-only',
  title: 'payments-section',
  columns: ['sum', 'provider', 'state', 'person', 'bot', 'at', 'number'],
  filters: {
    state: ({ t }) => ({
      title: t('panel-column-state'),
      options: FILTERS.map((one) => [one, t(`payments-${one}`)]),
    }),
    bot: byBot,
    provider: ({ t }) => ({ title: t('panel-column-provider') }),
    person: byPerson,
  },
  acts: [
    {
      title: 'payment-refund',
      minimum: 'admin',
      path: '/payments/:id/refund',
      kind: 'danger',
      ask: 'panel-refund-ask',
    },
  ],
  async read(admin, served, { state, provider, person }, page) {
    const id = personGiven(person)
    const rows = await listPayments(admin.app.db.reads, {
      filter: FILTERS.find((one) => one === state) ?? 'all',
      served,
      offset: 0,
      ...page,
      ...(provider !== undefined && { provider }),
      ...(id !== undefined && { person: id }),
    })
    return {
      rows: rows.map((one) => ({
        id: one.id,
        opens: `payment/${one.id}`,
        cells: [
          admin.money(one.amount, one.asset),
          named(admin, `provider-name-${one.provider}`, one.provider),
          stateOf(admin, one.state),
          one.name || String(one.personId),
          one.bot,
          admin.time(one.createdAt),
          one.id,
        ],
      })),
    }
  },
})

const STATES: readonly OrderState[] = [
  'review',
  'unknown',
  'awaiting_payment',
  'reserved',
  'fulfilling',
  'delivered',
  'failed',
  'expired',
  'cancelled',
  'refunded',
]

export const ordersList = panelList({
  name: 'orders',
  as: 'find',
  minimum: 'read-only',
  title: 'panel-orders',
  columns: ['good', 'sum', 'state', 'person', 'bot', 'at', 'number'],
  filters: {
    state: (admin) => ({
      title: admin.t('panel-column-state'),
      options: STATES.map((one) => [one, stateOf(admin, one)]),
    }),
    good: ({ app, t, texts, language }) => ({
      title: t('panel-column-good'),
      options: app.goods.map(({ kind }) => [kind, goodTitle(app.goods, texts, language, kind)]),
    }),
    bot: byBot,
    person: byPerson,
  },
  async read(admin, served, { state, good, person }, { after, limit }) {
    const id = personGiven(person)
    const wanted = STATES.find((one) => one === state)
    let found = panelSql
      .selectFrom('orders as o')
      .innerJoin('persons as p', 'p.id', 'o.person_id')
      .select([
        'o.id',
        'o.good',
        'o.price',
        'o.asset',
        'o.state',
        'o.bot',
        'o.person_id as personId',
        'o.created_at as at',
        q<string>`concat_ws(' ', nullif(p.first_name, ''), p.last_name)`.as('name'),
      ])
      .where('o.state', '<>', 'draft')
      .where(among(q`o.bot`, served) as RawBuilder<boolean>)
    if (wanted) found = found.where('o.state', '=', wanted)
    if (good !== undefined) found = found.where('o.good', '=', good)
    if (id !== undefined) found = found.where('o.person_id', '=', id)
    if (after !== undefined) found = found.where(follows('o', 'orders', after))
    if (id === undefined && (wanted || good !== undefined || served))
      found = found.where(
        q<boolean>`o.id in (${newest('orders', {
          bots: served,
          states: wanted ? [wanted] : STATES,
          kind: { column: 'good', value: good },
          and: q`state <> 'draft'`,
          after,
          limit,
        })})`,
      )
    const rows = await admin.app.db.reads.rows(
      found.orderBy('o.created_at', 'desc').orderBy('o.id', 'desc').limit(limit),
    )
    const { goods } = admin.app
    return {
      rows: rows.map((one) => ({
        id: one.id,
        opens: `order/${one.id}`,
        cells: [
          goodTitle(goods, admin.texts, admin.language, one.good),
          admin.money(one.price, one.asset),
          stateOf(admin, one.state),
          shorten(one.name, 60) || String(one.personId),
          one.bot,
          admin.time(one.at),
          one.id,
        ],
      })),
    }
  },
})

/**
 * The condition for rows behind a given row. Its first half finds the place in the index of times, its second half
 * tells rows of one moment apart.
 */
export const follows = (alias: string, table: string, id: string): RawBuilder<boolean> => q`
  ${q.ref(`${alias}.created_at`)} <= (select created_at from ${q.table(table)} where id = ${id})
  and (${q.ref(`${alias}.created_at`)}, ${q.ref(`${alias}.id`)})
    < (select created_at, id from ${q.table(table)} where id = ${id})`

/** The requests by hand of this panel's bot only, because only this bot can fetch their proofs. */
export const requestsList = panelList({
  name: 'requests',
  as: 'requests',
  minimum: 'read-only',
  title: 'payments-requests',
  columns: ['sum', 'person', 'method', 'at', 'number'],
  filters: {},
  acts: [
    {
      title: 'request-yes',
      minimum: 'admin',
      path: '/requests/:id/approve',
      kind: 'primary',
      ask: 'panel-approve-ask',
    },
    {
      title: 'request-no',
      minimum: 'admin',
      path: '/requests/:id/reject',
      kind: 'danger',
      choice: { name: 'reason', options: [...REJECT_REASONS], text: (one) => `request-reason-${one}` },
    },
  ],
  async read(admin, _served, _given, { after, limit }) {
    const rows = await listRequests(admin.app.db.reads, { bot: admin.bot.name, after, limit })
    return {
      rows: rows.map((one) => ({
        id: one.id,
        opens: `payment/${one.id}`,
        cells: [
          admin.money(one.amount, 'RUB'),
          one.name,
          named(admin, `manual-${one.method}`, one.method),
          admin.time(one.at),
          one.id,
        ],
      })),
    }
  },
})
