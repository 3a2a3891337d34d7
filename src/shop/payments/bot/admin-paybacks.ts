import { audit } from '#shared/audit.ts'
import type { Payment } from '#shared/money/tables.ts'
import { checkAddress, networkOf, networksOf } from '../addresses.ts'
import { checkDecider, decideMoney, readPolicy } from '#shared/money/decisions.ts'
import { askPayer, payersAddress } from '../payers-address.ts'
import { readPayment } from '../payments.ts'
import { giveBack, refundWords } from '../give-back.ts'
import { refundOf } from '../refunds.ts'
import { settleRefund } from '../jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { idFrom } from '#shared/ids.ts'
import { providerName } from '#shared/reader.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import type { Screen } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

/**
 * Gives money back through the provider. Where the provider cannot do that, the screen says so and what is left to do.
 */
export const adminPaybacks: Feature = {
  adminButtons: {
    payback: ask,
    'payback-address': askForAddress,
    'payback-do': (chat, [id = '']) => sendBack(chat, id),
    'payback-to': sendTo,
    'payback-yes': sure(
      'payback-yes',
      (chat, args) => askSettle(chat, args, true),
      (chat, [id = '']) => settle(chat, id, true),
    ),
    'payback-no': sure(
      'payback-no',
      (chat, args) => askSettle(chat, args, false),
      (chat, [id = '']) => settle(chat, id, false),
    ),
  },
}

async function ask(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  await show(chat, await question(chat, payment))
}

/** What goes back, what is taken for it, and the key that does it. @throws UserError when nothing can go back */
export async function question(chat: Chat, payment: Payment): Promise<Screen> {
  const { id } = payment
  const { can, lines, words } = await refundWords(chat.app, chat, payment)
  const keys: Screen['keyboard'] =
    can === 'none' ? [] : [[button(chat, chat.t('payback-go', words), ['payback-do', id], 'danger')]]
  const addressed = can === 'address' ? await toAddress(chat, payment, words) : undefined
  if (addressed) lines.push(addressed.text)
  return {
    text: lines.join('\n\n'),
    keyboard: [...(addressed?.keyboard ?? keys), back(chat, ['payment', id])],
  }
}

/** The address that the payer gave, shown with the key that sends there; or the key that asks the payer for one. */
async function toAddress(chat: Chat, payment: Payment, words: { back: string }): Promise<Screen> {
  const { id } = payment
  const given = await payersAddress(chat.app.db, id)
  const ask = (text: string) => [button(chat, chat.t(text), ['payback-address', id])]
  if (!given) return { text: chat.t('payback-address-none'), keyboard: [ask('payback-ask')] }
  const { address } = given
  if (!address)
    return {
      text: chat.t('payback-address-awaited', { since: chat.when(given.askedAt) }),
      keyboard: [ask('payback-ask-again')],
    }
  const network = networkOf(payment)
  const isChecked = checkAddress(address, network)
  return {
    text: chat.t('payback-to', {
      ...words,
      address,
      person: String(payment.personId),
      provider: providerName(chat, payment.provider),
      network: network ?? networksOf(address).join(', '),
      checked: isChecked && network ? 'yes' : isChecked ? 'guessed' : 'no',
    }),
    keyboard: [
      [button(chat, chat.t('payback-send', words), ['payback-to', id, idFrom(address)], 'danger')],
      ask('payback-ask-again'),
    ],
  }
}

/** No admin types an address in the payer's place: the payer is asked in the bot, and the admins hear of the answer. */
async function askForAddress(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment) return { alert: chat.t('payment-unknown') }
  await chat.app.db.tx(async (tx) => {
    await checkDecider(tx, chat.personId, payment.personId)
    await askPayer(tx, payment, chat.personId)
    await audit(tx, {
      actor: chat.personId,
      action: 'payment.refund-address',
      target: `payment ${id}`,
      bot: chat.bot.name,
    })
  })
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-address-asked'), keyboard: [back(chat, ['payment', id])] })
}

/**
 * The key names the address that stood above it. If the payer has changed the address since, the new one is shown
 * first.
 */
async function sendTo(chat: Chat, [id = '', mark = '']: string[]): Promise<Answer> {
  const given = await payersAddress(chat.app.db, id)
  if (!given?.address || idFrom(given.address) !== mark) return 'stale'
  return await sendBack(chat, id, given.address)
}

export async function sendBack(chat: Chat, id: string, address?: string): Promise<Answer> {
  const decided = await giveBack(chat.app, { bot: chat.bot.name, by: chat.personId, id, address })
  if (decided === 'stale') return 'stale'
  if (decided === 'second-needed') return { alert: chat.t('decision-second') }
  chat.app.relay.kick()
  await show(chat, { text: chat.t('payback-accepted'), keyboard: [back(chat, ['payment', id])] })
}

async function askSettle(chat: Chat, [id = '']: string[], happened: boolean): Promise<Question | undefined> {
  const [refund, payment] = await Promise.all([refundOf(chat.app.db, id), readPayment(chat.app.db, id)])
  if (refund?.state !== 'unknown' || !payment) return undefined
  const words = {
    sum: chat.money(payment.amount, payment.asset),
    person: String(payment.personId),
    provider: providerName(chat, payment.provider),
  }
  return {
    text: chat.t(happened ? 'payback-happened-ask' : 'payback-not-ask', words),
    yes: chat.t(happened ? 'payback-happened-yes' : 'payback-not-yes'),
    home: ['payment', id],
  }
}

/** An admin has looked into the provider's cabinet and says how the refund ended: nobody else can tell. */
async function settle(chat: Chat, id: string, happened: boolean): Promise<Answer> {
  const [refund, payment] = await Promise.all([refundOf(chat.app.db, id), readPayment(chat.app.db, id)])
  if (refund?.state !== 'unknown' || !payment) return 'stale'
  const policy = await readPolicy(chat.app, chat.bot.name)
  const decided = await chat.app.db.tx(async (tx) => {
    // A no gives the person their money although it may have gone out, so it is a decision about money. A yes takes
    // only what the person has offered.
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
