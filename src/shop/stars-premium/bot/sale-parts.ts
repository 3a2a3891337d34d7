import { UserError } from '#shared/errors.ts'
import { countOf, PREMIUM } from '../good.ts'
import type { Kind } from '../good.ts'
import { fragmentConnection } from '../connection.ts'
import type { RecipientCard, SaleDetails } from '../orders.ts'
import type { PlaceContext } from '../place.ts'
import { supplierPrices } from '../prices.ts'
import { quote, type Quote } from '../quote.ts'
import { stopSale } from '../sale.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import type { Goods } from '../supplier.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { nameOf } from './order-card.ts'
import { shorten } from '#shared/storable.ts'

/** What the sale remembers between the steps: for whom. */
interface SaleSession {
  kind: Kind
  recipients: RecipientCard[]
}

export function keepRecipients(chat: Chat, kind: Kind, recipients: RecipientCard[]): void {
  chat.session.sale = { kind, recipients } satisfies SaleSession
}

/** @throws UserError `order.stale` when the person comes from an old screen */
export function keptRecipients(chat: Chat, kind: Kind): RecipientCard[] {
  const kept = chat.session.sale as SaleSession | undefined
  if (kept?.kind !== kind || kept.recipients.length === 0) throw new UserError('order.stale')
  return kept.recipients
}

export function placeContext(chat: Chat): PlaceContext {
  const { db, settings, bots } = chat.app
  return { db, settings, bots, client: fragmentConnection(chat.app, (failure) => loginFailed(chat, failure)) }
}

async function loginFailed(chat: Chat, failure: string): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    if (!(await stopSale(tx, 'login', failure))) return
    await alert(chat, 'login', { details: shorten(failure, 300) })
  })
}

/** Whom it is for, and that it cannot be undone. */
export function recipientLines(chat: Chat, kind: Kind, recipients: readonly RecipientCard[]): string[] {
  const lines = recipients.map((one) => {
    const already = kind === PREMIUM.kind && one.hasPremium ? ` · ${chat.t('sale-already-premium')}` : ''
    return `👤 <b>${nameOf(one)}</b>${already}`
  })
  return [...lines, chat.t('sale-final', { count: recipients.length })]
}

/**
 * The price of the goods for one recipient.
 * @throws UserError as quote does; a sale below cost also tells the admins, once an hour for each kind
 */
export async function quoteFor(chat: Chat, goods: Goods): Promise<Quote> {
  const context = placeContext(chat)
  const prices = await supplierPrices(context.db, context.client).catch(() => undefined)
  try {
    return await quote(context.settings, prices, chat.bot.name, goods)
  } catch (error) {
    if (error instanceof UserError && error.code === 'sale.below-cost') await tellBelowCost(chat, goods)
    throw error
  }
}

export function tellBelowCost(chat: Chat, goods: Goods): Promise<void> {
  const details = `${goods.kind} ${countOf(goods)}`
  return alert(chat, `below-cost-${goods.kind}`, { details }, 'below-cost')
}

/** The wallet is too small for what somebody wanted: told once an hour for each kind. */
export async function tellTooLarge(chat: Chat, { goods, recipients }: SaleDetails): Promise<void> {
  const count = countOf(goods)
  const details = `${goods.kind} ${count}${recipients.length > 1 ? ` × ${recipients.length}` : ''}`
  await alert(chat, `too-large-${goods.kind}`, { details }, 'too-large')
}

async function alert(
  chat: Chat,
  key: string,
  params: Record<string, string>,
  text: string = key,
): Promise<void> {
  const hour = Math.floor(Date.now() / 3_600_000)
  await oweAdminAlert(chat.app.db, chat.app.bots.values(), {
    key: `fragment-${key}-${hour}`,
    text: `fragment-alert-${text}`,
    params,
    buttons: [[['fadmin-open', 'fadmin']]],
  })
}
