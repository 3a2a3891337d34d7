import { randomBytes } from '../lib/crypto.ts'
import { bad } from '../errors.ts'
import { addTransaction, pay } from '../ledger.ts'
import { addMessage } from '../messages.ts'
import { bool, int, isObj, json, required, text, userId, type Obj, type Params } from '../params.ts'
import { ofBot, placeOfPerson, refund } from '../payments.ts'
import { userOfBot, userOfPerson, type Bot, type Invoice, type Person, type World } from '../store.ts'
import type { Method } from './call.ts'
import { deliver } from './deliver.ts'
import { getAvailableGifts } from './gift-kinds.ts'

const MONTH_S = 2_592_000
/** What an invoice can ask for: the field is `need_` and one of these names. */
const NEEDS = ['name', 'phone_number', 'email', 'shipping_address'] as const
const DEAREST_STARS = 100_000
const DEAREST_SUBSCRIPTION_STARS = 10_000

export function invoiceOf(p: Params, bot: Bot, link: boolean): Invoice {
  const title = required(p, 'title')
  const description = required(p, 'description')
  const payload = required(p, 'payload')
  const currency = required(p, 'currency')
  const amount = totalOf(json(p, 'prices', 'prices'))
  const period = int(p, 'subscription_period')
  if (currency === 'XTR') checkStars(p, amount, period, link)
  else checkProvider(p, currency, amount, period)
  const photoUrl = text(p, 'photo_url')
  return {
    slug: `$${randomBytes(12).toString('base64url')}`,
    botId: bot.id,
    title,
    description,
    payload,
    currency,
    amount,
    needs: NEEDS.filter((name) => bool(p, `need_${name}`)),
    isFlexible: bool(p, 'is_flexible'),
    maxTip: int(p, 'max_tip_amount'),
    paid: 0,
    ...(period && { subscriptionPeriod: period }),
    ...(photoUrl && { photoUrl }),
  }
}

function checkStars(p: Params, amount: number, period: number, link: boolean): void {
  if ((text(p, 'provider_token') ?? '') !== '') throw bad('STARS_INVOICE_INVALID')
  if ((json(p, 'prices', 'prices') as unknown[]).length !== 1) throw bad('STARS_INVOICE_INVALID')
  if (int(p, 'max_tip_amount') !== 0) throw bad('STARS_INVOICE_INVALID')
  const tips = json(p, 'suggested_tip_amounts', 'suggested_tip_amounts')
  if (Array.isArray(tips) && tips.length > 0) throw bad('STARS_INVOICE_INVALID')
  if (period !== 0 && (!link || period !== MONTH_S)) throw bad('SUBSCRIPTION_PERIOD_INVALID')
  if (amount < 1 || amount > (period ? DEAREST_SUBSCRIPTION_STARS : DEAREST_STARS))
    throw bad('CURRENCY_TOTAL_AMOUNT_INVALID')
}

/** Every other currency needs the token of a provider, as BotFather gives it out. */
function checkProvider(p: Params, currency: string, amount: number, period: number): void {
  if (!Intl.supportedValuesOf('currency').includes(currency)) throw bad('CURRENCY_INVALID')
  if (!/^\d+:\w+:\S+$/.test(text(p, 'provider_token') ?? '')) throw bad('PAYMENT_PROVIDER_INVALID')
  if (period !== 0) throw bad('SUBSCRIPTION_PERIOD_INVALID')
  if (amount < 1) throw bad('CURRENCY_TOTAL_AMOUNT_INVALID')
  const most = int(p, 'max_tip_amount')
  if (most < 0) throw bad('invalid max_tip_amount of the currency specified')
  const tips = (json(p, 'suggested_tip_amounts', 'suggested_tip_amounts') ?? []) as unknown[]
  if (!Array.isArray(tips)) throw bad('expected an Array of suggested tip amounts')
  for (const tip of tips) {
    if (Number(tip) <= 0) throw bad('suggested tip amount must be positive')
    if (Number(tip) > most) throw bad("suggested tip amount can't be bigger than max_tip_amount")
  }
}

function totalOf(prices: unknown): number {
  if (!Array.isArray(prices)) throw bad('expected an Array of labeled prices')
  if (prices.length === 0) throw bad('there must be at least one price')
  return prices.reduce((sum: number, price: unknown) => {
    const fail = (why: string) => bad(`can't parse labeled price: ${why}`)
    if (!isObj(price)) throw fail('LabeledPrice must be an Object')
    const { label, amount } = price
    if (label === undefined) throw fail('Can\'t find field "label"')
    if (label === '') throw fail('LabeledPrice label must be non-empty')
    if (amount === undefined) throw fail('Can\'t find field "amount"')
    const number = Number(amount)
    if (!Number.isSafeInteger(number)) throw fail('Field "amount" must be of type Number')
    return sum + number
  }, 0)
}

const sendInvoice: Method = (call) => {
  const invoice = invoiceOf(call.p, call.bot, false)
  return deliver(call, invoiceContent(call.p, invoice), { invoice })
}

export function invoiceContent(p: Params, { title, description, currency, amount }: Invoice): Obj {
  const parameter = text(p, 'start_parameter') ?? ''
  return { invoice: { title, description, start_parameter: parameter, currency, total_amount: amount } }
}

const createInvoiceLink: Method = ({ world, bot, p }) => {
  const invoice = invoiceOf(p, bot, true)
  world.links.set(invoice.slug, invoice)
  if (world.links.size > 50_000) world.links.delete(world.links.keys().next().value!)
  return `https://t.me/${invoice.slug}`
}

const answerPreCheckoutQuery: Method = ({ world, bot, p }) => {
  const ok = bool(p, 'ok')
  const error = text(p, 'error_message') ?? ''
  if (!ok && error === '') throw bad('parameter "error_message" is required')
  const waiting = world.checkouts.get(`${bot.id}:${required(p, 'pre_checkout_query_id')}`)
  if (!waiting) throw bad('query is too old and response timeout expired or query ID is invalid')
  waiting(ok ? { ok } : { ok, error })
  return true
}

/** What the delivery costs, or that there is none to this address. */
const answerShippingQuery: Method = ({ world, bot, p }) => {
  const ok = bool(p, 'ok')
  const error = text(p, 'error_message') ?? ''
  const id = required(p, 'shipping_query_id')
  if (!ok && error === '') throw bad('parameter "error_message" is required')
  const options = ok ? optionsOf(json(p, 'shipping_options', 'shipping options')) : []
  const waiting = world.checkouts.get(`shipping:${bot.id}:${id}`)
  if (!waiting) throw bad('query is too old and response timeout expired or query ID is invalid')
  waiting(ok ? { ok, options } : { ok, error })
  return true
}

function optionsOf(given: unknown): { id: string; amount: number }[] {
  if (!Array.isArray(given)) throw bad('expected an Array of shipping options')
  if (given.length === 0) throw bad('SHIPPING_OPTIONS_EMPTY')
  return given.map((option: unknown) => {
    const fail = (why: string) => bad(`can't parse shipping option: ${why}`)
    if (!isObj(option)) throw fail('ShippingOption must be an Object')
    for (const field of ['id', 'title'])
      if (typeof option[field] !== 'string' || option[field] === '') throw fail(`Can't find field "${field}"`)
    return { id: option['id'] as string, amount: totalOf(option['prices']) }
  })
}

function paymentOf(world: World, bot: Bot, p: Params) {
  const person = userId(p)
  const payment = world.payments.get(required(p, 'telegram_payment_charge_id'))
  if (!payment || payment.botId !== bot.id || payment.person !== person || payment.currency !== 'XTR')
    throw bad('CHARGE_NOT_FOUND')
  return payment
}

const refundStarPayment: Method = ({ world, bot, p }) => {
  const payment = paymentOf(world, bot, p)
  if (payment.refunded) throw bad('CHARGE_ALREADY_REFUNDED')
  const nanostars = ofBot(payment)
  pay(bot, Math.floor(nanostars / 1e9), nanostars % 1e9)
  refund(world, bot, payment)
  return true
}

const getStarTransactions: Method = ({ bot, p }) => {
  const offset = Math.max(0, int(p, 'offset'))
  const limit = int(p, 'limit', 100)
  return { transactions: bot.transactions.slice(offset, offset + limit) }
}

const getMyStarBalance: Method = ({ bot }) => ({
  amount: bot.stars,
  ...(bot.nanostars > 0 && { nanostar_amount: bot.nanostars }),
})

const editUserStarSubscription: Method = ({ world, bot, p }) => {
  const payment = paymentOf(world, bot, p)
  if (!payment.subscription) throw bad('SUBSCRIPTION_ID_INVALID')
  const { id } = payment.subscription
  for (const one of world.payments.values())
    if (one.subscription?.id === id) one.subscription.canceled = bool(p, 'is_canceled')
  return true
}

const PREMIUM_STARS: Record<number, number> = { 3: 1000, 6: 1500, 12: 2500 }

export function receiver(world: World, bot: Bot, p: Params): Person {
  const person = world.people.get(userId(p))
  if (!person) throw bad('user not found')
  if (person.deactivated) throw bad('INPUT_USER_DEACTIVATED')
  if (!bot.boxes.get(person.id)?.started) throw bad('user not found')
  return person
}

const giftPremiumSubscription: Method = ({ world, bot, p }) => {
  const months = int(p, 'month_count')
  const stars = int(p, 'star_count')
  if (PREMIUM_STARS[months] !== stars) throw bad('STARS_AMOUNT_INVALID')
  const note = text(p, 'text') ? { text: text(p, 'text') } : {}
  const person = receiver(world, bot, p)
  pay(bot, stars)
  const now = world.clock.now()
  person.premiumUntil = Math.max(person.premiumUntil ?? 0, Math.floor(now / 1000)) + months * MONTH_S
  person.is_premium = true
  addTransaction(world, bot, {
    amount: stars,
    receiver: {
      type: 'user',
      transaction_type: 'premium_purchase',
      user: userOfPerson(person),
      premium_subscription_duration: months,
    },
  })
  addMessage(world, bot, placeOfPerson(bot, person), {
    from: 'service',
    content: { from: userOfBot(bot), premium: { month_count: months, star_count: stars, ...note } },
  })
  world.events.emit('person', { at: now, person: person.id })
  return true
}

export const paying: Record<string, Method> = {
  sendInvoice,
  createInvoiceLink,
  answerPreCheckoutQuery,
  answerShippingQuery,
  refundStarPayment,
  getStarTransactions,
  getMyStarBalance,
  editUserStarSubscription,
  giftPremiumSubscription,
  getAvailableGifts,
}
