import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { readTypedWithin } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { ASK_SECONDS, askNow } from '#shop/payments/ask-now.ts'
import { mayKeepCard } from '#shop/payments/card-offer.ts'
import { offeredProviders, topUpRoubles } from '#shop/payments/offered.ts'
import { openPack } from '#shop/payments/packs.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { keepReceiptEmail } from '#shop/payments/receipt-email.ts'
import { limitsOf } from '#shop/payments/top-up.ts'
import { takeSuspended } from '#shop/payments/suspense.ts'
import { draft, rowId as id, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'
import { paymentView } from './views.ts'

/** The invoice in Stars that Telegram opens over the page. */
const pack = webRoute({
  method: 'POST',
  path: '/packs',
  input: z.object({ tokens: z.number().int().positive(), rate: z.number().int().positive(), draft }),
  buys: true,
  async run(visitor, { tokens, rate, draft: made }) {
    const invoice = await openPack(visitor, visitor.app.settings, {
      tokens: String(tokens),
      shownRate: String(rate),
      draft: made,
    })
    if (invoice.state === 'changed') throw new UserError('web.price')
    if (invoice.state !== 'open') throw new UserError('web.invoice-over')
    return { link: invoice.link, paymentId: invoice.id }
  },
})

/**
 * Roubles through a vendor, for the balance or for what an order lacks. A fiscal receipt goes to the given address. With
 * `keep` the payer has agreed that the card is kept for renewals.
 */
const topUp = webRoute({
  method: 'POST',
  path: '/top-ups',
  input: z.object({
    method: z.string().max(40),
    sum: z.string().max(40),
    draft,
    orderId: id.optional(),
    email: z.string().max(300).optional(),
    keep: z.boolean().optional(),
  }),
  buys: true,
  async run(visitor, { method, sum, draft: made, orderId, email, keep }) {
    const { app, bot } = visitor
    const provider = (await offeredProviders(app, bot.name)).find((one) => one.name === method)
    if (!provider) throw new UserError('web.method')
    if (orderId && (await readOrder(app.db, orderId))?.personId !== visitor.personId)
      throw new UserError('web.unknown')
    if (keep && !(provider.supports.keepsCards && (await mayKeepCard(visitor, orderId))))
      throw new UserError('web.method')
    const { min, max } = limitsOf(provider, 'RUB')!
    const kopecks = readTypedWithin(sum, 'RUB', { min, max })
    if (kopecks < min || kopecks > max)
      throw new UserError('web.sum', { min: visitor.money(min, 'RUB'), max: visitor.money(max, 'RUB') })
    if (provider.supports.receipts && email !== undefined)
      await keepReceiptEmail(app.db, visitor.personId, email)
    const paymentId = await topUpRoubles(visitor, provider, {
      kopecks: String(kopecks),
      draft: made,
      orderId,
      ...(keep && { keepCard: true }),
    })
    return await show(visitor, paymentId)
  },
})

const payment = webRoute({
  method: 'GET',
  path: '/payments/:id',
  input: z.object({ id }),
  run: (visitor, input) => show(visitor, input.id),
})

const check = webRoute({
  method: 'POST',
  path: '/payments/:id/check',
  input: z.object({ id }),
  async run(visitor, input) {
    await theirs(visitor, input.id)
    if (!(await askNow(visitor.app, input.id)))
      throw new UserError('web.check-wait', { seconds: ASK_SECONDS })
    return await show(visitor, input.id)
  },
})

/** What came beside the invoice becomes the person's balance; a second press takes nothing. */
const take = webRoute({
  method: 'POST',
  path: '/payments/:id/take',
  input: z.object({ id }),
  async run(visitor, input) {
    await theirs(visitor, input.id)
    const by = `person:${visitor.personId}`
    await visitor.app.db.tx((tx) => takeSuspended(tx, input.id, visitor.personId, by))
    return await show(visitor, input.id)
  },
})

async function show(visitor: Visitor, paymentId: string) {
  return paymentView(visitor, await theirs(visitor, paymentId))
}

/** @throws UserError `web.unknown` for what is another person's, as for what is not there */
async function theirs(visitor: Visitor, paymentId: string) {
  const found = await readPayment(visitor.app.db, paymentId)
  if (found?.personId !== visitor.personId) throw new UserError('web.unknown')
  return found
}

export const payingRoutes = [pack, topUp, payment, check, take]

export type PackAnswer = WebAnswer<typeof pack>
export type PaymentAnswer = WebAnswer<typeof payment>
