import { z } from 'zod'
import { onScreen } from './edit.ts'
import type { SettingForm, SettingGroups } from './edit.ts'
import { defineSetting } from './settings.ts'

/** The topics of a group into which alerts are sorted; the name of each is the text `alerts-topic-<name>`. */
export const ALERT_TOPICS = ['payments', 'orders', 'requests', 'operations'] as const
export type AlertTopic = (typeof ALERT_TOPICS)[number]

export interface AlertsGroup {
  /** Telegram's id of the group. */
  chat: string
  title: string
  /** Who connected it; alerts are in this admin's language, and go to the admins themselves when the group takes none. */
  by: string
  /** Telegram's numbers of the topics. */
  threads: Record<AlertTopic, number>
}

const thread = z.number().int().positive()

/** Where the alerts of a bot go; null = to each of its admins. */
export const alertsGroup = defineSetting<AlertsGroup | null>({
  key: 'alerts-group',
  schema: z
    .object({
      chat: z.string().regex(/^-\d{1,20}$/),
      title: z.string().max(200),
      by: z.string().regex(/^\d{1,20}$/),
      threads: z.object({ payments: thread, orders: thread, requests: thread, operations: thread }),
    })
    .nullable(),
  fallback: () => null,
})

const BEGINNINGS: [RegExp, AlertTopic][] = [
  [/^alert-(request|decision|adjustment)/, 'requests'],
  [/^(alert-(payment|payback|refund|stars)|refund-)/, 'payments'],
  [/^(alert-shelf-service|fragment-alert-(review|twice|late|contradicted))/, 'orders'],
]

/** @param text the name of the alert's text */
export const topicOfAlert = (text: string): AlertTopic =>
  BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1] ?? 'operations'

/** The topics are made by the bot, so no group is typed; `—` disconnects it. */
const form: SettingForm = {
  kind: 'own',
  name: 'alerts-group',
  read: (text) => (text === '—' ? null : undefined),
  write: (group: AlertsGroup | null) => group?.title ?? '—',
}

/** The settings of this file, by the group of the admin panel that shows them. */
export const alertSettings: SettingGroups = {
  alerts: [onScreen(alertsGroup, 'a-alerts-group', ['own'], form)],
}
