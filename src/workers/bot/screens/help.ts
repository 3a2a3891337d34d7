import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { back, button, show } from '../screen.ts'

/** What the bot can do, whom to ask, and the terms that Telegram wants a shop to show. */
export const help: Feature = {
  commands: { help: showHelp, support: showSupport, paysupport: showSupport, terms: showTerms },
  buttons: { help: showHelp, support: showSupport },
  open: ['help', 'support', 'paysupport', 'terms'],
}

async function showHelp(chat: Chat): Promise<void> {
  await show(chat, {
    text: chat.t('help'),
    keyboard: [[button(chat, chat.t('help-support'), 'support')], back(chat, 'menu')],
  })
}

async function showSupport(chat: Chat): Promise<void> {
  const { supportUrl } = chat.app.config.texts
  await show(chat, {
    text: chat.t(supportUrl ? 'support' : 'support-none', { id: String(chat.personId) }),
    keyboard: [
      ...(supportUrl ? [[{ text: chat.t('support-write'), url: supportUrl }]] : []),
      back(chat, 'help'),
    ],
  })
}

async function showTerms(chat: Chat): Promise<void> {
  const { offerUrl } = chat.app.config.texts
  await show(chat, {
    text: chat.t('terms'),
    keyboard: [...(offerUrl ? [[{ text: chat.t('profile-offer'), url: offerUrl }]] : []), back(chat, 'help')],
  })
}
