import { botOf, objectOf, personOf, withStatus201, type Ask, type Route } from './control-lib.ts'
import { botView, personView } from './control-setup.ts'
import { receive } from './ledger.ts'
import { opensSafely } from './markup.ts'
import { isObj, str, type Obj } from './params.ts'
import { payInvoice, placeOfPerson, ofBot, refund, renew, type Decision, type Order } from './payments.ts'
import { edit, react } from './people-changes.ts'
import { erase, press, start, write } from './people.ts'
import { Refused } from './refused.ts'
import { boxOf, type Bot, type Invoice, type Payment, type Person, type World } from './store.ts'
import { messageView } from './view.ts'
import { signedAddress } from './web-app.ts'

const parties = ({ world, path }: Ask) => ({
  bot: botOf(world, path['bot']),
  person: personOf(world, path['person']),
})

const chat: Route = (ask) => {
  const { world, query } = ask
  const { bot, person } = parties(ask)
  const box = boxOf(bot, person.id)
  const limit = Number(query.get('limit') ?? 100)
  const after = query.get('after')
  const all = [...box.messages.values()]
  const wanted =
    after === null
      ? all.slice(-limit)
      : all.filter((stored) => (stored.api['message_id'] as number) > Number(after)).slice(0, limit)
  const { id, username, name, description, shortDescription, commands, menuButton } = botView(bot, person)
  return {
    bot: { id, username, name, description, shortDescription, commands, menuButton },
    person: personView(world, person),
    started: box.started,
    blocked: box.blocked,
    replyKeyboard: box.replyKeyboard,
    pinned: box.pinned,
    action: box.action && box.action.until > world.clock.now() ? box.action.name : null,
    draft: box.draft && box.draft.until > world.clock.now() ? box.draft.shown : null,
    messages: wanted.map((stored) => messageView(bot, stored)),
  }
}

function invoiceFor(world: World, bot: Bot, person: Person, body: Obj): Invoice {
  if (body['message_id'] !== undefined) {
    const stored = placeOfPerson(bot, person).box.messages.get(Number(body['message_id']))
    if (!stored?.invoice || stored.deleted) throw new Refused(404, 'there is no such invoice')
    return stored.invoice
  }
  const slug =
    str(body['slug'] ?? body['invoice_link'])
      .split('/')
      .pop() ?? ''
  const invoice = world.links.get(slug) ?? world.links.get(`$${slug}`)
  if (!invoice || invoice.botId !== bot.id) throw new Refused(404, 'there is no such invoice')
  return invoice
}

const payments: Route = (ask) => {
  const { world } = ask
  const { bot, person } = parties(ask)
  const body = objectOf(ask.body)
  const decision = (body['decision'] ?? 'pay') as Decision
  if (!['pay', 'decline', 'leave'].includes(decision))
    throw new Refused(400, 'decision is pay, decline or leave')
  if (person.deactivated) throw new Refused(409, 'this person is deactivated')
  const invoice = invoiceFor(world, bot, person, body)
  const now = world.clock.now() / 1000
  const subscribed = [...world.payments.values()].some(
    ({ invoice: paid, subscription, person: payer, refunded }) =>
      paid === invoice && payer === person.id && !refunded && subscription && subscription.expires > now,
  )
  if (subscribed) throw new Refused(409, 'this subscription is active already')
  return payInvoice(world, bot, person, invoice, decision, orderOf(body, invoice))
}

function orderOf(
  { order_info: info, tip_amount: tip, shipping_option_id: option }: Obj,
  invoice: Invoice,
): Order {
  const amount = Number(tip ?? 0)
  if (!(amount >= 0 && amount <= invoice.maxTip))
    throw new Refused(409, 'the tip is more than the invoice allows')
  return {
    info: isObj(info) ? info : {},
    tip: amount,
    ...(typeof option === 'string' && { shippingOption: option }),
  }
}

function paymentOf(ask: Ask): { bot: Bot; person: Person; payment: Payment } {
  const { bot, person } = parties(ask)
  const payment = ask.world.payments.get(str(objectOf(ask.body)['charge_id']))
  if (!payment || payment.botId !== bot.id || payment.person !== person.id)
    throw new Refused(404, 'there is no such payment')
  return { bot, person, payment }
}

const renewals: Route = (ask) => {
  const { bot, person, payment } = paymentOf(ask)
  const outcome = str(objectOf(ask.body)['outcome'] ?? 'paid')
  if (!['paid', 'failed', 'canceled', 'active'].includes(outcome))
    throw new Refused(400, 'outcome is paid, failed, canceled or active')
  if (!payment.subscription) throw new Refused(409, 'this payment is not a subscription')
  return renew(ask.world, bot, person, payment, outcome)
}

const refunds: Route = (ask) => {
  const { bot, payment } = paymentOf(ask)
  if (payment.refunded) throw new Refused(409, 'refunded already')
  if (payment.currency !== 'XTR') throw new Refused(409, 'the provider gives this money back')
  // Telegram itself takes the Stars back even from an empty balance.
  receive(bot, -ofBot(payment))
  refund(ask.world, bot, payment)
  return { refunded: true }
}

/** The address under which a client opens a Mini App for this person: signed, with the colours of the client. */
const webApp: Route = (ask) => {
  const { bot, person } = parties(ask)
  const { url, theme, signed } = objectOf(ask.body)
  if (!opensSafely(str(url))) throw new Refused(400, 'url must be https')
  return { url: signedAddress(ask.world, bot, person, str(url), theme as Obj | undefined, signed !== false) }
}

const CHAT = '/chats/:bot/:person'

export const chatRoutes: Record<string, Route> = {
  [`GET ${CHAT}`]: chat,
  [`POST ${CHAT}/messages`]: (ask) => {
    const { bot, person } = parties(ask)
    return withStatus201(messageView(bot, write(ask.world, bot, person, objectOf(ask.body))))
  },
  [`POST ${CHAT}/start`]: (ask) => {
    const { bot, person } = parties(ask)
    return withStatus201(messageView(bot, start(ask.world, bot, person, ask.query.get('param') ?? '')))
  },
  [`POST ${CHAT}/callbacks`]: (ask) => {
    const { bot, person } = parties(ask)
    return press(ask.world, bot, person, objectOf(ask.body))
  },
  [`POST ${CHAT}/payments`]: payments,
  [`POST ${CHAT}/web_app`]: webApp,
  [`POST ${CHAT}/renewals`]: renewals,
  [`POST ${CHAT}/refunds`]: refunds,
  [`PATCH ${CHAT}/messages/:message`]: (ask) => {
    const { bot, person } = parties(ask)
    const text = str(objectOf(ask.body)['text'])
    return messageView(bot, edit(ask.world, bot, person, Number(ask.path['message']), text))
  },
  [`POST ${CHAT}/messages/:message/reactions`]: (ask) => {
    const { bot, person } = parties(ask)
    const { emoji } = objectOf(ask.body)
    if (!Array.isArray(emoji)) throw new Refused(400, 'emoji must be an array of texts')
    react(ask.world, bot, person, Number(ask.path['message']), emoji.map(String))
    return { reacted: true }
  },
  [`DELETE ${CHAT}/messages/:message`]: (ask) => {
    const { bot, person } = parties(ask)
    erase(ask.world, bot, person, Number(ask.path['message']))
    return { deleted: true }
  },
}
