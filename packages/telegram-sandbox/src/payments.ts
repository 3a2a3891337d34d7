import { randomBytes } from './lib/crypto.ts'
import type { Place } from './chats.ts'
import { addTransaction, chargeId, receive } from './ledger.ts'
import { addMessage, tell } from './messages.ts'
import type { Obj } from './params.ts'
import {
  boxOf,
  seconds,
  userOfPerson,
  type Bot,
  type Invoice,
  type Payment,
  type Person,
  type World,
} from './store.ts'
import type { CheckoutAnswer } from './payment-parts.ts'
import { happen } from './updates.ts'
import { messageView } from './view.ts'

export type Decision = 'pay' | 'decline' | 'leave'

const queryId = () => String(BigInt(`0x${randomBytes(7).toString('hex')}`) + 1_000_000_000_000_000n)

export { queryId }

export const placeOfPerson = (bot: Bot, person: Person): Place => ({
  chat: person.id,
  box: boxOf(bot, person.id),
  person,
})

/** What the buyer fills in: the name and the address, the way of delivery, and a tip. */
export interface Order {
  info: Obj
  tip: number
  shippingOption?: string
}

/** One attempt to pay an invoice: the delivery, pre-checkout, then the charge, as Telegram does it. */
export async function payInvoice(
  world: World,
  bot: Bot,
  person: Person,
  invoice: Invoice,
  decision: Decision,
  order: Order = { info: {}, tip: 0 },
): Promise<Obj> {
  const place = placeOfPerson(bot, person)
  const finish = (outcome: string, more: Obj = {}) => {
    tell(world, bot, place, 'payment', { outcome, amount: invoice.amount, payload: invoice.payload, ...more })
    return { outcome, ...more }
  }
  if (decision === 'decline') return finish('declined')
  const bill: Bill = { amount: invoice.amount + order.tip, more: orderInfo(invoice, person, order) }
  if (invoice.isFlexible) {
    const shipping = await questioned(world, bot, person, 'shipping_query', {
      invoice_payload: invoice.payload,
      shipping_address: (bill.more['order_info'] as Obj)['shipping_address'],
    })
    if (!shipping) return finish('timeout')
    if (!shipping.ok) return finish('refused', { error_message: shipping.error })
    const chosen = shipping.options?.find(({ id }) => id === order.shippingOption) ?? shipping.options?.[0]
    bill.amount += chosen?.amount ?? 0
    bill.more['shipping_option_id'] = chosen?.id
  }
  const answer = await questioned(world, bot, person, 'pre_checkout_query', {
    currency: invoice.currency,
    total_amount: bill.amount,
    invoice_payload: invoice.payload,
    ...bill.more,
  })
  if (!answer) return finish('timeout')
  if (decision === 'leave') return finish('left', { approved: answer.ok })
  if (!answer.ok) return finish('refused', { error_message: answer.error })
  if (person.deactivated) return finish('declined')
  const { payment, messageId } = charge(world, bot, person, invoice, bill)
  return finish('paid', { charge_id: payment.chargeId, message_id: messageId })
}

interface Bill {
  amount: number
  /** The order's info and the chosen way of delivery, as fields of the payment. */
  more: Obj
}

const ADDRESS = {
  country_code: 'NL',
  state: '',
  city: 'Amsterdam',
  street_line1: 'Dam 1',
  street_line2: '',
  post_code: '1012JS',
}

/** What the invoice asks of the buyer. A field that the test does not give gets an invented value. */
function orderInfo({ needs, isFlexible }: Invoice, person: Person, { info }: Order): Obj {
  const otherwise: Obj = {
    name: person.first_name,
    phone_number: `+100${person.id}`,
    email: `person${person.id}@example.com`,
    shipping_address: ADDRESS,
  }
  const wanted = [...needs, ...(isFlexible ? ['shipping_address'] : [])]
  if (wanted.length === 0) return {}
  return { order_info: Object.fromEntries(wanted.map((name) => [name, info[name] ?? otherwise[name]])) }
}

/** The bot's answer, or nothing once the deadline has passed; an answer after that is too late. */
function questioned(
  world: World,
  bot: Bot,
  person: Person,
  kind: 'shipping_query' | 'pre_checkout_query',
  asks: Obj,
): Promise<CheckoutAnswer | undefined> {
  return new Promise((resolve) => {
    const id = queryId()
    const key = `${kind === 'shipping_query' ? 'shipping:' : ''}${bot.id}:${id}`
    const end = (answer?: CheckoutAnswer) => {
      cancel()
      world.checkouts.delete(key)
      resolve(answer)
    }
    const cancel = world.clock.after(world.settings.invoiceAnswerMs, () => end())
    world.checkouts.set(key, end)
    happen(world, bot, kind, { id, from: userOfPerson(person), ...asks })
  })
}

function charge(
  world: World,
  bot: Bot,
  person: Person,
  invoice: Invoice,
  bill: Bill = { amount: invoice.amount, more: {} },
  renewed?: Payment,
) {
  const period = invoice.subscriptionPeriod
  const from = renewed?.subscription ? Math.max(renewed.subscription.expires, seconds(world)) : seconds(world)
  const payment: Payment = {
    chargeId: chargeId(),
    botId: bot.id,
    person: person.id,
    payload: invoice.payload,
    currency: invoice.currency,
    amount: bill.amount,
    date: seconds(world),
    refunded: false,
    invoice,
    ...(period && {
      subscription: {
        id: renewed?.subscription?.id ?? chargeId(),
        expires: from + period,
        canceled: false,
      },
    }),
  }
  world.payments.set(payment.chargeId, payment)
  invoice.paid++
  if (payment.currency === 'XTR') takeStars(world, bot, person, payment)
  const place = placeOfPerson(bot, person)
  const { box } = place
  box.started = true
  const stored = addMessage(world, bot, place, {
    from: 'service',
    content: {
      successful_payment: {
        currency: payment.currency,
        total_amount: payment.amount,
        invoice_payload: payment.payload,
        ...bill.more,
        ...(payment.subscription && {
          subscription_expiration_date: payment.subscription.expires,
          is_recurring: true,
          ...(!renewed && { is_first_recurring: true }),
        }),
        telegram_payment_charge_id: payment.chargeId,
        provider_payment_charge_id: `${person.id}_0`,
      },
    },
  })
  showPaid(world, bot, place, invoice)
  happen(world, bot, 'message', stored.api)
  return { payment, messageId: stored.api['message_id'] as number }
}

/** Money of other currencies goes to the provider and never comes by. */
function takeStars(world: World, bot: Bot, person: Person, payment: Payment): void {
  const { affiliate } = person
  if (affiliate) payment.share = { ...affiliate, nanostars: payment.amount * affiliate.perMille * 1e6 }
  receive(bot, ofBot(payment))
  person.starsSpent += payment.amount
  addTransaction(world, bot, {
    id: payment.chargeId,
    ...amounts(ofBot(payment)),
    source: { ...partnerOf(person, payment), ...shareView(world, payment, 1) },
  })
}

/** What the bot gets of a payment and gives back of it, in billionths of a Star. */
export const ofBot = ({ amount, share }: Payment): number => amount * 1e9 - (share?.nanostars ?? 0)

/** Telegram rounds the whole Stars to zero; both fields have the sign of the sum. */
const amounts = (nanostars: number) => ({
  amount: Math.trunc(nanostars / 1e9),
  ...(nanostars % 1e9 !== 0 && { nanostar_amount: nanostars % 1e9 }),
})

/** The affiliate's part as it stands in the list; in the line of a refund it is negative. */
function shareView(world: World, { share }: Payment, sign: 1 | -1): Obj {
  if (!share) return {}
  const user = world.people.get(share.user)
  const { perMille, nanostars } = share
  return {
    affiliate: {
      ...(user && { affiliate_user: userOfPerson(user) }),
      commission_per_mille: perMille,
      ...amounts(sign * nanostars),
    },
  }
}

function showPaid(world: World, bot: Bot, place: Place, invoice: Invoice): void {
  for (const stored of place.box.messages.values())
    if (stored.invoice === invoice) tell(world, bot, place, 'edit', { message: messageView(bot, stored) })
}

const partnerOf = (person: Person, payment: Payment): Obj => ({
  type: 'user',
  transaction_type: 'invoice_payment',
  user: userOfPerson(person),
  invoice_payload: payment.payload,
  ...(payment.invoice.subscriptionPeriod && { subscription_period: payment.invoice.subscriptionPeriod }),
})

/** Gives the Stars back; the ledger shows it under the charge's own id. */
export function refund(world: World, bot: Bot, payment: Payment): void {
  const person = world.people.get(payment.person)!
  payment.refunded = true
  if (payment.subscription) payment.subscription.canceled = true
  person.starsSpent -= payment.amount
  addTransaction(world, bot, {
    id: payment.chargeId,
    ...amounts(ofBot(payment)),
    receiver: { ...partnerOf(person, payment), ...shareView(world, payment, -1) },
  })
  const place = placeOfPerson(bot, person)
  const stored = addMessage(world, bot, place, {
    from: 'service',
    content: {
      refunded_payment: {
        currency: 'XTR',
        total_amount: payment.amount,
        invoice_payload: payment.payload,
        telegram_payment_charge_id: payment.chargeId,
        provider_payment_charge_id: `${person.id}_0`,
      },
    },
  })
  tell(world, bot, place, 'payment', {
    outcome: 'refunded',
    charge_id: payment.chargeId,
    amount: payment.amount,
    payload: payment.payload,
  })
  happen(world, bot, 'message', stored.api)
}

/** What Telegram does when a subscription's period ends, or when the subscriber changes their mind. */
export function renew(world: World, bot: Bot, person: Person, payment: Payment, outcome: string): Obj {
  const last = [...world.payments.values()].findLast(
    (one) => one.subscription !== undefined && one.subscription.id === payment.subscription?.id,
  )!
  if (outcome === 'paid') {
    if (last.subscription!.canceled) throw new Error('the subscription is canceled')
    const renewed = charge(world, bot, person, last.invoice, undefined, last).payment
    tell(world, bot, placeOfPerson(bot, person), 'payment', {
      outcome: 'renewed',
      charge_id: renewed.chargeId,
      amount: renewed.amount,
      payload: renewed.payload,
    })
    return { charge_id: renewed.chargeId, subscription_expiration_date: renewed.subscription!.expires }
  }
  last.subscription!.canceled = outcome !== 'active'
  happen(world, bot, 'subscription', {
    user: userOfPerson(person),
    invoice_payload: last.payload,
    state: outcome,
  })
  return { subscription_expiration_date: last.subscription!.expires }
}
