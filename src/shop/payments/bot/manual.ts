import { newId } from '#shared/ids.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { beginRequest, offeredMethods, offeredSums, withdrawRequest } from '../by-hand.ts'
import { readPayment } from '../payments.ts'
import { fileProof, type RequestProof, submitProof, textProof } from '../proofs.ts'
import { openRequest } from '../requests.ts'
import { expectMore } from './receipts.ts'
import { showRequestCard } from './request-card.ts'

/** A transfer by hand: method, sum or pack, requisites, proof. One open request of a person at a time. */
export const manual: Feature = {
  open: ['manual-show', 'manual-cancel', 'manual-proof'],
  buttons: {
    manual: showMethods,
    'manual-sum': showSums,
    'manual-go': begin,
    'manual-show': (chat) => showMethods(chat, []),
    'manual-cancel': cancel,
  },
  inputs: { 'manual-proof': takeProof },
}

/** @param args what is missing in kopecks, and the order it is missing for; both may be empty */
async function showMethods(chat: Chat, [missing = '', orderId = '']: string[]): Promise<void> {
  const open = await openRequest(chat.app.db, chat.personId)
  if (open) return await showRequest(chat, open.id)
  const offered = await offeredMethods(chat.app.settings, chat.bot.name)
  await show(chat, {
    text: chat.t(offered.length > 0 ? 'manual-methods' : 'manual-none'),
    keyboard: [
      ...offered.map((method) => [
        button(chat, chat.t(`manual-${method}`), ['manual-sum', method, missing, orderId]),
      ]),
      back(chat, orderId ? ['topup', orderId] : 'top-up'),
    ],
  })
}

async function showSums(chat: Chat, [method = '', missing = '', orderId = '']: string[]): Promise<void> {
  // An order takes only the very sum that it lacks: with any other sum it would not go on.
  if (orderId && /^\d{1,15}$/.test(missing)) return await begin(chat, [method, 'o', missing, orderId])
  const { presets, packs, price } = await offeredSums(chat.app.settings, chat.bot.name)
  // The draft's number makes a second tap the same request.
  const draft = newId().slice(0, 8)
  const sums = presets.map((sum) =>
    button(chat, chat.money(BigInt(sum), 'RUB'), ['manual-go', method, 'r', sum, draft]),
  )
  const tokens = packs.map((pack) => {
    const text = `${chat.money(BigInt(pack), 'TOK')} · ${chat.money(price * BigInt(pack), 'RUB')}`
    return [button(chat, text, ['manual-go', method, 't', pack, draft])]
  })
  await show(chat, {
    text: chat.t('manual-sums'),
    keyboard: [sums.slice(0, 2), sums.slice(2, 4), ...tokens, back(chat, 'manual')],
  })
}

async function begin(chat: Chat, [method = '', kind = '', count = '', draft = '']: string[]): Promise<void> {
  const ask = { method, kind, count: BigInt(count), draft }
  const id = await beginRequest(chat, ask)
  return id === undefined ? await showMethods(chat, []) : await showRequest(chat, id)
}

async function showRequest(chat: Chat, id: string): Promise<void> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return
  if (payment.state === 'created') chat.session.awaiting = { input: 'manual-proof', args: [id] }
  await showRequestCard(chat, payment)
}

async function takeProof(chat: Chat, [id = '']: string[]): Promise<void> {
  const proof = proofOf(chat)
  if (!proof) {
    await show(chat, { text: chat.t('manual-proof-again'), keyboard: [back(chat, 'manual')] })
    return
  }
  const isTaken = await chat.app.db.tx((tx) => submitProof(tx, chat.bot, id, [proof]))
  chat.app.relay.kick()
  chat.session.awaiting = undefined
  if (isTaken) expectMore(chat, id, chat.ctx.message?.media_group_id)
  await showRequest(chat, id)
}

function proofOf({ ctx: { message } }: Chat): RequestProof | undefined {
  const text = message?.text
  return fileProof(message) ?? (text && text.trim().length >= 4 ? textProof(text) : undefined)
}

async function cancel(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId) return 'stale'
  const moved = await withdrawRequest(chat.app.db, id)
  chat.session.awaiting = undefined
  if (!moved) return await showRequest(chat, id)
  await showMethods(chat, [])
  return { toast: chat.t('manual-cancelled') }
}
