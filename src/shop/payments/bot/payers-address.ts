import { idFrom } from '#shared/ids.ts'
import type { Payment } from '#shared/money/tables.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { button, show } from '#workers/bot/screen.ts'
import { checkAddress, networkOf, networksOf } from '../addresses.ts'
import { givePayersAddress, payersAddress } from '../payers-address.ts'
import { readPayment } from '../payments.ts'
import { quoteRefund } from '../refunds.ts'

/** The payer says where the money goes back to; no admin can say it in their place. */
export const payersAddressScreen: Feature = {
  // A banned person may answer as well: the money is theirs.
  open: ['payback-mine', 'payback-mine-yes'],
  buttons: { 'payback-mine': ask, 'payback-mine-yes': give },
  inputs: { 'payback-mine': take },
}

/**
 * The payment, if it is this person's and somebody wants to give its money back. Another person's key leads nowhere.
 */
async function asked(chat: Chat, id: string): Promise<Payment | undefined> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return undefined
  return (await payersAddress(chat.app.db, id)) && payment
}

async function ask(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await asked(chat, id)
  if (!payment) return 'stale'
  const { back } = await quoteRefund(chat.app.db, payment)
  chat.session.awaiting = { input: 'payback-mine', args: [id] }
  const network = networkOf(payment)
  const sum = chat.money(back.amount, back.asset)
  await show(chat, {
    text: chat.t(network ? 'payback-mine-type' : 'payback-mine-type-any', { network: network ?? '', sum }),
    keyboard: [],
  })
}

/** Coins sent to a wrong address are gone: it is checked, and shown once more with the sum and the network. */
async function take(chat: Chat, [id = '']: string[]): Promise<void> {
  const payment = await asked(chat, id)
  if (!payment) {
    chat.session.awaiting = undefined
    return
  }
  const address = typedText(chat)
  const network = networkOf(payment)
  // After a refusal the address is still asked for: the next message is taken as one.
  const isChecked = checkAddress(address, network)
  const { back } = await quoteRefund(chat.app.db, payment)
  chat.session.awaiting = undefined
  chat.session['payback'] = { id, address }
  const words = {
    sum: chat.money(back.amount, back.asset),
    address,
    network: network ?? networksOf(address).join(', '),
    checked: isChecked && network ? 'yes' : isChecked ? 'guessed' : 'no',
  }
  await show(chat, {
    text: chat.t('payback-mine-check', words),
    keyboard: [
      [button(chat, chat.t('payback-mine-yes'), ['payback-mine-yes', id, idFrom(address)], 'primary')],
      [button(chat, chat.t('payback-other-address'), ['payback-mine', id])],
    ],
  })
}

/** The key names the address that stood above it, so that an older screen never gives a newer one. */
async function give(chat: Chat, [id = '', mark = '']: string[]): Promise<Answer> {
  const kept = chat.session['payback'] as { id: string; address: string } | undefined
  const payment = await asked(chat, id)
  if (!payment || kept?.id !== id || idFrom(kept.address) !== mark) return 'stale'
  await chat.app.db.tx((tx) => givePayersAddress(tx, payment, kept.address))
  chat.session['payback'] = undefined
  chat.app.relay.kick()
  await show(chat, {
    text: chat.t('payback-mine-given', { address: kept.address }),
    keyboard: [[button(chat, chat.t('payback-other-address'), ['payback-mine', id])]],
  })
}
