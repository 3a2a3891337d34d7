import { botTexts } from '#shared/reader.ts'
import { GrammyError, HttpError } from 'grammy'
import type { InlineKeyboardMarkup, InputMedia } from 'grammy/types'
import type { Mailing } from '../mailings.ts'
import type { Content } from '../content.ts'
import { keyboardOf } from '../keyboard.ts'
import type { Context } from '#shared/context.ts'
import { Rejected, Transient, UnknownOutcome, explain } from '#shared/errors.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { TokenRevoked, Unreachable, isNotModified, telegramError } from '#shared/telegram/errors.ts'
import type { Mark } from './marker.ts'
import { shorten } from '#shared/storable.ts'

export interface MailingRecipient {
  number: number
  personId: bigint
  bot: string
  language: string
  messageIds: number[] | null
}

const MISSED: MailingDelivery = { state: 'planned', again: true, reason: 'there was no place for it' }

/** `again` = nothing was sent and the lane should wait; `stop` = this bot cannot send at all. */
export type MailingDelivery = Omit<Mark, 'number'> & { again?: boolean; stop?: string }

/**
 * Sends, edits or deletes one recipient's message and says what became of it. Never throws.
 * @param turn waits for the message's place, when everything else is ready; false = there was none
 */
export async function deliverMailing(
  app: Pick<Context, 'secrets' | 'texts' | 'settings'>,
  bot: ServedBot,
  mailing: Mailing,
  to: MailingRecipient,
  turn: () => Promise<boolean>,
): Promise<MailingDelivery> {
  try {
    if (mailing.action === 'delete') return (await turn()) ? await remove(bot, to) : MISSED
    const content = mailing.contents[to.language] ?? mailing.contents['']
    if (!content) return { state: 'failed', reason: `no words in ${to.language}` }
    return mailing.action === 'edit'
      ? await edit(app, bot, mailing, content, to, turn)
      : await copy(app, bot, mailing, content, to, turn)
  } catch (error) {
    const delivery = meaningOf(error)
    if (delivery.state !== 'failed' || mailing.action !== 'send') return delivery
    const stop = await everybodysTrouble(bot, mailing, delivery.reason!)
    return stop ? { state: 'planned', stop } : delivery
  }
}

/**
 * A refusal that everybody after this person would meet as well: the message to copy is gone, Telegram takes no such
 * button (MTProto's errors BUTTON_… and the Bot API server's own words), or the bot cannot pay. Telegram does not
 * document its words for the last one, so the bot's Stars decide as well.
 * @returns why the mailing has to wait
 */
async function everybodysTrouble(
  bot: ServedBot,
  { options }: Mailing,
  reason: string,
): Promise<string | undefined> {
  if (/message to copy not found|no messages to copy|message can't be copied/.test(reason)) return 'no-source'
  if (/\bBUTTON_|inline keyboard button|wrong HTTP URL/i.test(reason)) return reason
  if (!options.paid) return undefined
  const left = (await bot.mailings.getMyStarBalance().catch(() => undefined))?.amount
  if (left === 0 || /balance/i.test(reason)) return 'no-stars'
  return /paid|stars/i.test(reason) ? reason : undefined
}

async function copy(
  app: Pick<Context, 'secrets' | 'texts' | 'settings'>,
  bot: ServedBot,
  { options }: Mailing,
  content: Content,
  to: MailingRecipient,
  turn: () => Promise<boolean>,
): Promise<MailingDelivery> {
  const source = content.sources[to.bot]
  if (!source) return { state: 'failed', reason: `the content is not in the bot ${to.bot}` }
  const chat = Number(to.personId)
  const common = {
    disable_notification: options.silent,
    ...(options.paid && { allow_paid_broadcast: true }),
  }
  if (source.messageIds.length > 1) {
    if (!(await turn())) return MISSED
    const sent = await bot.mailings.copyMessages(chat, source.chatId, source.messageIds, {
      disable_notification: options.silent,
    })
    return { state: 'sent', messageIds: sent.map(({ message_id }) => message_id) }
  }
  const reply_markup = keyboardOf(app, await botTexts(app, to.bot), content, options, to)
  if (!(await turn())) return MISSED
  const sent = await bot.mailings.copyMessage(chat, source.chatId, source.messageIds[0]!, {
    ...common,
    reply_markup,
  })
  return { state: 'sent', messageIds: [sent.message_id] }
}

async function remove(bot: ServedBot, to: MailingRecipient): Promise<MailingDelivery> {
  await bot.mailings.deleteMessages(Number(to.personId), to.messageIds ?? [])
  return { state: 'deleted' }
}

/** Writes new words or new media into a message that was sent. */
async function edit(
  app: Pick<Context, 'secrets' | 'texts' | 'settings'>,
  bot: ServedBot,
  mailing: Mailing,
  content: Content,
  to: MailingRecipient,
  turn: () => Promise<boolean>,
): Promise<MailingDelivery> {
  const chat = Number(to.personId)
  const ids = to.messageIds ?? []
  if (ids.length === 0) return { state: 'failed', reason: 'the message is not known' }
  const reply_markup =
    ids.length === 1 ? keyboardOf(app, await botTexts(app, to.bot), content, mailing.options, to) : undefined
  if (!(await turn())) return MISSED
  if (content.text !== undefined) {
    await unlessSame(() => editWords(bot, chat, ids, content, reply_markup))
    return { state: 'edited' }
  }
  const fileIds = bot.name === mailing.bot ? undefined : content.sources[bot.name]?.fileIds
  for (const [at, part] of content.media.entries()) {
    const media = {
      type: part.kind,
      media: fileIds?.[at] ?? part.fileId,
      caption: part.caption,
      caption_entities: part.captionEntities,
    } as InputMedia
    if (ids[at] === undefined) return { state: 'failed', reason: 'the album has fewer parts' }
    await unlessSame(() => bot.mailings.editMessageMedia(chat, ids[at]!, media, { reply_markup }))
  }
  return { state: 'edited' }
}

/** Edits the words of a message or the caption of a file: an earlier edit may have turned one into the other. */
async function editWords(
  bot: ServedBot,
  chat: number,
  ids: number[],
  content: Content,
  reply_markup: InlineKeyboardMarkup | undefined,
): Promise<void> {
  const { text = '', entities, captionAt } = content
  const asText = () => bot.mailings.editMessageText(chat, ids[0]!, text, { entities, reply_markup })
  const asCaption = () =>
    bot.mailings.editMessageCaption(chat, ids[captionAt ?? 0] ?? ids[0]!, {
      caption: text,
      caption_entities: entities,
      reply_markup,
    })
  const [first, second] = captionAt === undefined ? [asText, asCaption] : [asCaption, asText]
  try {
    await first()
  } catch (error) {
    const other = error instanceof GrammyError && /there is no (text|caption) in/.test(error.description)
    if (!other) throw error
    await second()
  }
}

async function unlessSame(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!isNotModified(error)) throw error
  })
}

function meaningOf(error: unknown): MailingDelivery {
  if (error instanceof HttpError && neverLeft(error)) {
    return { state: 'planned', again: true, reason: explain(error) }
  }
  const meaning = telegramError(error)
  if (meaning instanceof Transient) return { state: 'planned', again: true, reason: meaning.message }
  if (meaning instanceof Unreachable) return { state: 'blocked', reason: meaning.code }
  if (meaning instanceof TokenRevoked) return { state: 'planned', stop: 'token' }
  if (meaning instanceof UnknownOutcome) return { state: 'uncertain', reason: shorten(explain(meaning), 200) }
  if (meaning instanceof Rejected) return { state: 'failed', reason: shorten(meaning.message, 200) }
  return { state: 'uncertain', reason: shorten(explain(meaning), 200) }
}

/** The connection was refused: Telegram cannot have seen the request. */
function neverLeft(error: HttpError): boolean {
  return /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(String(error.error))
}
