import { idFrom, newId } from '#shared/ids.ts'
import type { Money } from '#shared/money.ts'
import { readOrder } from '#shared/money/orders.ts'
import { movePayment, readPayment } from '../payments.ts'
import { MANUAL_METHODS, manualRequisites, topUpPresets } from '../settings.ts'
import { priceBuyRub, starsPacks } from '#shared/settings/economy.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { createRequest, openRequest } from '../requests.ts'
import { fileProof, type RequestProof, submitProof, textProof } from '../proofs.ts'
import { expectMore } from './receipts.ts'
import { showRequestCard } from './request-card.ts'
import { back, button, show } from '#workers/bot/screen.ts'

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
  const requisites = await chat.app.settings.get(manualRequisites, chat.bot.name)
  const offered = MANUAL_METHODS.filter((method) => requisites[method])
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
  const { settings } = chat.app
  const [presets, packs, price] = await Promise.all([
    settings.get(topUpPresets, chat.bot.name),
    settings.get(starsPacks, chat.bot.name),
    settings.get(priceBuyRub, chat.bot.name),
  ])
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

async function begin(chat: Chat, [name = '', kind = '', count = '', draft = '']: string[]): Promise<void> {
  const method = MANUAL_METHODS.find((one) => one === name)
  const requisites = await chat.app.settings.get(manualRequisites, chat.bot.name)
  if (!method || !requisites[method]) return await showMethods(chat, [])
  const { pay, credit } = await terms(chat, kind, BigInt(count))
  const id = idFrom('manual', chat.bot.name, chat.personId, name, kind, count, draft)
  const orderId = kind === 'o' ? await ownOrder(chat, draft) : undefined
  const { personId } = chat
  await createRequest(chat.app.db, { id, personId, bot: chat.bot.name, method, pay, credit, orderId })
  await showRequest(chat, id)
}

async function ownOrder(chat: Chat, id: string): Promise<string | undefined> {
  return (await readOrder(chat.app.db, id))?.personId === chat.personId ? id : undefined
}

/** Prices are read here, never from the button. */
async function terms(chat: Chat, kind: string, count: bigint): Promise<{ pay: Money; credit: Money }> {
  if (kind !== 't') {
    const rub: Money = { asset: 'RUB', amount: count }
    return { pay: rub, credit: rub }
  }
  const price = await chat.app.settings.get(priceBuyRub, chat.bot.name)
  return { pay: { asset: 'RUB', amount: price * count }, credit: { asset: 'TOK', amount: count } }
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
  if (payment?.personId !== chat.personId) return { alert: chat.t('stale-button') }
  // A request that the admins have can only be decided by them: the money may be on its way.
  const moved = await movePayment(chat.app.db, id, 'cancelled', { from: ['created'] })
  chat.session.awaiting = undefined
  if (!moved) return await showRequest(chat, id)
  await showMethods(chat, [])
  return { toast: chat.t('manual-cancelled') }
}
