import { z } from 'zod'
import { ASSETS } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { FOR_ALL, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'

/** Minor units by asset, as decimal text: JSON has no bigint. An asset without an entry has no limit. */
const amounts = z.partialRecord(z.enum(ASSETS as [Asset, ...Asset[]]), z.string().regex(/^\d{1,18}$/))
export type Amounts = Partial<Record<Asset, string>>

/** A correction above this needs a second admin. */
export const secondAdminAbove = defineSetting<Amounts>({
  key: 'second-admin-above',
  schema: amounts as z.ZodType<Amounts>,
  fallback: () => ({ TOK: '1000', RUB: '1000000', EUR: '10000', USD: '10000', USDT: '100000000' }),
})

/** What one admin may credit within 24 hours, corrections that a second admin approved included. */
export const creditsPerDay = defineSetting<Amounts>({
  key: 'credits-per-day',
  schema: amounts as z.ZodType<Amounts>,
  fallback: () => ({ TOK: '20000', RUB: '20000000', EUR: '200000', USD: '200000', USDT: '2000000000' }),
})

/** Kopecks by which a person may get more out of the shop than they put in before admins are told. */
export const gainsAbove = defineSetting<bigint>({
  key: 'gains-above',
  schema: z
    .union([z.bigint(), z.string().regex(/^\d{1,18}$/)])
    .transform(BigInt) as unknown as z.ZodType<bigint>,
  fallback: () => 100_000n,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const adminSettings: SettingGroups = {
  safety: [
    typed(secondAdminAbove, { kind: 'amounts' }),
    typed(creditsPerDay, { kind: 'amounts' }),
    typed(gainsAbove, { kind: 'money', asset: 'RUB' }, FOR_ALL),
  ],
}
