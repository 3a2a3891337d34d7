import { z } from 'zod'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { ASSETS, formatAmount, isAsset, readTyped } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { defineSetting } from '#shared/settings/settings.ts'
import { FOR_ALL, typed } from '#shared/settings/edit.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'

/**
 * A rule gives XP for money that moves: `xp` for every full `per` minor units of the asset in a posting of this
 * kind.
 */
const rule = z.object({
  kind: z.string().min(1).max(40),
  /** in = the person got it, out = the person gave it */
  direction: z.enum(['in', 'out']),
  asset: z.enum(ASSETS as [Asset, ...Asset[]]),
  per: z.string().regex(/^[1-9]\d{0,17}$/),
  xp: z.number().int().min(-100_000).max(100_000),
})
export type XpRule = z.infer<typeof rule>

const spent = (kind: string): XpRule[] => [
  { kind, direction: 'out', asset: 'TOK', per: '1', xp: 5 },
  { kind, direction: 'out', asset: 'RUB', per: '1000', xp: 5 },
]

/** A refund takes back the XP that its payment or its purchase gave. */
export const defaultRules = (goods: Assortment): XpRule[] => [
  { kind: 'payment', direction: 'in', asset: 'TOK', per: '1', xp: 10 },
  { kind: 'payment', direction: 'in', asset: 'RUB', per: '1000', xp: 10 },
  { kind: 'refund', direction: 'out', asset: 'TOK', per: '1', xp: -10 },
  { kind: 'refund', direction: 'out', asset: 'RUB', per: '1000', xp: -10 },
  { kind: 'refund', direction: 'in', asset: 'TOK', per: '1', xp: -5 },
  { kind: 'refund', direction: 'in', asset: 'RUB', per: '1000', xp: -5 },
  ...entryKindsOf(goods.filter((good) => good.earnsXp)).flatMap(spent),
]

/** A change holds for what happens after it. The history of the setting keeps the rules that held before. */
export const xpRules = (goods: Assortment) =>
  defineSetting<XpRule[]>({
    key: 'xp-rules',
    schema: z.array(rule).max(100),
    fallback: () => defaultRules(goods),
  })

/** XP of an activity by its kind, where the caller names no XP; `*` = every other kind. */
export const activityXp = defineSetting<Record<string, number>>({
  key: 'activity-xp',
  schema: z.record(z.string(), z.number().int().min(0).max(1_000_000)),
  fallback: () => ({ training: 20, '*': 5 }),
})

/** No activity gives more XP than this, whatever its caller asks for. */
export const activityXpLimit = defineSetting<number>({
  key: 'activity-xp-limit',
  schema: z.number().int().min(0).max(1_000_000),
  fallback: () => 1_000,
})

/** XP from level 1 to level 2; every further level takes that much more than the one before. */
export const levelBase = defineSetting<number>({
  key: 'level-base',
  schema: z.number().int().min(1).max(1_000_000),
  fallback: () => 100,
})

/** Whether people of a bot see levels, badges and the leaderboard. XP is counted all the same. */
export const levelsShown = defineSetting<boolean>({
  key: 'levels-shown',
  schema: z.boolean(),
  fallback: () => true,
})

/** Rules as admins type them, one a line: `payment in TOK 1: 10` = 10 XP for every full token paid in. */
export function readRules(text: string): unknown {
  return text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const match = /^\s*([\w-]+)\s+(in|out)\s+([A-Za-z]+)\s+(\S+)\s*:\s*([+-]?\d{1,6})\s*$/.exec(line)
      if (!match) return undefined
      const [, kind, direction, code = '', per = '', xp] = match
      const asset = code.toUpperCase()
      return isAsset(asset)
        ? { kind, direction, asset, per: String(readTyped(per, asset)), xp: Number(xp) }
        : undefined
    })
}

const writeRules = (rules: XpRule[]): string =>
  rules
    .map(({ kind, direction, asset, per, xp }) => {
      return `${kind} ${direction} ${asset} ${formatAmount(BigInt(per), asset)}: ${xp}`
    })
    .join('\n')

/** The settings of this file, by the group of the admin panel that shows them. */
export const levelSettings = (goods: Assortment): SettingGroups => ({
  levels: [
    typed(levelsShown, { kind: 'flag' }),
    typed(xpRules(goods), { kind: 'own', name: 'xp-rules', read: readRules, write: writeRules }, FOR_ALL),
    typed(activityXp, { kind: 'pairs', as: 'numbers' }),
    typed(activityXpLimit, { kind: 'integer' }),
    typed(levelBase, { kind: 'integer' }, FOR_ALL),
  ],
})
