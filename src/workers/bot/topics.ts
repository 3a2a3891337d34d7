import type { AlertTopic } from '#shared/alert-topics.ts'
import type { Context } from '#shared/context.ts'
import { lockWord } from '#shared/db/lock.ts'
import { explain } from '#shared/errors.ts'
import type { Log } from '#shared/log.ts'
import { alertsGroup } from '#shared/settings/alerts-group.ts'
import type { AlertsGroup } from '#shared/settings/alerts-group.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { isTopicClosed, isTopicLost, movedTo } from '#shared/telegram/errors.ts'

interface Where {
  app: Pick<Context, 'db' | 'settings'>
  bot: ServedBot
  /** The names of topics in the language of whoever connected the group. */
  t: (key: string) => string
  log: Log
}

/**
 * Writes in a topic of the admins' group. A topic that is missing or deleted is made anew, a closed one is opened, and a
 * group that got another id is followed.
 * @throws what Telegram says when the group takes nothing all the same
 */
export async function inTopic(
  where: Where,
  group: AlertsGroup,
  topic: AlertTopic,
  send: (chat: number, thread: number) => Promise<unknown>,
): Promise<void> {
  const { bot, log } = where
  const thread = group.threads[topic] ?? (await makeTopic(where, group, topic))
  const chat = Number(group.chat)
  try {
    await send(chat, thread)
  } catch (error) {
    log.info({ bot: bot.name, topic, reason: explain(error) }, 'a topic of the group takes no message')
    const moved = movedTo(error)
    if (moved !== undefined) {
      const there = await keepGroup(where, group, (kept) => ({ ...kept, chat: String(moved) }))
      return await inTopic(where, there, topic, send)
    }
    if (isTopicClosed(error)) await bot.api.reopenForumTopic(chat, thread)
    else if (!isTopicLost(error)) throw error
    await send(chat, isTopicClosed(error) ? thread : await makeTopic(where, group, topic, thread))
  }
}

/**
 * Makes a topic, unless another process has made it meanwhile: then the topic of this call is deleted again.
 * @param lost the number of the topic that is there no more
 */
async function makeTopic(
  where: Where,
  group: AlertsGroup,
  topic: AlertTopic,
  lost?: number,
): Promise<number> {
  const { app, bot, t } = where
  const known = await app.settings.now(app.db, alertsGroup, bot.name)
  const there = known?.chat === group.chat ? known.threads[topic] : undefined
  if (there !== undefined && there !== lost) return there
  const { message_thread_id: made } = await bot.api.createForumTopic(
    Number(group.chat),
    t(`alerts-topic-${topic}`),
  )
  const { threads } = await keepGroup(where, group, (kept) => {
    const other = kept.threads[topic]
    return other !== undefined && other !== lost
      ? kept
      : { ...kept, threads: { ...kept.threads, [topic]: made } }
  })
  const kept = threads[topic] ?? made
  if (kept !== made) await bot.api.deleteForumTopic(Number(group.chat), made).catch(() => {})
  return kept
}

/** Changes what is kept of the group, unless the owner has connected another one meanwhile. */
async function keepGroup(
  { app, bot }: Where,
  group: AlertsGroup,
  becomes: (kept: AlertsGroup) => AlertsGroup,
): Promise<AlertsGroup> {
  const kept = await app.db.tx(async (tx) => {
    await lockWord(tx, `alerts-group ${bot.name}`)
    const now = await app.settings.now(tx, alertsGroup, bot.name)
    if (now?.chat !== group.chat) return undefined
    const value = becomes(now)
    if (value !== now) await app.settings.set(tx, alertsGroup, { value, bot: bot.name, by: BigInt(now.by) })
    return value
  })
  app.settings.forget()
  return kept ?? becomes(group)
}
