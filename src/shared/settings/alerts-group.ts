import { z } from 'zod'
import type { AlertTopic } from '../alert-topics.ts'
import { onScreen } from './edit.ts'
import type { SettingForm, SettingGroups } from './edit.ts'
import { defineSetting } from './settings.ts'

export interface AlertsGroup {
  /** Telegram's id of the group. */
  chat: string
  title: string
  /** Who connected it; alerts are in this admin's language, and go to the admins themselves when the group takes none. */
  by: string
  /** Telegram's numbers of the topics; one that is missing is made when something is to be written there. */
  threads: Partial<Record<AlertTopic, number>>
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
      threads: z
        .object({
          payments: thread,
          orders: thread,
          requests: thread,
          support: thread,
          operations: thread,
        })
        .partial(),
    })
    .nullable(),
  fallback: () => null,
})

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
