import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Options } from './mailings.ts'
import type { Content } from './content.ts'

/** Link buttons, and the one that stops mailings: signed for this person. */
export function keyboardOf(
  app: Pick<Context, 'secrets' | 'texts'>,
  content: Content,
  { optOut }: Options,
  to: { personId: bigint; language: string },
): InlineKeyboardMarkup | undefined {
  const rows: InlineKeyboardMarkup['inline_keyboard'] = content.buttons.map((row) => [...row])
  if (optOut) {
    const words = app.texts.t(to.language === 'ru' ? 'ru' : 'en', 'mailings-off')
    rows.push([callbackButton(words, pack(app.secrets, to.personId, 'mailings-off'))])
  }
  return rows.length > 0 ? { inline_keyboard: rows } : undefined
}
