import { audit } from '#shared/audit.ts'
import { readBalance } from '#shared/money/read.ts'
import { paymentByRef, readPayment } from '../payments.ts'
import { owe } from '#shared/queue/outbox.ts'
import { refundStars } from '../jobs.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { button, send, show } from '#workers/bot/screen.ts'

/** /refund <charge id>: an admin gives Stars back; the screen says what happens when the tokens are already spent. */
export const refund: Feature = {
  adminCommands: { refund: askRefund },
  adminButtons: { 'refund-do': doRefund },
}

async function askRefund(chat: Chat, chargeId: string): Promise<void> {
  if (!chargeId) return void (await send(chat, { text: chat.t('refund-usage') }))
  const payment = await paymentByRef(chat.app.db, 'stars', chargeId)
  if (!payment || payment.bot !== chat.bot.name) {
    return void (await send(chat, { text: chat.t('refund-not-found') }))
  }
  if (payment.state !== 'paid') {
    return void (await send(chat, { text: chat.t('refund-not-paid', { state: payment.state }) }))
  }
  const wallet = await readBalance(chat.app.db, payment.personId, payment.creditAsset)
  const taken = wallet.available < payment.creditAmount ? wallet.available : payment.creditAmount
  const missing = payment.creditAmount - taken
  const words = {
    stars: chat.money(payment.amount, 'XTR'),
    person: String(payment.personId),
    taken: chat.money(taken, payment.creditAsset),
    missing: chat.money(missing, payment.creditAsset),
  }
  await send(chat, {
    text: chat.t(missing > 0n ? 'refund-ask-spent' : 'refund-ask', words),
    keyboard: [
      [button(chat, chat.t('refund-confirm', words), ['refund-do', payment.id], 'danger')],
      [button(chat, chat.t('cancel'), 'menu')],
    ],
  })
}

/** The wish is written down with its audit line; billing carries it out, also when this process dies now. */
async function doRefund(chat: Chat, [paymentId = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, paymentId)
  if (payment?.bot !== chat.bot.name || payment.state !== 'paid') return { alert: chat.t('refund-not-found') }
  await chat.app.db.tx(async (tx) => {
    await owe(tx, refundStars, { paymentId, refused: Number(payment.details.refundRefusals ?? 0) })
    await audit(tx, {
      actor: chat.personId,
      action: 'refund',
      target: `payment ${paymentId}`,
      bot: chat.bot.name,
    })
  })
  chat.app.relay.kick()
  await show(chat, { text: chat.t('refund-accepted') })
}
