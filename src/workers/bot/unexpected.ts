import type { Chat } from './chat.ts'
import { button, send } from './screen.ts'

/** Where the words stand that the bot could not use, until the person says what they are. */
export const UNHEARD = 'unheard'
/** More words than support takes in one message are not kept. */
const MOST = 2_000

/** A message that answers no question of the bot: it may be a question to people, so one key hands it on to support. */
export async function sayUnexpected(chat: Chat): Promise<void> {
  const { text = '' } = chat.ctx.message ?? {}
  const { supportUrl } = chat.app.config.texts
  if (text.length <= MOST) chat.session[UNHEARD] = text
  const support = supportUrl
    ? { text: chat.t('support-write'), url: supportUrl }
    : button(chat, chat.t('support-pass'), 'support-pass')
  await send(chat, {
    text: chat.t('unexpected-text'),
    keyboard: [[support], [button(chat, chat.t('menu-open'), 'menu')]],
  })
}
