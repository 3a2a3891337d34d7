import { loyaltySql } from '../tables.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { chooseLanguage } from '#shared/people.ts'
import { readerIn } from '#shared/reader.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { levelsShown } from '../levels/settings.ts'
import { levelLine } from './levels.ts'
import { shorten } from '#shared/storable.ts'

/** The screen of a person's own data: their level and plan, the language of this bot, and the papers. */
export const profile: Feature = {
  commands: { profile: (chat) => showProfile(chat), settings: (chat) => showProfile(chat) },
  open: ['language'],
  buttons: { profile: (chat) => showProfile(chat), language: setLanguage },
}

async function showProfile(chat: Chat): Promise<void> {
  const { offerUrl, privacyUrl } = chat.app.config.texts
  const from = chat.ctx.from!
  const papers = [
    ...(offerUrl ? [{ text: chat.t('profile-offer'), url: offerUrl }] : []),
    ...(privacyUrl ? [{ text: chat.t('profile-privacy'), url: privacyUrl }] : []),
  ]
  const [shown, [mailings]] = await Promise.all([
    chat.app.settings.get(levelsShown, chat.bot.name),
    chat.app.db.rows(
      loyaltySql
        .selectFrom('bot_sessions')
        .select(({ eb }) => eb('mailings_off_at', 'is not', null).as('off'))
        .where('bot', '=', chat.bot.name)
        .where('person_id', '=', chat.personId),
    ),
  ])
  const mailingsWay = mailings?.off ? 'mailings-on' : 'mailings-off'
  const level = shown ? await levelLine(chat) : ''
  await show(chat, {
    text: chat.t('profile', {
      level,
      name: escapeHtml(shorten([from.first_name, from.last_name].filter(Boolean).join(' '), 64)),
      id: String(from.id),
    }),
    keyboard: [
      LANGUAGES.map((language) =>
        button(chat, `${language === chat.language ? '✓ ' : ''}${chat.texts.t(language, 'language-name')}`, [
          'language',
          language,
        ]),
      ),
      [
        ...(shown ? [button(chat, chat.t('level-open'), 'level')] : []),
        button(chat, chat.t('subscriptions-open'), 'plans'),
      ],
      [button(chat, chat.t(mailingsWay), mailingsWay)],
      ...(papers.length > 0 ? [papers] : []),
      back(chat, 'menu'),
    ],
  })
}

async function setLanguage(chat: Chat, [language]: string[]): Promise<Answer> {
  if (!LANGUAGES.includes(language as Language)) return
  await chooseLanguage(chat.app.db, {
    bot: chat.bot.name,
    personId: chat.personId,
    language: language as Language,
  })
  const translated: Chat = {
    ...chat,
    ...readerIn(chat.texts, language as Language),
  }
  await showProfile(translated)
  return { toast: translated.t('language-changed') }
}
