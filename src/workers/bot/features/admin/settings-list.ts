import { displayCurrency, exchangeRates } from '../../../../shared/api/exchange.ts'
import {
  coinRates,
  fragmentTerms,
  premiumPrices,
  premiumWay,
  starPacks,
  starPrice,
} from '../../../../shared/fragment/settings.ts'
import {
  creditsAlert,
  hiddenModels,
  imageLimits,
  imagePrices,
  imagesPaused,
  refusedWords,
} from '../../../../shared/images/settings.ts'
import {
  activityXp,
  activityXpLimit,
  levelBase,
  readRules,
  writeRules,
  xpRules,
} from '../../../../shared/levels/settings.ts'
import { ASSETS } from '../../../../shared/money.ts'
import {
  confirmAbove,
  manualRequisites,
  secondAdminAbove as secondAdminForRequests,
  switchedOff,
  topUpPresets,
} from '../../../../shared/payments/settings.ts'
import { referralHoldDays, referralPercents } from '../../../../shared/referrals/settings.ts'
import { creditsPerDay, secondAdminAbove } from '../../../../shared/settings/admin.ts'
import { UserError } from '../../../../shared/errors.ts'
import { onScreen, typed } from '../../../../shared/settings/edit.ts'
import type { Scope, SettingEntry } from '../../../../shared/settings/edit.ts'
import { priceBuyRub, priceSellRub, starsPacks, starsPerToken } from '../../../../shared/settings/economy.ts'
import { wordings } from '../../../../shared/settings/wordings.ts'

const shared: readonly Scope[] = ['all']

/** Every setting that changes without a restart, as the panel groups them; a group's name is `settings-group-<key>`. */
export const settingGroups: Readonly<Record<string, readonly SettingEntry[]>> = {
  tokens: [
    typed(starsPacks, { kind: 'integers' }),
    typed(starsPerToken, { kind: 'integer' }),
    typed(priceBuyRub, { kind: 'money', asset: 'RUB' }),
    typed(priceSellRub, { kind: 'money', asset: 'RUB' }),
    typed(topUpPresets, { kind: 'sums', asset: 'RUB' }),
    typed(displayCurrency, { kind: 'choice', options: ASSETS }),
    typed(exchangeRates, { kind: 'pairs', as: 'decimals' }),
  ],
  safety: [
    typed(secondAdminAbove, { kind: 'amounts' }),
    typed(creditsPerDay, { kind: 'amounts' }),
    typed(secondAdminForRequests, { kind: 'money', asset: 'RUB', asText: true }),
    typed(confirmAbove, { kind: 'money', asset: 'RUB', asText: true }, shared),
  ],
  friends: [
    typed(referralPercents, { kind: 'integers' }, shared),
    typed(referralHoldDays, { kind: 'integer' }, shared),
  ],
  levels: [
    typed(xpRules, { kind: 'own', name: 'xp-rules', read: readRules, write: writeRules }, shared),
    typed(activityXp, { kind: 'pairs', as: 'numbers' }),
    typed(activityXpLimit, { kind: 'integer' }),
    typed(levelBase, { kind: 'integer' }, shared),
  ],
  payments: [onScreen(switchedOff, 'providers'), onScreen(manualRequisites, 'providers')],
  stars: [
    onScreen(starPrice, 'fadmin-prices'),
    onScreen(starPacks, 'fadmin-prices'),
    onScreen(premiumPrices, 'fadmin-prices'),
    onScreen(premiumWay, 'fadmin-prices'),
    onScreen(coinRates, 'fadmin-prices', shared),
    onScreen(fragmentTerms, 'fadmin-prices', shared),
  ],
  images: [
    onScreen(imagePrices, 'iam'),
    onScreen(hiddenModels, 'iam'),
    onScreen(imageLimits, 'iall', shared),
    onScreen(refusedWords, 'iaw'),
    onScreen(imagesPaused, 'iad', shared),
    typed(creditsAlert, { kind: 'integer' }, shared),
  ],
  words: [onScreen(wordings, 'a-set-words', ['own'])],
}

/** @throws UserError `admin.not-found` when the panel shows no such setting */
export function entryOf(key: string): SettingEntry & { group: string } {
  for (const [group, entries] of Object.entries(settingGroups)) {
    const entry = entries.find(({ type }) => type.key === key)
    if (entry) return { ...entry, group }
  }
  throw new UserError('admin.not-found')
}
