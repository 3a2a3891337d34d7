import { audit } from '#shared/audit.ts'
import type { Payment } from '#shared/money/tables.ts'
import { hasPaidPeriod } from '#shop/loyalty/subscriptions/stars.ts'
import { checkAddress, networkOf, networksOf } from '../addresses.ts'
import { decideMoney, readPolicy } from '#shared/money/decisions.ts'
import { readPayment } from '../payments.ts'
import { askRefund, quoteRefund, refundOf } from '../refunds.ts'
import { paymentProviders } from '../providers/registry.ts'
import { settleRefund } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import type { Screen } from '#workers/bot/screen.ts'

/** Giving money back through the provider, where it can; where it cannot, the screen says so and what is left to do. */
export const adminPaybacks: Feature = {
  adminButtons: {
    payback: ask,
    'payback-address': askAddress,
    'payback-do': (chat, [id = '']) => giveBack(chat, id),
    'payback-to': sendTo,
    'payback-yes': (chat, [id = '']) => settle(chat, id, true),
    'payback-no': (chat, [id = '']) => settle(chat, id, false),
  },
  adminInputs: { 'payback-address': takeAddress },
}

async function ask(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  await show(chat, await question(chat, payment))
}

/** What goes back, what is taken for it, and the key that does it. @throws UserError when nothing can go back */
export async function question(chat: Chat, payment: Payment): Promise<Screen> {
  const { id } = payment
  const provider = paymentProviders(chat.app.config.payments).get(payment.provider)
  const isStars = payment.provider === 'stars'
  const isOfPlan = isStars && (await hasPaidPeriod(chat.app.db, id))
  const can = isStars ? 'stars' : (provider?.supports.refunds ?? 'none')
  const quote = await quoteRefund(chat.app.db, payment)
  const words = {
    back: chat.money(quote.back.amount, quote.back.asset),
    held: chat.money(quote.held.amount, quote.held.asset),
    shortfall: chat.money(quote.shortfall.amount, quote.shortfall.asset),
    person: String(payment.personId),
    provider: payment.provider,
  }
  const text = [chat.t(isOfPlan ? 'payback-stars-plan' : `payback-${can}`, words)]
  if (can !== 'none' && !isOfPlan && quote.shortfall.amount > 0n) text.push(chat.t('payback-spent', words))
  const next = can === 'address' ? 'payback-address' : 'payback-do'
  return {
    text: text.join('\n\n'),
    keyboard: [
      ...(can === 'none' ? [] : [[button(chat, chat.t('payback-go', words), [next, id], 'danger')]]),
      back(chat, ['payment', id]),
    ],
  }
}

async function askAddress(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  chat.session.awaiting = { input: 'payback-address', args: [id] }
  const network = networkOf(payment)
  await show(chat, {
    text: chat.t(network ? 'payback-type-address' : 'payback-type-address-any', { network: network ?? '' }),
    keyboard: [back(chat, ['payment', id])],
  })
}

/** Coins sent to a wrong address are gone: it is checked, and shown once more with the sum and the network. */
async function takeAddress(chat: Chat, [id = '']: string[]): Promise<void> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) throw new UserError('refund.not-paid')
  const address = chat.ctx.message?.text?.trim() ?? ''
  const network = networkOf(payment)
  // Refused, it is asked for still: the next message is the address.
  const isChecked = checkAddress(address, network)
  const { back: sum } = await quoteRefund(chat.app.db, payment)
  chat.session.awaiting = undefined
  chat.session['payback'] = { id, address }
  const words = {
    back: chat.money(sum.amount, sum.asset),
    address,
    person: String(payment.personId),
    provider: payment.provider,
    network: network ?? networksOf(address).join(', '),
    checked: isChecked && network ? 'yes' : isChecked ? 'guessed' : 'no',
  }
  await show(chat, {
    text: chat.t('payback-to', words),
    keyboard: [
      [button(chat, chat.t('payback-send', words), ['payback-to', id, idFrom(address)], 'danger')],
      [button(chat, chat.t('payback-other-address'), ['payback-address', id])],
      back(chat, ['payment', id]),
    ],
  })
}

/** The key names the address that stood above it, so that an older screen never sends to a newer one. */
async function sendTo(chat: Chat, [id = '', mark = '']: string[]): Promise<Answer> {
  const kept = chat.session['payback'] as { id: string; address: string } | undefined
  if (kept?.id !== id || idFrom(kept.address) !== mark) return { alert: chat.t('stale-button') }
  chat.session['payback'] = undefined
  return await giveBack(chat, id, kept.address)
}

/** The wish is written down with its audit line; billing carries it out, also when this process dies now. */
export async function giveBack(chat: Chat, id: string, address?: string): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  const policy = await readPolicy(chat.app.settings, chat.bot.name)
  const decided = await chat.app.db.tx(async (tx) => {
    const { back: money } = await quoteRefund(tx, payment)
    const outcome = await decideMoney(tx, policy, {
      kind: payment.provider === 'stars' ? 'refund' : 'payback',
      // Another address is another decision.
      reference: `payback-${id}${address ? `-${address}` : ''}`,
      bot: payment.bot,
      by: chat.personId,
      personId: payment.personId,
      money,
      find: `/payments ${id}`,
      // Nothing says that an address which an admin types is the payer's.
      ...(address !== undefined && { large: true }),
    })
    if (outcome === 'second-needed') return outcome
    await askRefund(tx, {
      paymentId: id,
      adminId: chat.personId,
      reason: 'admin',
      ...(address && { address }),
    })
    await audit(tx, {
      actor: chat.personId,
      action: 'payment.refund',
      target: `payment ${id}`,
      bot: chat.bot.name,
      details: { address },
    })
    return outcome
  })
  if (decided === 'second-needed') return { alert: chat.t('decision-second') }
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-accepted'), keyboard: [back(chat, ['payment', id])] })
}

/** An admin has looked into the provider's cabinet: only a human can end what nobody answers. */
async function settle(chat: Chat, id: string, happened: boolean): Promise<Answer> {
  const [refund, payment] = await Promise.all([refundOf(chat.app.db, id), readPayment(chat.app.db, id)])
  if (refund?.state !== 'unknown' || !payment) return { alert: chat.t('stale-button') }
  const policy = await readPolicy(chat.app.settings, chat.bot.name)
  const decided = await chat.app.db.tx(async (tx) => {
    // Money that went out after all is given once more by a no; a yes takes what the person has offered themselves.
    const outcome = await decideMoney(tx, policy, {
      kind: 'payback',
      reference: `payback-${refund.id}-${happened ? 'happened' : 'not'}`,
      bot: payment.bot,
      by: chat.personId,
      personId: payment.personId,
      money: { asset: payment.asset, amount: payment.booked },
      find: `/payments ${id}`,
      ...(happened && { large: false }),
    })
    if (outcome === 'second-needed') return outcome
    await owe(tx, settleRefund, { refundId: refund.id, happened })
    await audit(tx, {
      actor: chat.personId,
      action: happened ? 'payment.refund-happened' : 'payment.refund-not',
      target: `payment ${id}`,
      bot: chat.bot.name,
    })
    return outcome
  })
  if (decided === 'second-needed') return { alert: chat.t('decision-second') }
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-accepted'), keyboard: [back(chat, ['payment', id])] })
}
