import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Context } from '#shared/context.ts'
import type { Texts } from '#shared/i18n/texts.ts'
import { callbackButton, pack } from '#shared/telegram/buttons.ts'
import type { Options } from './tables.ts'
import type { Content } from './content.ts'
import { OTHERS_READ, isLanguage } from '#shared/i18n/languages.ts'

/**
 * The link buttons of a mailing, and the button that stops mailings, which is signed for this person.
 * @param texts of the bot that sends
 */
export function keyboardOf(
  { secrets }: Pick<Context, 'secrets'>,
  texts: Texts,
  content: Content,
  { optOut }: Options,
  to: { personId: bigint; language: string },
): InlineKeyboardMarkup | undefined {
  const rows: InlineKeyboardMarkup['inline_keyboard'] = content.buttons.map((row) => [...row])
  if (optOut) {
    const words = texts.t(isLanguage(to.language) ? to.language : OTHERS_READ, 'mailings-off')
    rows.push([callbackButton(words, pack(secrets, to.personId, 'mailings-off'))])
  }
  return rows.length > 0 ? { inline_keyboard: rows } : undefined
}
