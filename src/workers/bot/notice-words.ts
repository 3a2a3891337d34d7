import type { Api } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { inHtml, money } from '#shared/i18n/format.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { providerName } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import { isFileRefused } from '#shared/telegram/errors.ts'

/** Telegram's limit for the words below a photo or a file, in characters without the tags. */
const CAPTION_LENGTH = 1_024

interface Composed {
  text: string
  keyboard: InlineKeyboardButton[][]
  /** A text of the notice with its variables. */
  words: (key: string, params?: Notice['params']) => string
}

/** A notice in the words of its reader. @param target the chat to which its keys are bound */
export function composed(
  app: Pick<Context, 'secrets'>,
  reader: Reader,
  notice: Notice,
  target: bigint,
): Composed {
  const { texts, language } = reader
  const words = (key: string, params = notice.params) => texts.t(language, key, noticeWords(reader, params))
  const onKey = (key: string) => texts.t(language, key, written(reader, notice.params))
  return {
    words,
    text: [words(notice.text), ...(notice.list ?? []).map((one) => words(one.text, one.params))].join('\n\n'),
    keyboard: [
      ...(notice.links ?? []).map(({ text: key, url }) => [{ text: onKey(key), url }]),
      ...(notice.buttons ?? []).map((row) =>
        row.map(([key = '', ...route]) => {
          const [name = '', ...args] = route
          return callbackButton(onKey(key), pack(app.secrets, target, name, ...args))
        }),
      ),
    ],
  }
}

/**
 * Sends a notice: its file with the text below, or the text alone where it is too long or Telegram refuses the file.
 * @returns the message's id
 */
export async function sendComposed(
  api: Api,
  chat: number,
  { text, keyboard, file }: Pick<Composed, 'text' | 'keyboard'> & Pick<Notice, 'file'>,
  more: {
    disable_notification?: boolean | undefined
    message_effect_id?: string
    message_thread_id?: number
  },
): Promise<number> {
  const options = {
    parse_mode: 'HTML' as const,
    ...more,
    ...(keyboard.length > 0 && { reply_markup: { inline_keyboard: keyboard } }),
  }
  if (file && shownLength(text) <= CAPTION_LENGTH)
    try {
      const below = { ...options, caption: text }
      const sent = await (file.kind === 'photo'
        ? api.sendPhoto(chat, file.id, below)
        : api.sendDocument(chat, file.id, below))
      return sent.message_id
    } catch (error) {
      if (!isFileRefused(error)) throw error
    }
  const sent = await api.sendMessage(chat, text, { ...options, link_preview_options: { is_disabled: true } })
  return sent.message_id
}

/** How many characters of an HTML text Telegram counts. */
export const shownLength = (html: string): number =>
  html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(?:lt|gt|amp|quot|#\d+);/g, '.').length

/** The variables of a notice, ready for its text. */
export const noticeWords = (reader: Named, params: Notice['params']): TextParams =>
  inHtml(written(reader, params))

/** An act of the audit log in the reader's words. */
function actName({ texts, language }: Named, action: string): string {
  const key = `audit-${action.replaceAll('.', '-')}`
  return texts.has(language, key) ? texts.t(language, key) : action
}

/** A reason of ours is the name of its text; what a vendor says is quoted as it came. */
const reasonName = ({ texts, language }: Named, reason: string): string =>
  texts.has(language, reason) ? texts.t(language, reason) : reason

type Named = Pick<Reader, 'texts' | 'language'>

/** The variables with sums formatted for the reader, and providers by the names that people know. */
function written(reader: Named, params: Notice['params']): TextParams {
  const { language } = reader
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value !== 'object'
        ? name === 'provider'
          ? providerName(reader, String(value))
          : name === 'action'
            ? actName(reader, String(value))
            : name === 'reason'
              ? reasonName(reader, String(value))
              : value
        : 'amount' in value
          ? money(language, BigInt(value.amount), value.asset)
          : value[language],
    ]),
  )
}
