import { HttpError } from 'grammy'
import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Broadcast } from '../../shared/broadcasts/broadcasts.ts'
import { isAlbum } from '../../shared/broadcasts/content.ts'
import type { Content } from '../../shared/broadcasts/content.ts'
import type { Context } from '../../shared/context.ts'
import { Rejected, Transient, UnknownOutcome, explain } from '../../shared/errors.ts'
import { callbackButton, pack } from '../../shared/telegram/buttons.ts'
import type { ServedBot } from '../../shared/telegram/bots.ts'
import { TokenRevoked, Unreachable, isNotModified, telegramError } from '../../shared/telegram/errors.ts'
import type { Mark } from './marker.ts'

export interface Recipient {
  number: number
  personId: bigint
  bot: string
  language: string
  messageIds: number[] | null
}

/** `again` = nothing was sent and the lane should wait; `stop` = this bot cannot send at all. */
export type Delivery = Omit<Mark, 'number'> & { again?: boolean; stop?: string }

/** Sends, edits or deletes one recipient's message and says what became of it. Never throws. */
export async function deliver(
  app: Pick<Context, 'secrets' | 'texts'>,
  bot: ServedBot,
  broadcast: Broadcast,
  to: Recipient,
): Promise<Delivery> {
  try {
    if (broadcast.action === 'delete') return await remove(bot, to)
    const content = broadcast.contents[to.language] ?? broadcast.contents['']
    if (!content) return { state: 'failed', reason: `no words in ${to.language}` }
    return broadcast.action === 'edit'
      ? await edit(bot, content, to)
      : await copy(app, bot, broadcast, content, to)
  } catch (error) {
    return meaningOf(error)
  }
}

async function copy(
  app: Pick<Context, 'secrets' | 'texts'>,
  bot: ServedBot,
  { options }: Broadcast,
  content: Content,
  to: Recipient,
): Promise<Delivery> {
  const source = content.sources[to.bot]
  if (!source) return { state: 'failed', reason: `the content is not in the bot ${to.bot}` }
  const chat = Number(to.personId)
  const common = {
    disable_notification: options.silent,
    ...(options.paid && { allow_paid_broadcast: true }),
  }
  if (source.messageIds.length > 1) {
    const sent = await bot.mailings.copyMessages(chat, source.chatId, source.messageIds, {
      disable_notification: options.silent,
    })
    return { state: 'sent', messageIds: sent.map(({ message_id }) => message_id) }
  }
  const sent = await bot.mailings.copyMessage(chat, source.chatId, source.messageIds[0]!, {
    ...common,
    reply_markup: keyboardOf(app, content, options.optOut ? to : undefined),
  })
  return { state: 'sent', messageIds: [sent.message_id] }
}

/** Link buttons, and the one that stops mailings: signed for this person. */
function keyboardOf(
  app: Pick<Context, 'secrets' | 'texts'>,
  content: Content,
  optOut: Recipient | undefined,
): InlineKeyboardMarkup | undefined {
  const rows: InlineKeyboardMarkup['inline_keyboard'] = content.buttons.map((row) => [...row])
  if (optOut) {
    const words = app.texts.t(optOut.language === 'ru' ? 'ru' : 'en', 'mailings-off')
    rows.push([callbackButton(words, pack(app.secrets, optOut.personId, 'mailings-off'))])
  }
  return rows.length > 0 ? { inline_keyboard: rows } : undefined
}

async function remove(bot: ServedBot, to: Recipient): Promise<Delivery> {
  await bot.mailings.deleteMessages(Number(to.personId), to.messageIds ?? [])
  return { state: 'deleted' }
}

/** New words in what was sent; the media of it stay. */
async function edit(bot: ServedBot, content: Content, to: Recipient): Promise<Delivery> {
  const chat = Number(to.personId)
  const [first] = to.messageIds ?? []
  if (first === undefined) return { state: 'failed', reason: 'the message is not known' }
  const reply_markup = content.buttons.length > 0 ? { inline_keyboard: content.buttons } : undefined
  try {
    if (content.text !== undefined) {
      await bot.mailings.editMessageText(chat, first, content.text, {
        entities: content.entities,
        reply_markup,
      })
    } else {
      const [part] = content.media
      await bot.mailings.editMessageCaption(chat, first, {
        caption: part?.caption ?? '',
        caption_entities: part?.captionEntities,
        reply_markup: isAlbum(content) ? undefined : reply_markup,
      })
    }
  } catch (error) {
    if (!isNotModified(error)) throw error
  }
  return { state: 'edited' }
}

function meaningOf(error: unknown): Delivery {
  if (error instanceof HttpError && neverLeft(error)) {
    return { state: 'planned', again: true, reason: explain(error) }
  }
  const meaning = telegramError(error)
  if (meaning instanceof Transient) return { state: 'planned', again: true, reason: meaning.message }
  if (meaning instanceof Unreachable) return { state: 'blocked', reason: meaning.code }
  if (meaning instanceof TokenRevoked) return { state: 'planned', stop: meaning.message }
  if (meaning instanceof UnknownOutcome) return { state: 'uncertain', reason: explain(meaning).slice(0, 200) }
  if (meaning instanceof Rejected) return { state: 'failed', reason: meaning.message.slice(0, 200) }
  return { state: 'uncertain', reason: explain(meaning).slice(0, 200) }
}

/** The connection was refused: Telegram cannot have seen the request. */
function neverLeft(error: HttpError): boolean {
  return /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/.test(String(error.error))
}
