import { shorten } from '#shared/storable.ts'
import { campaigns, usesOf } from '#shop/loyalty/promo/campaigns.ts'
import { allPlans } from '#shop/loyalty/subscriptions/manage.ts'
import { allows } from '#shared/roles.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { allCategories, servedItems } from '#shop/shelf/items.ts'
import { stock } from '#shop/shelf/kinds/stock.ts'
import { freeByItem } from '#shop/shelf/lines.ts'
import { plain } from '../../views.ts'
import { byBot, numberGiven, panelList } from '../list.ts'

/** Codes of the bots that the admin serves, newest first. */
export const promoList = panelList({
  name: 'promo',
  as: 'a-promo',
  minimum: 'admin',
  title: 'admin-promo',
  make: { title: 'panel-promo-new', minimum: 'admin', opens: 'new/promo' },
  columns: ['name', 'gives', 'uses', 'left', 'bot', 'until', 'state'],
  filters: { bot: byBot },
  acts: [
    { title: 'admin-promo-pause', minimum: 'admin', path: '/promo/:id/pause', kind: '' },
    { title: 'admin-promo-resume', minimum: 'admin', path: '/promo/:id/resume', kind: 'primary' },
  ],
  async read(admin, served, _given, { after, limit }) {
    const found = await campaigns(
      admin.app.db.reads,
      { limit, offset: 0, ...(after !== undefined && { before: numberGiven(after) }) },
      served,
    )
    const uses = await usesOf(
      admin.app.db.reads,
      found.map(({ id }) => id),
    )
    return {
      rows: found.map((one) => {
        const { kind, value, asset } = one
        const gives = kind === 'amount' ? admin.money(value, asset!) : String(value)
        return {
          id: String(one.id),
          opens: null,
          cells: [
            shorten(one.name, 60),
            `${plain(admin.t(`promo-kind-${kind}`))} ${gives}`,
            String(uses.get(one.id)?.uses ?? 0),
            String(uses.get(one.id)?.left ?? 0),
            one.bot ?? plain(admin.t('setting-scope-all')),
            one.endsAt ? admin.time(one.endsAt) : '—',
            admin.t(one.paused ? 'panel-paused' : 'panel-works'),
          ],
        }
      }),
    }
  },
})

/** Plans are of all bots and few: they are one page. */
export const plansList = panelList({
  name: 'plans',
  as: 'a-plans',
  minimum: 'admin',
  title: 'admin-plans',
  make: { title: 'panel-plan-new', minimum: 'owner', opens: 'new/plan' },
  columns: ['name', 'days', 'tokens', 'stars', 'back', 'subscribers', 'state', 'number'],
  filters: {},
  acts: [
    {
      title: 'admin-plan-retire',
      minimum: 'owner',
      path: '/plans/:code/retire',
      kind: 'danger',
      ask: 'panel-retire-ask',
    },
    { title: 'admin-plan-resell', minimum: 'owner', path: '/plans/:code/resell', kind: '' },
  ],
  async read(admin, _served, _given, { after, limit }) {
    const all = await allPlans(admin.app.db)
    const from = after === undefined ? 0 : all.findIndex(({ code }) => code === after) + 1
    return {
      rows: all.slice(from, from + limit).map((one) => ({
        id: one.code,
        opens: allows(admin.role, 'owner') ? `plan/${one.code}` : null,
        cells: [
          one.name[admin.language],
          String(one.days),
          one.priceTokens === null ? '—' : admin.money(one.priceTokens, 'TOK'),
          one.priceStars === null ? '—' : admin.money(BigInt(one.priceStars), 'XTR'),
          `${one.discountPercent} %`,
          String(one.subscribers),
          admin.t(one.active ? 'admin-plan-sold' : 'admin-plan-retired'),
          one.code,
        ],
      })),
    }
  },
})

export const itemsList = panelList({
  name: 'items',
  as: 'a-shelf',
  minimum: 'admin',
  title: 'admin-shelf',
  make: { title: 'panel-item-new', minimum: 'admin', opens: 'new/item' },
  columns: ['good', 'sort', 'price', 'free', 'bots', 'state', 'number'],
  filters: {},
  acts: [
    {
      title: 'shelf-key-retire',
      minimum: 'admin',
      path: '/items/:id/retire',
      kind: 'danger',
      ask: 'panel-retire-ask',
    },
    { title: 'shelf-key-resell', minimum: 'admin', path: '/items/:id/resell', kind: '' },
  ],
  async read(admin, served, _given, { after, limit }) {
    const { app, t } = admin
    const all = await mayChangeForAll(app.db, app, admin.personId, 'admin')
    const items = await servedItems(
      app.db,
      { served, all },
      { limit, offset: 0, ...(after !== undefined && { before: numberGiven(after) }) },
    )
    const free = await freeByItem(
      app.db,
      items.map(({ id }) => id),
    )
    return {
      rows: items.map((one) => ({
        id: String(one.id),
        opens: `item/${one.id}`,
        cells: [
          one.name[admin.language],
          plain(t(`shelf-kind-${one.kind}`)),
          admin.money(one.price, one.asset),
          one.kind === stock.name ? String(free.get(one.id) ?? 0) : '—',
          one.bots === null ? plain(t('setting-scope-all')) : one.bots.join(', '),
          plain(t(one.retired ? 'panel-retired' : 'admin-item-sold')),
          String(one.id),
        ],
      })),
    }
  },
})

/** Categories are of all bots and few: they are one page. */
export const categoriesList = panelList({
  name: 'categories',
  as: 'a-categories',
  minimum: 'admin',
  title: 'shelf-key-categories',
  make: { title: 'panel-category-new', minimum: 'admin', opens: 'new/category' },
  columns: ['name', 'under', 'state', 'number'],
  filters: {},
  acts: [
    {
      title: 'shelf-key-retire',
      minimum: 'admin',
      path: '/categories/:category/retire',
      kind: 'danger',
      ask: 'panel-category-ask',
    },
    { title: 'shelf-key-resell', minimum: 'admin', path: '/categories/:category/resell', kind: '' },
  ],
  async read(admin, _served, _given, { after, limit }) {
    const all = await allCategories(admin.app.db)
    const names = new Map(all.map(({ id, name }) => [id, name[admin.language]]))
    const from = after === undefined ? 0 : all.findIndex(({ id }) => String(id) === after) + 1
    return {
      rows: all.slice(from, from + limit).map(({ id, name, parentId, retired }) => ({
        id: String(id),
        opens: `category/${id}`,
        cells: [
          name[admin.language],
          parentId === null ? '—' : (names.get(parentId) ?? String(parentId)),
          plain(admin.t(retired ? 'panel-retired' : 'admin-item-sold')),
          String(id),
        ],
      })),
    }
  },
})
