import { z } from 'zod'
import type { Context } from '../context.ts'
import { MOST_STARS } from '../config/config.ts'
import { UserError } from '../errors.ts'
import { defineSetting } from './settings.ts'
import type { Language } from '../i18n/texts.ts'
import type { SettingType } from './settings.ts'
import { typed } from './edit.ts'
import type { SettingGroups } from './edit.ts'

/** What operators read is in English. */
const LOG: Language = 'en'

const minorUnits = z
  .union([z.bigint(), z.string().regex(/^\d{1,18}$/)])
  .transform(BigInt) as unknown as z.ZodType<bigint>
const positive = z.number().int().positive()

/** Tokens in each pack sold for Stars. */
export const starsPacks = defineSetting({
  key: 'stars-packs',
  schema: z.array(positive.max(1_000_000)).min(1).max(20),
  fallback: (config) => [...config.economy.starsPacks],
  together: packsFitInvoices,
})

/** Telegram Stars for one token. */
export const starsPerToken = defineSetting({
  key: 'stars-per-token',
  schema: positive.max(10_000),
  fallback: (config) => config.economy.starsPerToken,
  together: packsFitInvoices,
})

/** @throws UserError `setting.invoice` for the largest pack, when Telegram would refuse to make its invoice */
function packsFitInvoices(get: <Value>(type: SettingType<Value>) => Value, bot: string): void {
  const pack = Math.max(...get(starsPacks))
  const stars = pack * get(starsPerToken)
  if (stars <= MOST_STARS) return
  const most = Math.floor(MOST_STARS / pack)
  throw new UserError('setting.invoice', { pack, stars, limit: MOST_STARS, most, own: bot ? 1 : 0, bot })
}

/**
 * What STARS_PACKS and STARS_PER_TOKEN come to with the values that the panel keeps: neither is looked at when the other
 * one changes while nothing runs.
 * @returns what is wrong, in a sentence
 */
export async function packProblem(
  app: Pick<Context, 'db' | 'settings' | 'texts'>,
): Promise<string | undefined> {
  try {
    await app.settings.check(app.db, starsPacks)
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const says = app.texts.t(LOG, `error-${error.code.replaceAll('.', '-')}`, error.params)
    return `prices of the environment and of the panel do not fit, and such packs are not sold: ${says}`
  }
}

/** Reference price at which a person buys one token, kopecks. */
export const priceBuyRub = defineSetting({
  key: 'price-buy-rub',
  schema: minorUnits,
  fallback: (config) => config.economy.priceBuyRub,
})

/** Reference price at which one token counts when it is spent on something priced in roubles, kopecks. */
export const priceSellRub = defineSetting({
  key: 'price-sell-rub',
  schema: minorUnits,
  fallback: (config) => config.economy.priceSellRub,
})

/** The settings of this file, by the group of the admin panel that shows them. */
export const economySettings: SettingGroups = {
  tokens: [
    typed(starsPacks, { kind: 'integers' }),
    typed(starsPerToken, { kind: 'integer' }),
    typed(priceBuyRub, { kind: 'money', asset: 'RUB' }),
    typed(priceSellRub, { kind: 'money', asset: 'RUB' }),
  ],
}
