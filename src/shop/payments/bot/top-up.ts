import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { readTypedWithin } from '#shared/money.ts'
import { meansOfOrder } from '#shared/money/exchange.ts'
import { readBalance } from '#shared/money/read.ts'
import { readOrder } from '#shared/money/orders.ts'
import { isOpenPart, partReceived, readPayment, setPaymentCard } from '../payments.ts'
import { manualRequisites, topUpPresets } from '../settings.ts'
import { ASK_SECONDS, askNow } from '../ask-now.ts'
import { isForOwnPlan } from '../card-offer.ts'
import { offeredProviders, topUpRoubles } from '../offered.ts'
import { limitsOf } from '../top-up.ts'
import { keepReceiptEmail, receiptEmail } from '../receipt-email.ts'
import { takeSuspended } from '../suspense.ts'
import { paymentProviders } from '../providers/registry.ts'
import { drawPayment } from '../jobs.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { paymentCard } from './card.ts'
import { listPayments, STATE_ICONS } from '../story.ts'
import type { PaymentRow } from '../story.ts'
import { leaveOrderCard, placeIn } from '#workers/bot/order-card.ts'
import { back, button, show, showBelow } from '#workers/bot/screen.ts'

/**
 * Roubles to the balance through a provider, in one message: method, sum, link with a QR picture, and how it goes.
 * `top-up` takes what is missing for an order (kopecks) and the order, which goes on when the money has come.
 */
export const topUp: Feature = {
  commands: { topup: (chat) => showMethods(chat, []) },
  open: ['pay-check', 'pay-show', 'pay-list', 'pay-take'],
  buttons: {
    'top-up': (chat, args) => showMethods(chat, args),
    'top-up-now': showUsual,
    'pay-repeat': payAgain,
    topup: (chat, args) => forOrder(chat, args),
    'pay-sum': (chat, args) => showSums(chat, args),
    'pay-own': askSum,
    'pay-email': (chat, args) => askEmail(chat, args),
    'pay-go': (chat, args) => pay(chat, args),
    'pay-keep': (chat, args) => pay(chat, [...args, KEEP]),
    'pay-again': again,
    'pay-check': checkNow,
    'pay-show': reopen,
    'pay-list': showList,
    'pay-take': take,
  },
  inputs: { 'pay-own': takeSum, 'pay-email': takeEmail },
}

/** The last argument of a payment whose payer has agreed that the card is kept. */
const KEEP = 'k'

const providersOf = (chat: Chat) =>
  paymentProviders(chat.app.config.payments, chat.app.config.gateway.publicUrl)

/** @param args what is missing in kopecks, and the order it is missing for; both may be empty */
async function showMethods(
  chat: Chat,
  [missing = '', orderId = '']: string[],
  { title = 'pay-methods-missing', place = show } = {},
): Promise<void> {
  const methods = await offeredProviders(chat.app, chat.bot.name)
  const manual = Object.keys(await chat.app.settings.get(manualRequisites, chat.bot.name)).length > 0
  const wanted = /^\d{1,15}$/.test(missing) ? BigInt(missing) : undefined
  const mayKeep = wanted !== undefined && (await isForOwnPlan(chat.app.db, orderId))
  const rows = methods.flatMap((provider) => {
    const limits = limitsOf(provider, 'RUB')!
    const sum = wanted === undefined ? undefined : wanted < limits.min ? limits.min : wanted
    const next: [string, ...string[]] =
      sum === undefined || sum > limits.max
        ? ['pay-sum', provider.name, orderId]
        : ['pay-go', provider.name, String(sum), newId().slice(0, 8), orderId]
    const row = [button(chat, chat.t(`method-${provider.name}`), next)]
    if (!mayKeep || !provider.supports.keepsCards || next[0] !== 'pay-go') return [row]
    return [row, [button(chat, chat.t('pay-keep'), ['pay-keep', ...next.slice(1)])]]
  })
  const keeps = rows.length > methods.length
  if (manual) rows.push([button(chat, chat.t('method-manual'), ['manual', missing, orderId])])
  if (methods.some((one) => one.supports.wallets.length > 0))
    rows.push([button(chat, chat.t('method-wallet'), 'wallets')])
  // A pack of tokens does not complete an order, and a picture that waits has its own key for Stars.
  if (!orderId) rows.push([button(chat, chat.t('method-stars'), 'buy')])
  rows.push([button(chat, chat.t('pay-list'), 'pay-list')])
  const lines = methods.map((provider) => {
    const { min, max } = limitsOf(provider, 'RUB')!
    const hint = chat.t(`method-${provider.name}-hint`)
    return chat.t('pay-method-line', {
      method: chat.t(`method-${provider.name}`),
      hint,
      min: chat.money(min, 'RUB'),
      max: chat.money(max, 'RUB'),
    })
  })
  await place(chat, {
    text: [
      wanted === undefined ? chat.t('pay-methods') : chat.t(title, { sum: chat.money(wanted, 'RUB') }),
      ...lines,
      ...(keeps ? ['', chat.t('pay-keep-hint')] : []),
    ].join('\n'),
    keyboard: [...rows, back(chat, 'balance')],
  })
}

/** The sum that the balance lacks for an order that waits. */
async function forOrder(chat: Chat, [orderId = '']: string[]): Promise<void> {
  const order = await readOrder(chat.app.db, orderId)
  if (order?.personId !== chat.personId || (order.asset !== 'RUB' && order.asset !== 'TOK'))
    return await showMethods(chat, [])
  if (order.state !== 'draft' && order.state !== 'awaiting_payment') throw new UserError('order.over')
  await leaveOrderCard(chat.app.db, chat, orderId)
  const { missing } = await meansOfOrder(chat, order)
  await showMethods(chat, [missing > 0n ? String(missing) : '', orderId])
}

/** From the menu: shows the sums of the way that the person used last, or else of the first way. */
async function showUsual(chat: Chat): Promise<void | Answer> {
  const ways = await offeredProviders(chat.app, chat.bot.name)
  const way = ways.find(({ name }) => name === chat.session['paidBy']) ?? ways[0]
  return way ? await showSums(chat, [way.name, '']) : await showMethods(chat, [])
}

/** Pays the same sum by the same way again, below the card of what was paid. */
async function payAgain(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return 'stale'
  const draft = `u${chat.ctx.update.update_id}`
  return await pay(chat, [payment.provider, String(payment.amount), draft, ''], showBelow)
}

async function showSums(chat: Chat, [name = '', orderId = '']: string[]): Promise<void | Answer> {
  const provider = providersOf(chat).get(name)
  const limits = provider && limitsOf(provider, 'RUB')
  if (!limits) return showMethods(chat, [])
  chat.session.awaiting = undefined
  const presets = (await chat.app.settings.get(topUpPresets, chat.bot.name)).map(BigInt)
  const keys = presets
    .filter((sum) => sum >= limits.min && sum <= limits.max)
    .map((sum) =>
      button(chat, chat.money(sum, 'RUB'), ['pay-go', name, String(sum), newId().slice(0, 8), orderId]),
    )
  const email = provider.supports.receipts && (await receiptEmail(chat.app.db, chat.personId))
  await show(chat, {
    text: chat.t('pay-sums', { method: chat.t(`method-${name}`), ...words(chat, limits) }),
    keyboard: [
      ...pairs(keys),
      [button(chat, chat.t('pay-own-sum'), ['pay-own', name, orderId])],
      ...(email
        ? [[button(chat, chat.t('pay-email-key', { email }), ['pay-email', name, '', '', orderId])]]
        : []),
      [button(chat, chat.t('pay-other-method'), ['top-up', '', orderId])],
      back(chat, 'menu'),
    ],
  })
}

async function askSum(chat: Chat, [name = '', orderId = '']: string[]): Promise<Answer> {
  const provider = providersOf(chat).get(name)
  const limits = provider && limitsOf(provider, 'RUB')
  if (!limits) return await showMethods(chat, [])
  chat.session.awaiting = { input: 'pay-own', args: [name, orderId] }
  await show(chat, {
    text: chat.t('pay-type-sum', words(chat, limits)),
    keyboard: [back(chat, ['pay-sum', name, orderId])],
  })
}

async function takeSum(chat: Chat, [name = '', orderId = '']: string[]): Promise<void> {
  const provider = providersOf(chat).get(name)
  const limits = provider && limitsOf(provider, 'RUB')
  if (!limits) return await showMethods(chat, [])
  const sum = readSum(typedText(chat), limits)
  if (sum === undefined || sum < limits.min || sum > limits.max) {
    await show(chat, {
      text: chat.t('pay-type-sum-again', words(chat, limits)),
      keyboard: [back(chat, ['pay-sum', name, orderId])],
    })
    return
  }
  chat.session.awaiting = undefined
  // The update's own number: the same message handled twice is one payment.
  await pay(chat, [name, String(sum), `u${chat.ctx.update.update_id}`, orderId])
}

async function pay(
  chat: Chat,
  [name = '', kopecks = '', draft = '', orderId = '', keep = '']: string[],
  place = show,
): Promise<Answer> {
  const provider = (await offeredProviders(chat.app, chat.bot.name)).find((one) => one.name === name)
  if (!provider) {
    await showMethods(chat, [])
    return { alert: chat.t('pay-method-off') }
  }
  let id: string
  try {
    id = await topUpRoubles(chat, provider, { kopecks, draft, orderId, keepCard: keep === KEEP })
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (error.code === 'receipt.email') return await askEmail(chat, [name, kopecks, draft, orderId, keep])
    if (error.code !== 'amount.limits') throw error
    await showSums(chat, [name, orderId])
    return { alert: chat.t('pay-out-of-limits') }
  }
  chat.app.relay.kick()
  chat.session['paidBy'] = name
  await showPayment(chat, id, place)
}

/** @param args of the payment that goes on with the address; without a sum the sums are shown again */
async function askEmail(chat: Chat, args: string[]): Promise<void> {
  const [name = '', , , orderId = ''] = args
  chat.session.awaiting = { input: 'pay-email', args }
  await show(chat, { text: chat.t('pay-type-email'), keyboard: [back(chat, ['pay-sum', name, orderId])] })
}

async function takeEmail(chat: Chat, args: string[]): Promise<void> {
  const [name = '', kopecks = '', , orderId = ''] = args
  // After a refusal the next message is taken as an address, too.
  await keepReceiptEmail(chat.app.db, chat.personId, typedText(chat))
  chat.session.awaiting = undefined
  await (kopecks ? pay(chat, args) : showSums(chat, [name, orderId]))
}

/** The same invoice again, wherever the person comes from; its picture is drawn by the job that follows. */
async function showPayment(chat: Chat, id: string, place = show): Promise<void> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return await showMethods(chat, [])
  const card = paymentCard(chat.app, chat, payment)
  const messageId = await place(chat, card)
  await chat.app.db.tx((tx) => setPaymentCard(tx, id, placeIn(chat, messageId)))
  // The card's link may lead to a page where somebody is paying, so the next command leaves the card where it is.
  chat.session.anchor = undefined
  await redraw(chat, id)
}

/** The person's own payments, newest first; each opens as it stands, with its link while it can be paid. */
async function showList(chat: Chat): Promise<void> {
  const newest = await listPayments(chat.app.db, {
    filter: 'all',
    person: chat.personId,
    offset: 0,
    limit: 20,
  })
  // An invoice for Stars that nobody paid is Telegram's own message, and nothing came of it.
  const idle = (one: PaymentRow) => one.provider === 'stars' && ['created', 'expired'].includes(one.state)
  const mine = newest.filter((one) => !idle(one)).slice(0, 8)
  await show(chat, {
    text: chat.t(mine.length > 0 ? 'pay-list-title' : 'pay-list-empty'),
    keyboard: [
      ...mine.map((one) => {
        const date = chat.time(one.createdAt)
        const text = `${STATE_ICONS[one.state]} ${chat.money(one.amount, one.asset)} · ${date}`
        return [button(chat, text, one.provider === 'manual' ? 'manual-show' : ['pay-show', one.id])]
      }),
      back(chat, 'top-up'),
    ],
  })
}

async function reopen(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await showPayment(chat, id)
}

async function redraw(chat: Chat, id: string): Promise<void> {
  await chat.app.producer.add(drawPayment, { paymentId: id, round: `u${chat.ctx.update.update_id}` })
}

async function again(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId || payment.asset !== 'RUB') return await showMethods(chat, [])
  // What came already stays where it is: only the rest is asked for.
  const part = isOpenPart(payment) ? partReceived(payment) : 0n
  const title = part > 0n ? 'pay-methods-rest' : 'pay-methods-again'
  await showMethods(chat, [String(payment.amount - part), payment.orderId ?? ''], { title, place: showBelow })
}

/** "I have paid": the provider is asked now, at most every 30 s for one payment. */
async function checkNow(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return 'stale'
  if (!(await askNow(chat.app, id))) return { toast: chat.t('pay-check-wait', { seconds: ASK_SECONDS }) }
  return { toast: chat.t('pay-checking') }
}

/** What came beside the invoice becomes the person's balance; a second tap takes nothing. */
async function take(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const taken = await chat.app.db.tx((tx) => takeSuspended(tx, id, chat.personId, `person:${chat.personId}`))
  if (!taken) return { alert: chat.t('pay-taken-already') }
  // The key that was pressed has done its work, also on a notice.
  const menu = [[button(chat, chat.t('menu-open'), 'menu-below')]]
  await chat.ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard: menu } }).catch(() => {})
  chat.app.relay.kick()
  const { available } = await readBalance(chat.app.db, chat.personId, taken.asset)
  const [sum, balance] = [chat.money(taken.amount, taken.asset), chat.money(available, taken.asset)]
  return { alert: chat.t('pay-taken', { sum, balance }) }
}

function readSum(text: string, limits: { min: bigint; max: bigint }): bigint | undefined {
  try {
    const sum = readTypedWithin(text, 'RUB', limits)
    return sum > 0n ? sum : undefined
  } catch (error) {
    if (error instanceof UserError && error.code === 'amount.unclear') throw error
    return undefined
  }
}

function words(chat: Chat, limits: { min: bigint; max: bigint }): { min: string; max: string } {
  return { min: chat.money(limits.min, 'RUB'), max: chat.money(limits.max, 'RUB') }
}

function pairs<T>(items: T[]): T[][] {
  return items.flatMap((_, index) => (index % 2 === 0 ? [items.slice(index, index + 2)] : []))
}
