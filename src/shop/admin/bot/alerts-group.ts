import { GrammyError } from 'grammy'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { ALERT_TOPICS } from '#shared/alert-topics.ts'
import { alertsGroup, type AlertsGroup } from '#shared/settings/alerts-group.ts'
import { movedTo } from '#shared/telegram/errors.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { chatNamed } from '#workers/bot/chat-named.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { keepSetting } from '#workers/bot/settings/setting-scope.ts'

/** The owner's group whose topics get this bot's alerts. */
export const adminAlertsGroup: Feature = {
  adminButtons: {
    'a-alerts-group': (chat) => showGroup(chat),
    'a-alerts-group-off': disconnect,
  },
  adminInputs: { 'a-alerts-group': connect },
  minimumRole: { 'a-alerts-group': 'owner', 'a-alerts-group-off': 'owner' },
}

async function showGroup(chat: Chat): Promise<void> {
  const group = await chat.app.settings.get(alertsGroup, chat.bot.name)
  chat.session.awaiting = { input: 'a-alerts-group', args: [] }
  await show(chat, {
    text: [
      group ? chat.t('alerts-group-on', { title: escapeHtml(group.title) }) : chat.t('alerts-group-none'),
      '',
      chat.t('alerts-group-ask', { bot: chat.ctx.me.username }),
    ].join('\n'),
    keyboard: [
      ...(group ? [[button(chat, chat.t('alerts-group-off'), 'a-alerts-group-off')]] : []),
      back(chat, 'a-settings'),
    ],
  })
}

async function connect(chat: Chat): Promise<void> {
  const id = chatNamed(chat)
  const group = await refusedAs('alerts.rights', () => connected(chat, id))
  await keepSetting(chat, alertsGroup, 'own', () => group)
  await showGroup(chat)
}

/**
 * Looks at the group and makes the topics that it does not have yet.
 * @throws UserError `alerts.forum`, `alerts.not-yours`, `alerts.rights`
 */
async function connected(chat: Chat, id: string | number): Promise<AlertsGroup> {
  const { api, me } = chat.ctx
  const there = await api.getChat(id)
  if (there.type !== 'supergroup' || !there.is_forum) throw new UserError('alerts.forum')
  const { status } = await api.getChatMember(there.id, Number(chat.personId))
  if (status !== 'administrator' && status !== 'creator') throw new UserError('alerts.not-yours')
  const own = await api.getChatMember(there.id, me.id)
  if (own.status !== 'administrator' || !own.can_manage_topics) throw new UserError('alerts.rights')
  const before = await chat.app.settings.now(chat.app.db, alertsGroup, chat.bot.name)
  const threads = before?.chat === String(there.id) ? { ...before.threads } : {}
  for (const topic of ALERT_TOPICS)
    threads[topic] ??= (
      await api.createForumTopic(there.id, chat.t(`alerts-topic-${topic}`))
    ).message_thread_id
  return {
    chat: String(there.id),
    title: shorten(there.title, 100),
    by: String(chat.personId),
    threads,
  }
}

async function refusedAs<T>(code: 'alerts.rights', work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // The number of a group that became a supergroup: Telegram knows the group by another one now.
    const moved = movedTo(error)
    if (moved !== undefined) throw new UserError('alerts.moved', { number: String(moved) })
    throw error instanceof GrammyError && [400, 403].includes(error.error_code) ? new UserError(code) : error
  }
}

async function disconnect(chat: Chat): Promise<Answer> {
  await keepSetting(chat, alertsGroup, 'own', () => null)
  await showGroup(chat)
  return { toast: chat.t('setting-saved') }
}
