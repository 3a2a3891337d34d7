import { z } from 'zod'
import { typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import { defineSetting } from '#shared/settings/settings.ts'

/** Whether the menu has a key for the shelf; with an empty shelf the key would lead nowhere. */
export const shelfInMenu = defineSetting<boolean>({
  key: 'shelf-in-menu',
  schema: z.boolean(),
  fallback: () => false,
})

/** How many days the link of a new gift is valid; gifts that exist keep their date. */
export const giftDays = defineSetting<number>({
  key: 'gift-days',
  schema: z.number().int().min(1).max(365),
  fallback: () => 30,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const shelfSettings: SettingGroups = {
  shelf: [typed(shelfInMenu, { kind: 'flag' }), typed(giftDays, { kind: 'integer' })],
}
