import { audit } from '#shared/audit.ts'
import { readPayment } from '../payments.ts'
import { askRefund, quoteRefund, refundOf } from '../refunds.ts'
import { paymentProviders } from '../providers/registry.ts'
import { settleRefund } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Giving money back through the provider, where it can; where it cannot, the screen says so and what is left to do. */
export const adminPaybacks: Feature = {
  adminButtons: {
    payback: ask,
    'payback-address': askAddress,
    'payback-do': (chat, [id = '']) => go(chat, id),
    'payback-yes': (chat, [id = '']) => settle(chat, id, true),
    'payback-no': (chat, [id = '']) => settle(chat, id, false),
  },
  adminInputs: { 'payback-address': takeAddress },
}

async function ask(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  if (payment.provider === 'stars')
    return { alert: chat.t('payback-stars', { charge: payment.providerRef ?? '' }) }
  const provider = paymentProviders(chat.app.config.payments).get(payment.provider)
  const can = provider?.supports.refunds ?? 'none'
  const quote = await quoteRefund(chat.app.db, payment)
  const words = {
    back: chat.money(quote.back.amount, quote.back.asset),
    held: chat.money(quote.held.amount, quote.held.asset),
    shortfall: chat.money(quote.shortfall.amount, quote.shortfall.asset),
    person: String(payment.personId),
    provider: payment.provider,
  }
  const text = [chat.t(`payback-${can}`, words)]
  if (can !== 'none' && quote.shortfall.amount > 0n) text.push(chat.t('payback-spent', words))
  const next = can === 'address' ? 'payback-address' : 'payback-do'
  await show(chat, {
    text: text.join('\n\n'),
    keyboard: [
      ...(can === 'none' ? [] : [[button(chat, chat.t('payback-go', words), [next, id], 'danger')]]),
      back(chat, ['payment', id]),
    ],
  })
}

async function askAddress(chat: Chat, [id = '']: string[]): Promise<Answer> {
  chat.session.awaiting = { input: 'payback-address', args: [id] }
  await show(chat, { text: chat.t('payback-type-address'), keyboard: [back(chat, ['payment', id])] })
}

async function takeAddress(chat: Chat, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = undefined
  const address = chat.ctx.message?.text?.trim() ?? ''
  if (!/^[A-Za-z0-9:_-]{20,128}$/.test(address)) {
    await askAddress(chat, [id])
    return
  }
  await go(chat, id, address)
}

/** The wish is written down with its audit line; billing carries it out, also when this process dies now. */
async function go(chat: Chat, id: string, address?: string): Promise<Answer> {
  await chat.app.db.tx(async (tx) => {
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
  })
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-accepted'), keyboard: [back(chat, ['payment', id])] })
}

/** An admin has looked into the provider's cabinet: only a human can end what nobody answers. */
async function settle(chat: Chat, id: string, happened: boolean): Promise<Answer> {
  const refund = await refundOf(chat.app.db, id)
  if (refund?.state !== 'unknown') return { alert: chat.t('stale-button') }
  await chat.app.db.tx(async (tx) => {
    await owe(tx, settleRefund, { refundId: refund.id, happened })
    await audit(tx, {
      actor: chat.personId,
      action: happened ? 'payment.refund-happened' : 'payment.refund-not',
      target: `payment ${id}`,
      bot: chat.bot.name,
    })
  })
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-accepted'), keyboard: [back(chat, ['payment', id])] })
}
