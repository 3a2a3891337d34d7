import { readMailing, languagesOf } from '../mailings.ts'
import type { Mailing } from '../mailings.ts'
import { asEdit } from '../content.ts'
import type { Content } from '../content.ts'
import { keyboardOf } from '../keyboard.ts'
import { shortOfStars } from '../fee.ts'
import { adminsOf } from '#shared/roles.ts'
import { UserError } from '#shared/errors.ts'
import { isNotModified, telegramError } from '#shared/telegram/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer } from '#workers/bot/feature.ts'
import { draftOf } from './page.ts'

/** Real copies, as recipients will see them. */
export async function preview(chat: Chat, id: string, people: number[]): Promise<Answer> {
  const { contents, options } = await draftOf(chat, id)
  let reached = 0
  for (const person of people) {
    try {
      for (const [language, content] of Object.entries(contents)) {
        const source = content.sources[chat.bot.name]!
        if (source.messageIds.length > 1) {
          await chat.bot.notices.copyMessages(person, source.chatId, source.messageIds)
        } else {
          await chat.bot.notices.copyMessage(person, source.chatId, source.messageIds[0]!, {
            disable_notification: options.silent,
            reply_markup: keyboardOf(chat.app, chat.texts, content, options, {
              personId: BigInt(person),
              language: language || chat.language,
            }),
          })
        }
      }
      reached++
    } catch (error) {
      if (isNotModified(error)) continue
      // An admin who has not started this bot gets no test message, and the others do.
      chat.log.info({ person, reason: telegramError(error).message }, 'a test was not delivered')
      if (people.length === 1) throw new UserError('broadcast.content')
    }
  }
  return { toast: chat.t('broadcast-tested', { count: reached }) }
}

export async function testToAdmins(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const admins = await adminsOf(chat.app.db, chat.bot, 'read-only')
  return await preview(chat, id, admins.map(Number))
}

/** A paid mailing begins only when each bot holds the Stars for its part. */
export async function shortOf(
  chat: Chat,
  { audience, bot: home, contents }: Mailing,
): Promise<string | undefined> {
  const [short] = await shortOfStars(chat.app.db, chat.app.bots, {
    audience,
    home,
    languages: languagesOf(contents),
  })
  const stars = (count: number) => chat.money(BigInt(count), 'XTR')
  return (
    short &&
    chat.t('broadcast-no-stars', { bot: short.bot, needs: stars(short.needs), has: stars(short.has) })
  )
}

/** The mailing that an edit is about. */
export async function parentOf(chat: Chat, { parentId }: Mailing): Promise<Mailing> {
  const parent = parentId ? await readMailing(chat.app.db, parentId) : undefined
  if (!parent) throw new UserError('admin.not-found')
  return parent
}

/**
 * Checks an edit when it starts, because the parts of an album arrive one by one before that. The words of every language
 * must fit the message that was sent in this language.
 */
export async function checkEdit(chat: Chat, mailing: Mailing): Promise<void> {
  const { contents } = await parentOf(chat, mailing)
  for (const [language, content] of Object.entries(mailing.contents)) {
    const sent = language === '' ? Object.values(contents) : [sentIn(language, { contents })]
    for (const one of sent) asEdit(content, one)
  }
}

/** The content that readers of a language got. */
export const sentIn = (language: string, { contents }: Pick<Mailing, 'contents'>): Content =>
  contents[language] ?? contents[''] ?? Object.values(contents)[0]!
