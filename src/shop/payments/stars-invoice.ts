import type { Api } from 'grammy'
import { sql as q } from 'kysely'
import { MOST_STARS } from '#shared/config/config.ts'
import type { Db } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Card, Payment } from '#shared/money/tables.ts'
import { shorten } from '#shared/storable.ts'
import { workFor } from '#shared/trace/trace.ts'
import type { Asset } from '#shared/money.ts'
import { createTogether } from './create-together.ts'

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

/**
 * The only maker of invoices in Stars. The same id again is the same invoice, and has the same link. The link is made
 * before the payment is written, so that both are one statement; nobody knows the link before that.
 */
export async function openStarsInvoice(buyer: StarsBuyer, invoice: StarsInvoice): Promise<OpenInvoice> {
  const { db } = buyer.app
  const { id, stars, tokens, plan, order } = invoice
  const most = plan ? MOST_STARS_A_MONTH : MOST_STARS
  if (stars < 1n || stars > BigInt(most)) throw new Error(`Telegram takes no invoice of ${stars} Stars`)
  workFor({ payment: id, order: order?.id })
  // What an order lacks is looked at again and again. The number of a pack is new with each list of packs, so a link
  // that nobody needs is rare there.
  const known = order && (await readInvoice(db, id))
  if (known) return await asItStands(known, () => makeLink(buyer, invoice))
  const link = await makeLink(buyer, invoice)
  const isNew = await createTogether(db, {
    id,
    personId: buyer.personId,
    bot: buyer.bot.name,
    provider: 'stars',
    asset: 'XTR',
    amount: stars,
    creditAsset: 'TOK',
    creditAmount: tokens,
    orderId: order?.id,
    // A plan's name and words may change while its payment is open, so its link is made anew each time.
    details: plan ? { plan: plan.code } : { link },
    ...(invoice.card && { card: invoice.card }),
    ...(order ? { expiresAt: order.expiresAt ?? undefined } : { expiresInMs: INVOICE_LIFE_MS }),
  })
  return isNew
    ? { state: 'open', link, card: invoice.card ?? null }
    : await asItStands((await readInvoice(db, id))!, () => link)
}

type Known = Pick<Payment, 'state' | 'details' | 'card'> & { isOver: boolean }

async function readInvoice(db: Db, id: string): Promise<Known | undefined> {
  const isOver = q<boolean>`coalesce(expires_at < now(), false)`.as('isOver')
  const payment = moneySql.selectFrom('payments').select(['state', 'details', 'card', isOver])
  const [known] = await db.rows(payment.where('id', '=', id))
  return known
}

async function asItStands(
  { state, details, card, isOver }: Known,
  makeLink: () => Promise<string> | string,
): Promise<OpenInvoice> {
  if (details['arrived'] === true) return { state: 'paid' }
  if (state === 'expired' || (state === 'created' && isOver)) return { state: 'expired' }
  if (state !== 'created') return { state: 'paid' }
  const { link } = details
  return { state: 'open', link: typeof link === 'string' ? link : await makeLink(), card }
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
