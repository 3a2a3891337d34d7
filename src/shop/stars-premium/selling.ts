import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'
import type { Limit } from '#shared/limits.ts'
import { readBalance } from '#shared/money/read.ts'
import { mulDiv } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { newId } from '#shared/ids.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import { type NoticeParams, oweAdminAlert, type Words } from '#shared/notices.ts'
import { shorten } from '#shared/storable.ts'
import { planDiscount } from '#shop/loyalty/subscriptions/plans.ts'
import { resellerConnection } from './connection.ts'
import type { Currency } from './currency.ts'
import { goodsWords, resoldGood } from './good.ts'
import type { Kind } from './good.ts'
import { draftOrder, saleOf } from './orders.ts'
import type { RecipientCard, SaleDetails } from './orders.ts'
import { payableWith } from './payable.ts'
import { placeOrder, refuseWhileStopped } from './place.ts'
import type { PlaceContext, Placed } from './place.ts'
import { supplierPrices } from './prices.ts'
import { quote } from './quote.ts'
import type { Quote } from './quote.ts'
import { knownRecipients, lookUpRecipients } from './recipients.ts'
import { said, stopSale } from './sale-stops.ts'
import type { Goods } from './supplier.ts'

export type SellingContext = Pick<Context, 'db' | 'settings' | 'bots' | 'config' | 'secrets' | 'texts'> & {
  backend: Pick<Context['backend'], 'redis' | 'key'>
}

/**
 * Names of one person that are looked up within a minute, in the chat and on the pages together: three orders of ten
 * recipients, each looked up when it is drawn and when it is paid. Every name is a question to the reseller or to Telegram.
 */
const LOOK_UPS = 60
const LOOK_UPS_SECONDS = 60

const limits = new WeakMap<object, Limit>()

/** @throws UserError `recipient.often` */
async function countLookUps({ app: { backend }, personId }: Buyer, names: number): Promise<void> {
  const limit =
    limits.get(backend) ??
    createLimit(backend, { name: 'recipients', points: LOOK_UPS, seconds: LOOK_UPS_SECONDS })
  limits.set(backend, limit)
  const waitMs = await limit.take(String(personId), names)
  if (waitMs > 0) throw new UserError('recipient.often', { seconds: Math.ceil(waitMs / 1000) })
}

/** Who buys, and in which bot. A conversation with a person is one. */
export interface Buyer {
  app: SellingContext
  bot: { name: string }
  personId: bigint
}

/** What a draft costs its buyer in one currency, minor units; `back` returns at once by a plan. */
export interface PayOption {
  currency: Currency
  price: bigint
  available: bigint
  enough: boolean
  back: bigint
}

function placeContext(app: SellingContext): PlaceContext {
  const { db, settings, bots } = app
  return { db, settings, bots, client: resellerConnection(app, (failure) => loginFailed(app, failure)) }
}

async function loginFailed(app: SellingContext, failure: string): Promise<void> {
  await app.db.tx(async (tx) => {
    if (!(await stopSale(tx, 'login', failure))) return
    await alert({ ...app, db: tx }, 'login', { details: shorten(failure, 300) })
  })
}

export async function viaReseller({ app, bot }: Buyer, kind: Kind): Promise<boolean> {
  return (await resoldGood(kind).way(app.settings, bot.name)) === 'fragment'
}

/**
 * Finds who these names belong to now.
 * @throws UserError as refuseWhileStopped, countLookUps, lookUpRecipients and knownRecipients do
 */
export async function findRecipients(
  buyer: Buyer,
  kind: Kind,
  usernames: readonly string[],
): Promise<RecipientCard[]> {
  const context = placeContext(buyer.app)
  const isOfReseller = await viaReseller(buyer, kind)
  if (isOfReseller) await refuseWhileStopped(context.db)
  await countLookUps(buyer, usernames.length)
  return isOfReseller
    ? await lookUpRecipients(context.client, usernames, context.db)
    : await knownRecipients(context, buyer.bot.name, usernames)
}

/**
 * Writes the draft that a yes confirms, and says what it costs with what the buyer has. The draft's number is all that
 * the yes carries: two taps are one order, and no price comes from the buyer.
 * @param options what can be paid with: what is enough, or everything where nothing is
 * @throws UserError as quote does; a sale below cost also tells the admins, once an hour for each kind
 */
export async function offerGoods(
  buyer: Buyer,
  goods: Goods,
  recipients: RecipientCard[],
): Promise<{ id: string; quote: Quote; options: PayOption[] }> {
  const { app, bot, personId } = buyer
  const quoted = await quoteFor(buyer, goods)
  const percent = await planDiscount(app.db, personId)
  const many = BigInt(recipients.length)
  const sale = { ...quoted, bot: bot.name, personId }
  const all = await Promise.all(
    (['RUB', 'TOK'] as const).map(async (currency): Promise<PayOption | undefined> => {
      const payable = await payableWith(app, sale, currency).catch(orLoss)
      if (!payable) return undefined
      const price = payable.unit * many
      const { available } = await readBalance(app.db, personId, currency)
      const planned = mulDiv(payable.unit, BigInt(percent), 100n)
      const back = (planned < payable.mostBack ? planned : payable.mostBack) * many
      return { currency, price, available, enough: available >= price, back }
    }),
  )
  const options = all.filter((one) => one !== undefined)
  if (options.length === 0) {
    await tellBelowCost(app, goods)
    throw new UserError('sale.below-cost')
  }
  const id = newId()
  const tokens = options.find(({ currency }) => currency === 'TOK')
  await draftOrder(app.db, {
    id,
    personId,
    bot: bot.name,
    quote: quoted,
    recipients,
    unitTokens: tokens && tokens.price / many,
  })
  const enough = options.filter((one) => one.enough)
  return { id, quote: quoted, options: enough.length > 0 ? enough : options }
}

/**
 * The yes to a draft, which looks its recipients up again.
 * @throws UserError as placeOrder and countLookUps do; admins hear of what our wallet could not buy
 */
export async function buyDraft(buyer: Buyer, id: string, currency: Currency): Promise<Placed> {
  const { app, personId } = buyer
  const asked = await readOrder(app.db, id)
  if (asked?.personId === personId && (asked.state === 'draft' || asked.state === 'awaiting_payment'))
    await countLookUps(buyer, saleOf(asked).recipients.length)
  try {
    return await placeOrder(placeContext(app), id, { personId, currency, actor: `person:${personId}` })
  } catch (error) {
    if (error instanceof UserError && error.code === 'sale.too-large') {
      const draft = await readOrder(app.db, id)
      if (draft?.personId === personId) await tellTooLarge(app, saleOf(draft))
    }
    throw error
  }
}

/** The price of the goods for one recipient. */
async function quoteFor({ app, bot }: Buyer, goods: Goods): Promise<Quote> {
  const context = placeContext(app)
  const prices = await supplierPrices(context.db, context.client).catch(() => undefined)
  try {
    return await quote(context.settings, prices, bot.name, goods)
  } catch (error) {
    if (error instanceof UserError && error.code === 'sale.below-cost') await tellBelowCost(app, goods)
    throw error
  }
}

/** A price below our cost in this currency is not offered: undefined. Other errors go on. */
function orLoss(error: unknown): undefined {
  if (error instanceof UserError && error.code === 'sale.below-cost') return undefined
  throw error
}

function tellBelowCost(app: SellingContext, goods: Goods): Promise<void> {
  return alert(app, `below-cost-${goods.kind}`, { details: named(app, goods) }, 'below-cost')
}

/** The wallet is too small for what somebody wanted: told once an hour for each kind. */
async function tellTooLarge(app: SellingContext, { goods, recipients }: SaleDetails): Promise<void> {
  const details = named(app, goods, recipients.length)
  await alert(app, `too-large-${goods.kind}`, { details }, 'too-large')
}

/** The goods in each language, as keys and cards name them. */
function named({ texts }: Pick<SellingContext, 'texts'>, goods: Goods, many = 1): Words {
  const words = said(texts, `waiting-${goods.kind}`, () => goodsWords(goods))
  return inLanguages((language) => (many > 1 ? `${words[language]} × ${many}` : words[language]))
}

async function alert(
  app: Pick<SellingContext, 'bots'> & { db: Sql },
  key: string,
  params: NoticeParams,
  text: string = key,
): Promise<void> {
  const hour = Math.floor(Date.now() / 3_600_000)
  await oweAdminAlert(app.db, app.bots.values(), {
    key: `fragment-${key}-${hour}`,
    text: `fragment-alert-${text}`,
    params,
    buttons: [[['fadmin-open', 'fadmin']]],
  })
}
