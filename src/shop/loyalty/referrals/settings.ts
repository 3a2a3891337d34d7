import { z } from 'zod'
import { referralPercents } from '#shared/settings/economy.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { FOR_ALL, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'

/** Days until a reward is paid: as long as a payment may still be refunded. Telegram returns Stars for 21 days. */
export const referralHoldDays = defineSetting<number>({
  key: 'referral-hold-days',
  schema: z.number().min(0).max(365),
  fallback: () => 21,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const referralSettings: SettingGroups = {
  friends: [
    typed(referralPercents, { kind: 'integers' }, FOR_ALL),
    typed(referralHoldDays, { kind: 'integer' }, FOR_ALL),
  ],
}
