import { z } from 'zod'
import { ASSETS } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { EFFECT_SIGNS, paidEffect } from '#shared/settings/effects.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { FOR_ALL, onScreen, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import type { Words } from '#shared/notices.ts'

/** Minor units as text: JSON has no bigint. */
const minorUnits = z.string().regex(/^\d{1,18}$/)

/** Providers that take no new payments. Payments that were begun with them are still credited. */
export const switchedOff = defineSetting<string[]>({
  key: 'payments-switched-off',
  schema: z.array(z.string()),
  fallback: () => [],
})

/**
 * Signed webhooks about less than this (minor units of the invoice) are believed without asking the provider.
 * 0 = always ask, the default: test events of the vendors are signed with the live key.
 */
export const confirmAbove = defineSetting<string>({
  key: 'payments-confirm-above',
  schema: minorUnits,
  fallback: () => '0',
})

/**
 * How much of one provider may be credited in 24 hours under references of ours that this database does not know: minor
 * units by asset, and nothing of an asset without an entry. After a restore from a backup such references are right. At
 * any other time the provider, or whoever has its key, makes money up.
 */
export const restoredPerDay = defineSetting<Partial<Record<Asset, string>>>({
  key: 'payments-restored-per-day',
  schema: z.partialRecord(z.enum(ASSETS as [Asset, ...Asset[]]), minorUnits),
  fallback: () => ({ RUB: '500000', USD: '5000', EUR: '5000', USDT: '50000000', TON: '30000000000' }),
})

/** From so many Stars on, a payment is credited when Telegram's own list has it; the update alone is not believed. */
export const starsWaitAbove = defineSetting<string>({
  key: 'payments-stars-wait-above',
  schema: minorUnits,
  fallback: () => '5000',
})

/** Presets of the top-up screen, kopecks. */
export const topUpPresets = defineSetting<string[]>({
  key: 'payments-presets',
  schema: z.array(minorUnits).min(1).max(8),
  fallback: () => ['30000', '50000', '100000', '300000'],
})

/** A request by hand from this sum on (kopecks) needs a second admin's yes. */
export const secondAdminForRequests = defineSetting<string>({
  key: 'payments-second-admin-above',
  schema: minorUnits,
  fallback: () => '1000000',
})

const methodText = z.object(inLanguages(() => z.string().min(1).max(1000)))

/** Where people send money by hand: requisites of each method. A method without requisites is not offered. */
export const manualRequisites = defineSetting<Partial<Record<ManualMethod, Words>>>({
  key: 'payments-manual-requisites',
  schema: z.object({
    card_ru: methodText.optional(),
    card_world: methodText.optional(),
    crypto: methodText.optional(),
  }),
  fallback: () => ({}),
})

export const MANUAL_METHODS = ['card_ru', 'card_world', 'crypto'] as const
export type ManualMethod = (typeof MANUAL_METHODS)[number]

/** The settings of this file, by the group of the admin panel that shows them. */
export const paymentsSettings: SettingGroups = {
  tokens: [typed(topUpPresets, { kind: 'sums', asset: 'RUB' })],
  safety: [
    typed(secondAdminForRequests, { kind: 'money', asset: 'RUB', asText: true }),
    typed(confirmAbove, { kind: 'money', asset: 'RUB', asText: true }, FOR_ALL),
    typed(starsWaitAbove, { kind: 'money', asset: 'XTR', asText: true }, FOR_ALL),
    typed(restoredPerDay, { kind: 'amounts' }, FOR_ALL),
  ],
  payments: [
    onScreen(switchedOff, 'providers'),
    onScreen(manualRequisites, 'providers'),
    typed(paidEffect, { kind: 'choice', options: EFFECT_SIGNS }),
  ],
}
