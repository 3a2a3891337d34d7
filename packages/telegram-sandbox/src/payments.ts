import { randomBytes } from './lib/crypto.ts'
import type { Place } from './chats.ts'
import { addTransaction, chargeId } from './ledger.ts'
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

/** One attempt to pay an invoice: pre-checkout, then the charge, as Telegram does it. */
export async function payInvoice(
  world: World,
  bot: Bot,
  person: Person,
  invoice: Invoice,
  decision: Decision,
): Promise<Obj> {
  const place = placeOfPerson(bot, person)
  const finish = (outcome: string, more: Obj = {}) => {
    tell(world, bot, place, 'payment', { outcome, amount: invoice.amount, payload: invoice.payload, ...more })
    return { outcome, ...more }
  }
  if (decision === 'decline') return finish('declined')
  const answer = await preCheckout(world, bot, person, invoice)
  if (!answer) return finish('timeout')
  if (decision === 'leave') return finish('left', { approved: answer.ok })
  if (!answer.ok) return finish('refused', { error_message: answer.error })
  if (person.deactivated) return finish('declined')
  const { payment, messageId } = charge(world, bot, person, invoice)
  return finish('paid', { charge_id: payment.chargeId, message_id: messageId })
}

/** The bot's answer, or nothing once the deadline has passed; an answer after that is too late. */
function preCheckout(world: World, bot: Bot, person: Person, invoice: Invoice) {
  return new Promise<{ ok: boolean; error?: string } | undefined>((resolve) => {
    const id = queryId()
    const end = (answer?: { ok: boolean; error?: string }) => {
      cancel()
      world.checkouts.delete(`${bot.id}:${id}`)
      resolve(answer)
    }
    const cancel = world.clock.after(world.settings.invoiceAnswerMs, () => end())
    world.checkouts.set(`${bot.id}:${id}`, end)
    happen(world, bot, 'pre_checkout_query', {
      id,
      from: userOfPerson(person),
      currency: 'XTR',
      total_amount: invoice.amount,
      invoice_payload: invoice.payload,
    })
  })
}

function charge(world: World, bot: Bot, person: Person, invoice: Invoice, renewed?: Payment) {
  const period = invoice.subscriptionPeriod
  const from = renewed?.subscription ? Math.max(renewed.subscription.expires, seconds(world)) : seconds(world)
  const payment: Payment = {
    chargeId: chargeId(),
    botId: bot.id,
    person: person.id,
    payload: invoice.payload,
    amount: invoice.amount,
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
  bot.stars += payment.amount
  person.starsSpent += payment.amount
  addTransaction(world, bot, {
    id: payment.chargeId,
    amount: payment.amount,
    source: partnerOf(person, payment),
  })
  const place = placeOfPerson(bot, person)
  const { box } = place
  box.started = true
  const stored = addMessage(world, bot, place, {
    from: 'service',
    content: {
      successful_payment: {
        currency: 'XTR',
        total_amount: payment.amount,
        invoice_payload: payment.payload,
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
    amount: payment.amount,
    receiver: partnerOf(person, payment),
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
    const renewed = charge(world, bot, person, last.invoice, last).payment
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
