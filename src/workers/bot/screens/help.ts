import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { back, button, show } from '../screen.ts'

/** What the bot can do, and the terms that Telegram wants a shop to show. */
export const help: Feature = {
  commands: { help: showHelp, terms: showTerms },
  buttons: { help: showHelp },
  open: ['help', 'terms'],
}

async function showHelp(chat: Chat): Promise<void> {
  await show(chat, {
    text: chat.t('help'),
    keyboard: [[button(chat, chat.t('help-support'), 'support')], back(chat, 'menu')],
  })
}

async function showTerms(chat: Chat): Promise<void> {
  const { offerUrl } = chat.app.config.texts
  await show(chat, {
    text: chat.t('terms'),
    keyboard: [...(offerUrl ? [[{ text: chat.t('profile-offer'), url: offerUrl }]] : []), back(chat, 'help')],
  })
}
