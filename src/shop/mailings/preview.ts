import { keyboardOf } from './keyboard.ts'
import type { Mailing } from './mailings.ts'
import type { Mailer } from './launch.ts'
import { UserError } from '#shared/errors.ts'
import { adminsOf } from '#shared/roles.ts'
import { Unreachable, telegramError } from '#shared/telegram/errors.ts'

/** Shows the mailing to these people. @returns in a sentence who has got it */
export async function sendPreview(
  mailer: Mailer,
  mailing: Mailing,
  people: readonly bigint[],
): Promise<string> {
  const count = await sendCopies(mailer, mailing, people)
  if (people.length === 1 && people[0] === mailer.personId) return mailer.t('broadcast-shown')
  const total = people.length
  return count < total
    ? mailer.t('broadcast-tested-some', { count, total })
    : mailer.t('broadcast-tested', { count })
}

/** Real copies, as recipients will see them. @returns how many of these people got them */
async function sendCopies(
  mailer: Mailer,
  { contents, options }: Mailing,
  people: readonly bigint[],
): Promise<number> {
  const { app, bot } = mailer
  let reached = 0
  for (const personId of people) {
    const person = Number(personId)
    try {
      for (const [language, content] of Object.entries(contents)) {
        const source = content.sources[bot.name]!
        if (source.messageIds.length > 1) {
          await bot.notices.copyMessages(person, source.chatId, source.messageIds)
        } else {
          await bot.notices.copyMessage(person, source.chatId, source.messageIds[0]!, {
            disable_notification: options.silent,
            reply_markup: keyboardOf(app, mailer.texts, content, options, {
              personId,
              language: language || mailer.language,
            }),
          })
        }
      }
      reached++
    } catch (error) {
      const reason = telegramError(error)
      // An admin who has not started this bot gets no test message, and the others do.
      app.log.info(
        { person, reason: reason.message },
        'a test message of a mailing was not delivered to an admin',
      )
      if (people.length > 1) continue
      throw new UserError(reason instanceof Unreachable ? 'broadcast.away' : 'broadcast.content')
    }
  }
  return reached
}

export const testersOf = ({ app, bot }: Mailer): Promise<bigint[]> => adminsOf(app.db, bot, 'read-only')
