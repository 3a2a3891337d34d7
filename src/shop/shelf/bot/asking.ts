import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, pairs, show } from '#workers/bot/screen.ts'
import { answerLines, areWhole, openAnswers, readAnswer, sealAnswers } from '../asks.ts'
import type { Answers, AskedField } from '../asks.ts'
import { readItem, shelfId } from '../items.ts'
import { kindOf } from '../kinds/list.ts'
import { shelfSecrets } from '../seal.ts'

/**
 * Asks the buyer the item's questions before they pay, one field after another; nothing is written to a table until
 * they pay.
 */
export const askScreens: Feature = {
  buttons: { 'item-ask': (chat, args) => begin(chat, args), 'item-answer': choose },
  inputs: { 'item-answer': take },
}

/** The session's copy of the answers, encrypted, because an answer may be a password. */
interface Asking {
  /** The arguments of the purchase's key: see item.ts. */
  id: string
  draft: string
  terms: string
  sealed: string
}

/**
 * The name under which answers are encrypted. It contains the draft, so the answers of one purchase do not open for
 * another.
 */
const sealedAs = ({ personId }: Chat, draft: string) => `${personId} ${draft}`

async function answersIn(chat: Chat, draft: string): Promise<Answers | undefined> {
  const asking = chat.session['shelf'] as Asking | undefined
  if (asking?.draft !== draft) return undefined
  const shelf = await shelfSecrets(chat.app)
  return openAnswers(shelf, sealedAs(chat, draft), Buffer.from(asking.sealed, 'base64'))
}

/** @returns the answers for this purchase, encrypted for its order; undefined when one is missing */
export async function givenFor(
  chat: Chat,
  { draft, asks, orderId }: { draft: string; asks: readonly AskedField[]; orderId: string },
): Promise<Buffer | undefined> {
  const answers = await answersIn(chat, draft)
  if (!answers || !areWhole(answers, asks)) return undefined
  return sealAnswers(await shelfSecrets(chat.app), orderId, answers)
}

/**
 * Asks from the first field on.
 * @param args the arguments of the key that pays
 */
export async function begin(chat: Chat, [id = '', draft = '', terms = '']: string[]): Promise<void> {
  await keep(chat, { id, draft, terms }, { asks: [...(await asksOf(chat, id))], values: [] })
  await next(chat)
}

async function asksOf(chat: Chat, text: string): Promise<readonly AskedField[]> {
  const id = shelfId(text)
  const item = id === undefined ? undefined : await readItem(chat.app.db, id)
  if (!item) throw new UserError('item.gone')
  return kindOf(item).asks?.(item) ?? []
}

async function keep(chat: Chat, of: Omit<Asking, 'sealed'>, answers: Answers): Promise<void> {
  const sealed = sealAnswers(await shelfSecrets(chat.app), sealedAs(chat, of.draft), answers)
  chat.session['shelf'] = { ...of, sealed: sealed.toString('base64') } satisfies Asking
}

/** Shows the first empty field, or all answers with the key that pays. */
async function next(chat: Chat): Promise<void> {
  const asking = chat.session['shelf'] as Asking | undefined
  const answers = asking && (await answersIn(chat, asking.draft))
  if (!answers) throw new UserError('item.asks-changed')
  const { id, draft, terms } = asking
  const at = answers.values.length
  const ask = answers.asks[at]
  if (!ask) return await confirm(chat, asking, answers)
  chat.session.awaiting = { input: 'item-answer', args: [draft, String(at)] }
  await show(chat, {
    text: [
      chat.t('shelf-ask', { number: at + 1, count: answers.asks.length }),
      `<b>${escapeHtml(ask.name[chat.language])}</b>`,
      chat.t(`shelf-ask-${ask.type}`),
    ].join('\n'),
    keyboard: [
      ...pairs((ask.options ?? []).map((one, which) => button(chat, one, ['item-answer', draft, at, which]))),
      ...(at > 0 ? [[button(chat, chat.t('shelf-key-again'), ['item-ask', id, draft, terms])]] : []),
      back(chat, ['item', id]),
    ],
  })
}

async function confirm(chat: Chat, { id, draft, terms }: Asking, answers: Answers): Promise<void> {
  chat.session.awaiting = undefined
  await show(chat, {
    text: [chat.t('shelf-asked'), ...answerLines(chat, answers)].join('\n\n'),
    keyboard: [
      [button(chat, chat.t('shelf-key-order-it'), ['item-buy', id, draft, terms], 'primary')],
      [button(chat, chat.t('shelf-key-again'), ['item-ask', id, draft, terms])],
      back(chat, ['item', id]),
    ],
  })
}

async function take(chat: Chat, [draft = '', at = '']: string[]): Promise<void> {
  const { message } = chat.ctx
  await fill(chat, draft, Number(at), { text: typedText(chat), photo: message?.photo?.at(-1)?.file_id })
}

async function choose(chat: Chat, [draft = '', at = '', which = '']: string[]): Promise<void> {
  const answers = await answersIn(chat, draft)
  const text = answers?.asks[Number(at)]?.options?.[Number(which)]
  if (text === undefined) throw new UserError('item.asks-changed')
  await fill(chat, draft, Number(at), { text })
}

/** A key that is pressed twice, or a message that is handled again, must not answer a later question. */
async function fill(
  chat: Chat,
  draft: string,
  at: number,
  given: { text: string; photo?: string | undefined },
): Promise<void> {
  const answers = await answersIn(chat, draft)
  const ask = answers?.asks[at]
  if (!ask || at > answers.values.length) throw new UserError('item.asks-changed')
  const values = [...answers.values.slice(0, at), readAnswer(ask, given)]
  await keep(chat, chat.session['shelf'] as Asking, { ...answers, values })
  await next(chat)
}
