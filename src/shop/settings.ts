import { economySettings } from '#shared/settings/economy.ts'
import type { SettingEntry, SettingGroups } from '#shared/settings/edit.ts'
import { decisionSettings } from '#shared/settings/decisions.ts'
import { alertSettings } from '#shared/settings/alerts-group.ts'
import { wordingSettings } from '#shared/settings/wordings.ts'
import { goods } from './goods.ts'
import { adminSettings } from './admin/settings.ts'
import { exchangeSettings } from './balance-api/exchange.ts'
import { levelSettings } from './loyalty/levels/settings.ts'
import { referralSettings } from './loyalty/referrals/settings.ts'
import { paymentsSettings } from './payments/settings.ts'
import { picturesSettings } from './pictures/settings.ts'
import { shelfSettings } from './shelf/settings.ts'
import { starsPremiumSettings } from './stars-premium/settings.ts'
import { supportSettings } from './support/settings.ts'

/** Every setting that changes without a restart. The order of this list is the order on the admins' screens. */
export const settingGroups: SettingGroups = merge([
  economySettings,
  adminSettings,
  decisionSettings,
  referralSettings,
  levelSettings(goods),
  paymentsSettings,
  exchangeSettings,
  starsPremiumSettings,
  shelfSettings,
  picturesSettings,
  supportSettings,
  wordingSettings,
  alertSettings,
])

function merge(parts: SettingGroups[]): SettingGroups {
  const groups: Record<string, SettingEntry[]> = {}
  for (const [group, entries] of parts.flatMap((part) => Object.entries(part)))
    groups[group] = [...(groups[group] ?? []), ...entries]
  return groups
}
