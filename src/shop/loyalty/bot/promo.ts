import { escapeHtml } from '#shared/i18n/format.ts'
import { newId } from '#shared/ids.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { applyPromo, offerPromo } from '../promo/offer.ts'

/** Characters of a draft: a button with a code of 40 characters has no room for more. */
const DRAFT = 4

/** A person types a promo code or opens a link with one. The bot shows what the code does, and then applies it. */
export const promo: Feature = {
  commands: { promo: (chat, argument) => (argument ? offer(chat, argument) : ask(chat)) },
  buttons: { promo: (chat) => ask(chat), 'promo-use': use },
  inputs: { promo: (chat) => offer(chat, chat.ctx.message?.text ?? '') },
  links: { p: offer },
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'promo', args: [] }
  await show(chat, { text: chat.t('promo-ask'), keyboard: [back(chat, 'menu')] })
}

/** After a wrong code, also after one from a command or a link, the next message is read as a code. */
async function offer(chat: Chat, text: string): Promise<void> {
  chat.session.awaiting = { input: 'promo', args: [] }
  const { code, effect } = await offerPromo(chat, text)
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('promo-offer', { code: escapeHtml(code), effect }),
    keyboard: [
      [button(chat, chat.t('promo-apply'), ['promo-use', code, newId().slice(0, DRAFT)], 'primary')],
      back(chat, 'menu'),
    ],
  })
}

async function use(
  chat: Chat,
  [code = '', draft = chat.ctx.callbackQuery?.id ?? '']: string[],
): Promise<Answer> {
  const effect = await applyPromo(chat, { code, draft })
  await show(chat, {
    text: chat.t('promo-done', { effect }),
    keyboard: [[button(chat, chat.t('menu-balance'), 'balance')], back(chat, 'menu')],
  })
}
