import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sayUnexpected } from '#workers/bot/unexpected.ts'
import { readPayment } from '../payments.ts'
import { addProof, fileProof, submitProof, textProof } from '../proofs.ts'
import type { RequestProof } from '../proofs.ts'
import { showRequestCard } from './request-card.ts'
import { openRequest } from '../requests.ts'

/*
 * Takes a receipt from whatever screen the person sends it. People leave the shop for their bank and come back with a
 * picture, an album of two, a PDF, and "paid, thanks" behind it; meanwhile they may have looked at something else. Each
 * file of an album is an update of its own.
 */

/** The input after a proof: the next text or file belongs to the same request. */
const MORE = 'manual-more'

/**
 * These questions are answered by a file. Every other question asks for words, so a file beside it is about something
 * else.
 */
const ANSWERED_BY_FILES = new Set(['manual-proof', 'support-write'])

/** What the session knows of a request and its files; kept under `receipt`. */
interface Receipt {
  paymentId: string
  /** The album that the person's answer was about. */
  album?: string
  /** Files that came unasked; the bot asks whether they are the receipt. */
  files?: RequestProof[]
  /** The person said that their pictures are no receipt. */
  isNone?: boolean
}

export const receipts: Feature = {
  open: ['receipt-yes', 'receipt-no', 'request-answer', MORE],
  buttons: { 'receipt-yes': isReceipt, 'receipt-no': isNoReceipt, 'request-answer': answerAdmin },
  inputs: { [MORE]: takeWords },
  other: takeFile,
}

const kept = (chat: Chat) => chat.session['receipt'] as Receipt | undefined
function keep(chat: Chat, receipt: Receipt | undefined): void {
  chat.session['receipt'] = receipt
}

/** Remembers which album the proof came in, and that more may come. */
export function expectMore(chat: Chat, paymentId: string, album: string | undefined): void {
  keep(chat, { paymentId, album })
  chat.session.awaiting = { input: MORE, args: [paymentId] }
}

/** @returns true when the file is about the person's request */
async function takeFile(chat: Chat): Promise<boolean> {
  const { message } = chat.ctx
  const file = fileProof(message)
  if (!file || message?.chat.type !== 'private') return false
  const receipt = kept(chat)
  const album = message.media_group_id
  if (album !== undefined && album === receipt?.album) return await restOfAlbum(chat, receipt, file)
  const { awaiting } = chat.session
  if (awaiting?.input === MORE) {
    const [id = ''] = awaiting.args
    if (await add(chat, id, file)) {
      keep(chat, { paymentId: id, album })
      await confirmAdded(chat, id)
      return true
    }
    // The request was decided meanwhile, so the picture is about something else.
    chat.session.awaiting = undefined
  } else if (awaiting && (ANSWERED_BY_FILES.has(awaiting.input) || chat.isAdmin)) return false
  const open = await openRequest(chat.app.db, chat.personId)
  if (open?.bot !== chat.bot.name || (receipt?.isNone && receipt.paymentId === open.id)) return false
  keep(chat, { paymentId: open.id, album, files: [...(receipt?.files ?? []), file].slice(-10) })
  await show(chat, {
    text: chat.t('receipt-ask', { sum: chat.money(open.amount, open.asset), number: open.id }),
    keyboard: [
      [button(chat, chat.t('receipt-yes'), ['receipt-yes', open.id], 'primary')],
      [button(chat, chat.t('receipt-no'), ['receipt-no', open.id])],
    ],
  })
  return true
}

/** Keeps the next picture of an album without asking or saying anything more. */
async function restOfAlbum(chat: Chat, receipt: Receipt, file: RequestProof): Promise<boolean> {
  if (receipt.isNone) return false
  if (receipt.files) keep(chat, { ...receipt, files: [...receipt.files, file] })
  else await add(chat, receipt.paymentId, file, true)
  return true
}

async function add(chat: Chat, paymentId: string, proof: RequestProof, ofAlbum = false): Promise<boolean> {
  const added = await chat.app.db.tx((tx) => addProof(tx, chat.bot, paymentId, proof, ofAlbum))
  chat.app.relay.kick()
  return added
}

async function takeWords(chat: Chat, [id = '']: string[]): Promise<void> {
  const text = chat.ctx.message?.text
  const added = text !== undefined && text.trim() !== '' && (await add(chat, id, textProof(text)))
  if (added) return await confirmAdded(chat, id)
  chat.session.awaiting = undefined
  await sayUnexpected(chat)
}

async function isReceipt(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const receipt = kept(chat)
  const [first, ...more] = receipt?.files ?? []
  const payment = await readPayment(chat.app.db, id)
  if (receipt?.paymentId !== id || !first || payment?.personId !== chat.personId) return 'stale'
  const isNew = await chat.app.db.tx((tx) => submitProof(tx, chat.bot, id, [first, ...more]))
  if (!isNew) for (const one of [first, ...more]) await add(chat, id, one)
  chat.app.relay.kick()
  expectMore(chat, id, receipt.album)
  await confirmAdded(chat, id)
}

/** An admin asked for more: what comes next belongs to the request. */
async function answerAdmin(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.personId !== chat.personId || payment.bot !== chat.bot.name) return 'stale'
  if (payment.state !== 'pending') {
    await showRequestCard(chat, payment)
    return
  }
  expectMore(chat, id, undefined)
  await show(chat, { text: chat.t('request-answer-ask', { number: id }), keyboard: [back(chat, 'menu')] })
}

async function isNoReceipt(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const album = kept(chat)?.album
  keep(chat, { paymentId: id, isNone: true, ...(album !== undefined && { album }) })
  await show(chat, { text: chat.t('receipt-none'), keyboard: [back(chat, 'menu')] })
}

async function confirmAdded(chat: Chat, id: string): Promise<void> {
  const payment = await readPayment(chat.app.db, id)
  if (payment?.state !== 'pending') {
    // The page of the request says what became of it.
    chat.session.awaiting = undefined
    return void (await show(chat, {
      text: chat.t('receipt-late'),
      keyboard: [back(chat, 'menu')],
    }))
  }
  await showRequestCard(chat, payment)
}
