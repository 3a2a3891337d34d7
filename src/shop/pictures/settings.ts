import { z } from 'zod'
import type { Sql } from '#shared/db/db.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { PICTURES_AT_ONCE, planLimit } from '#shop/loyalty/subscriptions/plans.ts'
import { FOR_ALL, onScreen, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'

/** Prices that an admin has set, in tokens by model id. A model without one costs what the catalogue says. */
export const picturePrices = defineSetting<Record<string, number>>({
  key: 'picture-prices',
  formerly: 'images.prices',
  schema: z.record(z.string(), z.number().int().min(0).max(1_000_000)),
  fallback: () => ({}),
})

/** Ids of models that are not offered. */
export const hiddenModels = defineSetting<string[]>({
  key: 'picture-models-hidden',
  formerly: 'images.hidden',
  schema: z.array(z.string()),
  fallback: () => [],
})

export interface PictureLimits {
  /** Pictures of one person that may be drawn at the same time, over all bots. A plan may allow more. */
  atOnce: number
  /** Pictures of one person that may wait beside those being drawn. */
  waiting: number
  /** Pictures that one person may have a day (UTC), failed ones not counted. */
  perDay: number
  /** How many of the day's pictures cost nothing. */
  freePerDay: number
}

export const pictureLimits = defineSetting<PictureLimits>({
  key: 'picture-limits',
  formerly: 'images.limits',
  schema: z.object({
    atOnce: z.number().int().min(1).max(100),
    waiting: z.number().int().min(0).max(1000),
    perDay: z.number().int().min(0).max(100_000),
    freePerDay: z.number().int().min(0).max(1000),
  }),
  fallback: () => ({ atOnce: 2, waiting: 10, perDay: 100, freePerDay: 0 }),
})

/** How many pictures of a person are drawn at once: the number for everybody, or the number of their best plan. */
export async function atOnceOf(
  sql: Sql,
  personId: bigint,
  limits: Pick<PictureLimits, 'atOnce'>,
): Promise<number> {
  return Math.max(limits.atOnce, (await planLimit(sql, personId, PICTURES_AT_ONCE)) ?? 0)
}

/** While this is on, no picture is started; pictures that are being drawn are finished. */
export const picturesPaused = defineSetting<boolean>({
  key: 'pictures-paused',
  formerly: 'images.paused',
  schema: z.boolean(),
  fallback: () => false,
})

/** Words and phrases that a prompt must not contain. */
export const refusedWords = defineSetting<string[]>({
  key: 'picture-words-refused',
  formerly: 'images.words',
  schema: z.array(z.string().min(1).max(100)).max(1000),
  fallback: () => [],
})

/** Admins are told when a provider's account has less than this, in the provider's own unit. */
export const creditsAlert = defineSetting<number>({
  key: 'picture-credits-alert',
  formerly: 'images.credits-alert',
  schema: z.number().min(0),
  fallback: () => 100,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const picturesSettings: SettingGroups = {
  images: [
    onScreen(picturePrices, 'picture-offers', undefined, { kind: 'pairs', as: 'numbers' }),
    onScreen(hiddenModels, 'picture-offers', undefined, { kind: 'texts' }),
    onScreen(pictureLimits, 'picture-limits', FOR_ALL, { kind: 'pairs', as: 'numbers' }),
    onScreen(refusedWords, 'picture-words', undefined, { kind: 'texts' }),
    onScreen(picturesPaused, 'pictures-admin', FOR_ALL),
    typed(creditsAlert, { kind: 'integer' }, FOR_ALL),
  ],
}
