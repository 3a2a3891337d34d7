import { GrammyError } from 'grammy'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { ALERT_TOPICS, alertsGroup, type AlertsGroup } from '#shared/settings/alerts-group.ts'
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
  const group = await refusedAs('alerts.rights', () => makeTopics(chat, id))
  await keepSetting(chat, alertsGroup, 'own', () => group)
  await showGroup(chat)
}

/** @throws UserError `alerts.forum`, `alerts.not-yours` */
async function makeTopics(chat: Chat, id: string): Promise<AlertsGroup> {
  const { api } = chat.ctx
  const room = await api.getChat(id)
  if (room.type !== 'supergroup' || !room.is_forum) throw new UserError('alerts.forum')
  const { status } = await api.getChatMember(room.id, Number(chat.personId))
  if (status !== 'administrator' && status !== 'creator') throw new UserError('alerts.not-yours')
  const threads: Partial<AlertsGroup['threads']> = {}
  for (const topic of ALERT_TOPICS) {
    const made = await api.createForumTopic(room.id, chat.t(`alerts-topic-${topic}`))
    threads[topic] = made.message_thread_id
  }
  return {
    chat: String(room.id),
    title: shorten(room.title, 100),
    by: String(chat.personId),
    threads: threads as AlertsGroup['threads'],
  }
}

async function refusedAs<T>(code: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof GrammyError && [400, 403].includes(error.error_code) ? new UserError(code) : error
  }
}

async function disconnect(chat: Chat): Promise<Answer> {
  await keepSetting(chat, alertsGroup, 'own', () => null)
  await showGroup(chat)
  return { toast: chat.t('setting-saved') }
}
