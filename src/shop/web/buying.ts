import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { readBalance } from '#shared/money/read.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { isCurrency } from '#shop/stars-premium/currency.ts'
import { cancelledByBuyer } from '#shop/stars-premium/endings.ts'
import { goodsWords, isKind, resoldGood, resoldKinds } from '#shop/stars-premium/good.ts'
import type { Kind } from '#shop/stars-premium/good.ts'
import { parseUsernames } from '#shop/stars-premium/input.ts'
import { saleOf } from '#shop/stars-premium/orders.ts'
import { buyDraft, findRecipients, offerGoods } from '#shop/stars-premium/selling.ts'
import { shortageInvoice } from '#shop/stars-premium/shortage.ts'
import { rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'
import { orderView, plain, recipientView } from './views.ts'

const kind = z.enum(resoldKinds as [Kind, ...Kind[]])
const count = z.number().int().min(1).max(1_000_000)
/** Names as people paste them, read by parseUsernames. An empty text means the buyer. */
const names = z.string().max(500)

/** What is sold, with its price, before anything is typed. */
const offers = webRoute({
  method: 'GET',
  path: '/goods/:kind',
  input: z.object({ kind }),
  async run(visitor, input) {
    const { app, bot } = visitor
    const good = resoldGood(input.kind)
    const offered = await good.offered(app, bot.name)
    return {
      kind: good.kind,
      title: visitor.t(good.menu!.text),
      self: visitor.username,
      own: good.keys.own !== undefined,
      offers: await Promise.all(
        offered.map(async ({ number, goods }) => ({
          count: number,
          title: plain(visitor.t(`order-title-${good.kind}`, goodsWords(goods))),
          price: visitor.money(await good.price(app.settings, bot.name, goods), 'RUB'),
        })),
      ),
    }
  },
})

/** The price of a number of units that somebody typed. */
const priceOf = webRoute({
  method: 'GET',
  path: '/goods/:kind/price',
  input: z.object({ kind, count: z.string().max(20) }),
  async run({ app, bot, money }, input) {
    const good = resoldGood(input.kind)
    if (!good.keys.own) throw new UserError('web.unknown')
    const number = good.keys.own.read(input.count)
    const goods = await good.pick(app, bot.name, number)
    return { count: number, price: money(await good.price(app.settings, bot.name, goods), 'RUB') }
  },
})

function namesOf(visitor: Visitor, typed: string): string[] {
  if (typed.trim() !== '') return parseUsernames(typed)
  if (!visitor.username) throw new UserError('own.username')
  return [visitor.username]
}

/**
 * Creates the draft that a later confirmation pays: recipient, goods, the price in each possible asset, and the
 * balance afterwards.
 */
const draft = webRoute({
  method: 'POST',
  path: '/drafts',
  input: z.object({ kind, count, names }),
  buys: true,
  async run(visitor, input) {
    // A count that is not sold is refused before anybody outside is asked about the names.
    const goods = await resoldGood(input.kind).pick(visitor.app, visitor.bot.name, input.count)
    const found = await findRecipients(visitor, input.kind, namesOf(visitor, input.names))
    const { id: draftId, quote, options } = await offerGoods(visitor, goods, found)
    return {
      id: draftId,
      title: plain(visitor.t(`order-title-${input.kind}`, goodsWords(goods))),
      people: found.map(recipientView),
      final: visitor.t('sale-final', { count: found.length }),
      price: visitor.money(quote.price * BigInt(found.length), 'RUB'),
      options: options.map(({ currency, price, available, enough, back }) => ({
        currency,
        enough,
        price: visitor.money(price, currency),
        after: enough ? visitor.money(available - price, currency) : null,
        back: back > 0n ? visitor.money(back, currency) : null,
      })),
    }
  },
})

/** Pays a draft. A repeat changes nothing, so the page asks again if the answer is lost. */
const pay = webRoute({
  method: 'POST',
  path: '/orders/:id/pay',
  input: z.object({ id, currency: z.enum(['RUB', 'TOK']) }),
  buys: true,
  async run(visitor, input) {
    await theirs(visitor, input.id)
    const { outcome } = await buyDraft(visitor, input.id, input.currency)
    return { outcome, order: await show(visitor, input.id) }
  },
})

const order = webRoute({
  method: 'GET',
  path: '/orders/:id',
  input: z.object({ id }),
  run: (visitor, input) => show(visitor, input.id),
})

/** Cancels an order that waits for money; nothing was charged for it. */
const cancel = webRoute({
  method: 'POST',
  path: '/orders/:id/cancel',
  input: z.object({ id }),
  async run(visitor, input) {
    const waiting = await theirs(visitor, input.id)
    if (waiting.state !== 'awaiting_payment') throw new UserError('order.moved')
    await visitor.app.db.tx((tx) => cancelledByBuyer(tx, input.id, visitor.personId))
    return await show(visitor, input.id)
  },
})

async function show(visitor: Visitor, orderId: string) {
  const found = await theirs(visitor, orderId)
  if (found.state === 'draft') throw new UserError('web.unknown')
  return { ...(await orderView(visitor, found)), shortage: await shortageOf(visitor, found) }
}

/** @throws UserError `web.unknown` for another person's order, as for one that does not exist */
async function theirs(visitor: Visitor, orderId: string): Promise<Order> {
  const found = await readOrder(visitor.app.db, orderId)
  if (found?.personId !== visitor.personId || !isKind(found.good)) throw new UserError('web.unknown')
  return found
}

/** What an order that waits for money still lacks, with an invoice in Stars if tokens are missing. */
async function shortageOf(visitor: Visitor, waiting: Order) {
  if (waiting.state !== 'awaiting_payment') return null
  const { payWith } = saleOf(waiting)
  const currency = payWith && isCurrency(payWith) ? payWith : 'RUB'
  const { available } = await readBalance(visitor.app.db, visitor.personId, currency)
  const missing = waiting.price > available ? waiting.price - available : 0n
  const invoice =
    currency === 'TOK' ? await shortageInvoice(visitor, visitor.app.settings, waiting, missing) : undefined
  return {
    currency,
    sum: visitor.money(missing, currency),
    /** The money has come meanwhile: the order goes on with the next confirmation. */
    isPaid: missing === 0n,
    kopecks: currency === 'RUB' && missing > 0n ? String(missing) : null,
    invoice: invoice ?? null,
  }
}

export const buyingRoutes = [offers, priceOf, draft, pay, order, cancel]

export type OffersAnswer = WebAnswer<typeof offers>
export type PriceAnswer = WebAnswer<typeof priceOf>
export type DraftAnswer = WebAnswer<typeof draft>
export type OrderAnswer = WebAnswer<typeof order>
export type PayAnswer = WebAnswer<typeof pay>
