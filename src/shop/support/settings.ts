import { z } from 'zod'
import { FOR_ALL, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import { defineSetting } from '#shared/settings/settings.ts'

/** How many days messages between people and support are kept. */
export const supportDays = defineSetting<number>({
  key: 'support-days',
  schema: z.number().int().min(1).max(3_650),
  fallback: () => 365,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const supportSettings: SettingGroups = {
  support: [typed(supportDays, { kind: 'integer' }, FOR_ALL)],
}
