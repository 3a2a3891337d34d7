import { z } from 'zod'
import { FOR_ALL, typed } from './edit.ts'
import type { SettingGroups } from './edit.ts'
import { defineSetting } from './settings.ts'

const kopecks = z
  .union([z.bigint(), z.string().regex(/^\d{1,18}$/)])
  .transform(BigInt) as unknown as z.ZodType<bigint>

/** Kopecks, of any asset by the reference rates: above this one admin's yes is not enough. */
export const decisionSecondAbove = defineSetting<bigint>({
  key: 'decision-second-above',
  schema: kopecks,
  fallback: () => 1_000_000n,
})

/** Kopecks that one admin decides about within 24 hours: corrections, requests, codes, refunds and paybacks together. */
export const decisionsPerDay = defineSetting<bigint>({
  key: 'decisions-per-day',
  schema: kopecks,
  fallback: () => 20_000_000n,
})

/** Kopecks that a new key of the API may move with one entry, and within 24 hours. */
export const keyMostPerEntry = defineSetting<bigint>({
  key: 'key-most-per-entry',
  schema: kopecks,
  fallback: () => 1_000_000n,
})
export const keyMostPerDay = defineSetting<bigint>({
  key: 'key-most-per-day',
  schema: kopecks,
  fallback: () => 20_000_000n,
})

/**
 * Kopecks that one owner's bots may give away within 24 hours by corrections, keys, codes and requests: with one wallet
 * for all bots it can be spent in every one of them. Above it somebody who serves all bots must agree.
 */
export const mintedPerDay = defineSetting<bigint>({
  key: 'minted-per-day',
  schema: kopecks,
  fallback: () => 50_000_000n,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const decisionSettings: SettingGroups = {
  safety: [
    typed(decisionSecondAbove, { kind: 'money', asset: 'RUB' }),
    typed(decisionsPerDay, { kind: 'money', asset: 'RUB' }),
    typed(mintedPerDay, { kind: 'money', asset: 'RUB' }, FOR_ALL),
    typed(keyMostPerEntry, { kind: 'money', asset: 'RUB' }, FOR_ALL),
    typed(keyMostPerDay, { kind: 'money', asset: 'RUB' }, FOR_ALL),
  ],
}
