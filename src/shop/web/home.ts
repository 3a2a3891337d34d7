import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { ASSETS } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { operationDetail, operationText } from '#shared/good.ts'
import { balances, operationsPage } from '#shared/money/read.ts'
import { shorten } from '#shared/storable.ts'
import { offeredMethods } from '#shop/payments/by-hand.ts'
import { mayKeepCard } from '#shop/payments/card-offer.ts'
import { offeredProviders } from '#shop/payments/offered.ts'
import { packsOnSale } from '#shop/payments/packs.ts'
import { receiptEmail } from '#shop/payments/receipt-email.ts'
import { topUpPresets } from '#shop/payments/settings.ts'
import { limitsOf } from '#shop/payments/top-up.ts'
import { models } from '#shop/pictures/drafts.ts'
import { shelfInMenu } from '#shop/shelf/settings.ts'
import { starsPremiumGoods } from '#shop/stars-premium/good.ts'
import { purchases } from '#shop/stars-premium/orders.ts'
import { isStopped, saleStops } from '#shop/stars-premium/sale-stops.ts'
import { rowId, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'
import { orderLine, plain } from './views.ts'

const PAGE = 20
const NEWEST = 3

async function balanceView(visitor: Visitor) {
  const wallet = await balances(visitor.app.db, visitor.personId)
  const of = (asset: 'TOK' | 'RUB') =>
    wallet.find((one) => one.asset === asset) ?? { asset, available: 0n, held: 0n }
  const others = wallet.filter(({ asset, available, held }) => !isMain(asset) && available + held > 0n)
  return [of('TOK'), of('RUB'), ...others].map(({ asset, available, held }) => ({
    asset,
    sum: visitor.money(available, asset),
    held: held > 0n ? visitor.t('balance-reserved', { sum: visitor.money(held, asset) }) : null,
  }))
}

const isMain = (asset: string) => asset === 'TOK' || asset === 'RUB'

/** The Mini App's first page: balance, orders and payments under way, and what is sold. */
export const homeRoute = webRoute({
  method: 'GET',
  path: '/home',
  async run(visitor) {
    const { app, bot, personId } = visitor
    const [balance, newest, { packs, rate }, stops, drawn, shelf] = await Promise.all([
      balanceView(visitor),
      purchases(app.db, personId, { limit: NEWEST, offset: 0 }),
      packsOnSale(app.settings, bot.name),
      saleStops(app.db),
      models(visitor),
      app.settings.get(shelfInMenu, bot.name),
    ])
    const shown = await Promise.all(
      starsPremiumGoods.map(async (good) =>
        (await good.menu?.shown?.(app.settings, bot.name)) === false ? [] : [good],
      ),
    )
    const goods = await Promise.all(
      shown.flat().map(async (good) => {
        const price = await good.from(app.settings, bot.name)
        return {
          kind: good.kind,
          title: visitor.t(good.menu!.text),
          from: price === undefined ? null : visitor.money(price, 'RUB'),
          stopped: await isStopped(good, { settings: app.settings, bot: bot.name, stops }),
        }
      }),
    )
    return {
      language: visitor.language,
      balance,
      goods,
      pictures: drawn.length > 0 ? { from: visitor.moneyFrom(cheapest(drawn), 'TOK') } : null,
      /** What owners sell has its tile where the chat's menu has its key. */
      shelf: shelf ? plain(visitor.t('menu-shelf')) : null,
      orders: newest.map((order) => orderLine(visitor, order)),
      packs: packs.map((tokens) => ({
        tokens,
        rate,
        title: visitor.money(BigInt(tokens), 'TOK'),
        price: visitor.money(BigInt(tokens * rate), 'XTR'),
      })),
    }
  },
})

const cheapest = (drawn: readonly { tokens: bigint }[]): bigint =>
  drawn.reduce((least, { tokens }) => (tokens < least ? tokens : least), drawn[0]!.tokens)

/** The vendors and what they take, for an order or for the balance. */
const methods = webRoute({
  method: 'GET',
  path: '/methods',
  input: z.object({ orderId: rowId.optional() }),
  async run(visitor, { orderId }) {
    const { app, bot, personId, t } = visitor
    if (orderId && (await readOrder(app.db, orderId))?.personId !== personId)
      throw new UserError('web.unknown')
    const [offered, presets, byHand, email, mayKeep] = await Promise.all([
      offeredProviders(app, bot.name),
      app.settings.get(topUpPresets, bot.name),
      offeredMethods(app.settings, bot.name),
      receiptEmail(app.db, personId),
      mayKeepCard(visitor, orderId),
    ])
    const keep = { title: t('pay-keep'), hint: t('pay-keep-hint') }
    return {
      /** Transfers that admins check are taken. */
      byHand: byHand.length > 0,
      methods: offered.map((provider) => {
        const { min, max } = limitsOf(provider, 'RUB')!
        return {
          name: provider.name,
          title: visitor.t(`method-${provider.name}`),
          hint: visitor.t(`method-${provider.name}-hint`),
          /** Where the receipts of this vendor go: an address, '' = none is known yet, null = the vendor sends none. */
          email: provider.supports.receipts ? (email ?? '') : null,
          /** The key that lets the vendor keep the card for renewals; null where that is not offered. */
          keep: mayKeep && provider.supports.keepsCards ? keep : null,
          limits: `${visitor.money(min, 'RUB')} – ${visitor.money(max, 'RUB')}`,
          sums: presets
            .map(BigInt)
            .filter((sum) => sum >= min && sum <= max)
            .map((sum) => ({ kopecks: String(sum), title: visitor.money(sum, 'RUB') })),
        }
      }),
    }
  },
})

/** The person's operations with the balance after each, newest first; `before` is the last one of the page before. */
const history = webRoute({
  method: 'GET',
  path: '/history',
  input: z.object({
    before: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
    asset: z.enum(ASSETS).optional(),
    way: z.enum(['in', 'out']).optional(),
  }),
  async run(visitor, { before, asset, way }) {
    const { app, personId } = visitor
    const [wallet, { operations: shown, next }] = await Promise.all([
      balances(app.db, personId),
      operationsPage(app.db, personId, {
        size: PAGE,
        before: before === undefined ? undefined : BigInt(before),
        asset,
        way,
      }),
    ])
    return {
      assets: wallet.map((one) => ({ asset: one.asset, name: visitor.money(one.available, one.asset) })),
      operations: shown.map((one) => ({
        id: `${one.id} ${one.asset}`,
        sum: visitor.signed(one.amount, one.asset),
        isPlus: one.amount > 0n,
        kind: visitor.t(operationText(one.kind, one.amount)),
        description: shorten(operationDetail(visitor.app.goods, visitor, one), 80),
        after: visitor.money(one.balanceAfter, one.asset),
        at: visitor.time(one.createdAt),
      })),
      before: next === undefined ? null : String(next),
    }
  },
})

const orders = webRoute({
  method: 'GET',
  path: '/orders',
  input: z.object({ page: z.coerce.number().int().min(0).max(500).default(0) }),
  async run(visitor, { page }) {
    const found = await purchases(visitor.app.db, visitor.personId, { limit: PAGE + 1, offset: page * PAGE })
    return {
      orders: found.slice(0, PAGE).map((order) => orderLine(visitor, order)),
      next: found.length > PAGE ? page + 1 : null,
    }
  },
})

export const homeRoutes = [homeRoute, methods, history, orders]

export type HomeAnswer = WebAnswer<typeof homeRoute>
export type MethodsAnswer = WebAnswer<typeof methods>
export type HistoryAnswer = WebAnswer<typeof history>
export type OrdersAnswer = WebAnswer<typeof orders>
