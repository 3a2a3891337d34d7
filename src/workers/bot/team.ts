import type { Context } from '#shared/context.ts'
import { explain, Transient } from '#shared/errors.ts'
import { done, later } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { topicOfAlert } from '#shared/alert-topics.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import type { Run } from '#shared/queue/executor.ts'
import { owe } from '#shared/queue/outbox.ts'
import { readerOf } from '#shared/reader.ts'
import { adminsOf } from '#shared/roles.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import type { AlertsGroup } from '#shared/settings/alerts-group.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { isGroupLost, TokenRevoked, telegramError } from '#shared/telegram/errors.ts'
import { composed, sendComposed } from './notice-words.ts'
import { untilTurn } from './team-order.ts'
import { inTopic } from './topics.ts'

const REVOKED_MS = 15_000
const DAY_MS = 86_400_000

type Team = NonNullable<Notice['team']>

/** The admins whom a notice is for together. @returns undefined for a notice to one person */
export const teamOf = (notice: Notice): Team | undefined =>
  notice.team ?? (notice.topic && { topic: topicOfAlert(notice.text), minimum: 'admin' })

/** Sends a notice to the topic of the admins' group; no notice is lost with its group, so that each of them gets it. */
export async function tellTeam(
  app: Context,
  bot: ServedBot,
  notice: Notice,
  team: Team,
  run: Run,
): Promise<Verdict> {
  const group = await app.settings.get(alertsGroup, bot.name)
  if (!group && team.groupOnly) return done
  if (!group) {
    await tellEachAdmin(app, bot, notice, team)
    return done
  }
  const waitMs = await untilTurn(app.db, notice, team.topic)
  if (waitMs > 0) return later(waitMs, 'an earlier message goes to this topic first')
  const reader = await readerOf(app, bot.name, BigInt(group.by))
  try {
    await inTopic({ app, bot, t: reader.t, log: run.log }, group, team.topic, (chat, thread) => {
      const { text, keyboard } = composed(app, reader, notice, BigInt(chat))
      return sendComposed(
        bot.notices,
        chat,
        { text, keyboard, file: notice.file },
        { disable_notification: notice.silent, message_thread_id: thread },
      )
    })
    return done
  } catch (error) {
    if (!isGroupLost(error)) {
      const meaning = telegramError(error)
      if (meaning instanceof TokenRevoked && !bot.closing) return later(REVOKED_MS, meaning.message)
      throw meaning instanceof Transient ? meaning : error
    }
    run.log.warn({ bot: bot.name, reason: explain(error) }, 'the group takes no alerts')
    if (!team.groupOnly) await tellEachAdmin(app, bot, notice, team, { group, lack: lackOf(explain(error)) })
    return done
  }
}

type Lack = 'rights' | 'forum' | 'gone'
const LACKS: readonly [RegExp, Lack][] = [
  [/not enough rights|have no rights|CHAT_ADMIN_REQUIRED|TOPIC_CLOSED/i, 'rights'],
  [/not a (supergroup )?forum/i, 'forum'],
  [/kicked|not a member|chat not found|was deleted|CHANNEL_PRIVATE/i, 'gone'],
]

/** What the group lacks, in the words of Telegram's refusal. */
const lackOf = (reason: string): Lack | undefined => LACKS.find(([words]) => words.test(reason))?.[1]

/** @param lost why the group does not take it: the owner who connected the group hears of that once a day */
async function tellEachAdmin(
  app: Context,
  bot: ServedBot,
  theirs: Notice,
  { minimum }: Team,
  lost?: { group: AlertsGroup; lack: Lack | undefined },
): Promise<void> {
  const { team: _, topic: __, ...notice } = theirs
  await app.db.tx(async (tx) => {
    for (const personId of await adminsOf(tx, bot, minimum))
      await owe(tx, sendNotice, {
        ...notice,
        key: `${notice.key}-${personId}`,
        personId: String(personId),
      })
    if (lost?.lack)
      await owe(tx, sendNotice, {
        key: `alerts-lost-${bot.name}-${lost.lack}-${Math.floor(Date.now() / DAY_MS)}`,
        bot: bot.name,
        personId: lost.group.by,
        text: `alerts-lost-${lost.lack}`,
        params: { title: lost.group.title },
        buttons: [[['alerts-lost-open', 'a-alerts-group']]],
      })
  })
}
