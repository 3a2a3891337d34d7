import { paymentByRef } from '../payments.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { send } from '#workers/bot/screen.ts'
import { question, sendBack } from './admin-paybacks.ts'

/** /refund <charge id>: what the key of the payment's page does, found by the number in the payer's receipt. */
export const refund: Feature = {
  adminCommands: { refund: ask },
  // The key is on messages that version 0.1 has sent.
  adminButtons: { 'refund-do': (chat, [id = '']) => sendBack(chat, id) },
}

async function ask(chat: Chat, chargeId: string): Promise<void> {
  if (!chargeId) return void (await send(chat, { text: chat.t('refund-usage') }))
  const payment = await paymentByRef(chat.app.db, 'stars', chargeId)
  if (!payment || payment.bot !== chat.bot.name) {
    return void (await send(chat, { text: chat.t('refund-not-found') }))
  }
  if (payment.state !== 'paid') {
    return void (await send(chat, {
      text: chat.t('refund-not-paid', { state: chat.t(`state-${payment.state.replaceAll('_', '-')}`) }),
    }))
  }
  await send(chat, await question(chat, payment))
}
