import type { Api } from 'grammy'
import type { RawBuilder } from 'kysely'
import { MOST_STARS } from '#shared/config/config.ts'
import type { Db } from '#shared/db/db.ts'
import type { Card, Payment } from '#shared/money/tables.ts'
import { shorten } from '#shared/storable.ts'
import type { Asset } from '#shared/money.ts'
import { createOrReadPayment, notingPayment } from './payments.ts'

/** An invoice that nobody paid for this long is refused at pre-checkout: prices may have changed. */
export const INVOICE_LIFE_MS = 60 * 60 * 1000
/** Telegram renews subscriptions in Stars every 30 days and knows no other period. */
const MONTH_SECONDS = 2_592_000
/** What Telegram takes: Stars of one subscription's month, characters of a title and of a description. */
const MOST_STARS_A_MONTH = 10_000
const TITLE_LENGTH = 32
const DESCRIPTION_LENGTH = 255

/** The bot that sells, the person who buys, and the words for them. A Chat has all of these. */
export interface StarsBuyer {
  app: { db: Db }
  bot: { name: string }
  personId: bigint
  ctx: { api: Pick<Api, 'createInvoiceLink'> }
  /** Statements that are written together with the end of the press: see Chat. */
  withTheEnd: RawBuilder<unknown>[]
  t(key: string, params?: Record<string, string | number>): string
  money(amount: bigint, asset: Asset): string
}

export interface StarsInvoice {
  /** The payment's id, which Telegram says again at every step as the invoice's payload. */
  id: string
  stars: bigint
  /** What comes to the balance for the Stars. */
  tokens: bigint
  /** A plan is paid for every month by Telegram itself; without one the invoice is for the tokens. */
  plan?: { code: string; name: string }
  /** The order that waits for the tokens; it says when the invoice ends. */
  order?: { id: string; expiresAt?: Date | null }
  /** The message that will show the payment. */
  card?: Card
}

export type OpenInvoice =
  | { state: 'open'; link: string; card: Payment['card'] }
  /** `paid` stands for every state that may follow `created`, except `expired`. */
  | { state: 'expired' | 'paid' }

/** The only maker of invoices in Stars. The same id again is the same invoice, and has the same link. */
export async function openStarsInvoice(buyer: StarsBuyer, invoice: StarsInvoice): Promise<OpenInvoice> {
  const { db } = buyer.app
  const { id, stars, tokens, plan, order } = invoice
  const most = plan ? MOST_STARS_A_MONTH : MOST_STARS
  if (stars < 1n || stars > BigInt(most)) throw new Error(`Telegram takes no invoice of ${stars} Stars`)
  const payment = await createOrReadPayment(db, {
    id,
    personId: buyer.personId,
    bot: buyer.bot.name,
    provider: 'stars',
    asset: 'XTR',
    amount: stars,
    creditAsset: 'TOK',
    creditAmount: tokens,
    orderId: order?.id,
    details: plan ? { plan: plan.code } : {},
    ...(invoice.card && { card: invoice.card }),
    ...(order ? { expiresAt: order.expiresAt ?? undefined } : { expiresInMs: INVOICE_LIFE_MS }),
  })
  if (payment.details.arrived === true) return { state: 'paid' }
  if (payment.state === 'expired' || (payment.state === 'created' && payment.isOver)) {
    return { state: 'expired' }
  }
  if (payment.state !== 'created') return { state: 'paid' }
  const { card } = payment
  const known = payment.details.link
  if (typeof known === 'string') return { state: 'open', link: known, card }
  const link = await makeLink(buyer, invoice)
  // A plan's name and words may change while its payment is open, so its link is made anew each time.
  // If the link is lost, the next press gets another link of the same payment.
  if (!plan) buyer.withTheEnd.push(notingPayment(id, { link }))
  return { state: 'open', link, card }
}

function makeLink(buyer: StarsBuyer, { id, stars, tokens, plan }: StarsInvoice): Promise<string> {
  const label = plan?.name ?? buyer.money(tokens, 'TOK')
  const description = plan
    ? buyer.t('plan-invoice', { name: label })
    : buyer.t('buy-invoice-description', { tokens: label })
  return buyer.ctx.api.createInvoiceLink(
    shorten(label, TITLE_LENGTH),
    shorten(description, DESCRIPTION_LENGTH),
    id,
    // Stars need no payment provider, so there is no provider's token.
    '',
    'XTR',
    [{ label, amount: Number(stars) }],
    plan ? { subscription_period: MONTH_SECONDS } : {},
  )
}
