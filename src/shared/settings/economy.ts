import { sql as q } from 'kysely'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { Sql } from '../db/db.ts'
import { MOST_STARS } from '../config/config.ts'
import { UserError, errorKey } from '../errors.ts'
import { formatAmount } from '../money.ts'
import { becomes, findRoundTrip } from '../money/round-trips.ts'
import type { Conversion, Fraction, RoundTrip } from '../money/round-trips.ts'
import { defineSetting } from './settings.ts'
import type { Language } from '../i18n/languages.ts'
import type { GetSetting, SettingType, World } from './settings.ts'
import { typed } from './edit.ts'
import type { SettingGroups } from './edit.ts'

/** Operators read English. */
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
  together(get, bot, world) {
    packsFitInvoices(get, bot)
    return noRoundTrip(get, bot, world)
  },
})

/** @throws UserError `setting.invoice` for the largest pack, when Telegram would refuse to make its invoice */
function packsFitInvoices(get: GetSetting, bot: string): void {
  const pack = Math.max(...get(starsPacks))
  const stars = pack * get(starsPerToken)
  if (stars <= MOST_STARS) return
  const most = Math.floor(MOST_STARS / pack)
  throw new UserError('setting.invoice', { pack, stars, limit: MOST_STARS, most, own: bot ? 1 : 0, bot })
}

/** Reference price at which a person buys one token, kopecks. */
export const priceBuyRub = defineSetting({
  key: 'price-buy-rub',
  schema: minorUnits,
  fallback: (config) => config.economy.priceBuyRub,
  async together(get, bot, world) {
    noCheapTokens(get, bot, world)
    await noRoundTrip(get, bot, world)
  },
})

/** Reference price at which one token counts when it is spent on something priced in roubles, kopecks. */
export const priceSellRub = defineSetting({
  key: 'price-sell-rub',
  schema: minorUnits,
  fallback: (config) => config.economy.priceSellRub,
  together: noRoundTrip,
})

/** RUB for one star, as a decimal text: 1.8 is 180 kopecks for a hundred. */
export const starPrice = defineSetting({
  key: 'star-price',
  formerly: 'stars.price',
  schema: z.string().regex(/^\d{1,9}(\.\d{1,6})?$/),
  fallback: (config) => config.economy.starPriceRub,
  together: noRoundTrip,
})

/**
 * Per cent of each payment for the inviter, for the inviter's inviter, and so on. With the prices above 12 % is what a
 * Star that is bought for tokens leaves: 5 Stars buy a token, and a token buys 4.44.
 */
export const referralPercents = defineSetting<number[]>({
  key: 'referral-percents',
  schema: z.array(z.number().int().min(1).max(50)).max(5),
  fallback: () => [10, 2],
  together: noRoundTrip,
})

/** All levels together, per cent. */
export const sharesOf = (percents: readonly number[]): bigint =>
  BigInt(percents.reduce((sum, one) => sum + one, 0))

/** The price of one Star in kopecks: 1.755 RUB are 1755/10. */
export function kopecksPerStar(price: string): Fraction {
  const [whole = '', fraction = ''] = price.split('.')
  return { n: BigInt(whole + fraction) * 100n, d: 10n ** BigInt(fraction.length) }
}

export interface Economy {
  starsPerToken: number
  priceBuyRub: bigint
  priceSellRub: bigint
  starPrice: string
  referralPercents: readonly number[]
}

/** What a plan costs in Stars, and the tokens that this payment is booked as. */
export interface StarsPlan {
  code: string
  stars: number
  tokens: bigint
}

/** What changes the rates beside the settings. */
export interface Extras {
  plans: readonly StarsPlan[]
  /** The best discount of a plan or a code, per cent. */
  discount: bigint
  /** Stars for one token where it is cheapest: what is bought in one bot is spent in another. */
  fewestStars?: number
  /** What a code adds to a top-up, per cent. */
  bonus?: bigint
}

/** Everything that becomes something else in this shop, at its best rate with what inviters and discounts add. */
export function conversionsOf(economy: Economy, extras: Extras): Conversion[] {
  const { plans, discount, bonus = 0n, fewestStars = economy.starsPerToken } = extras
  const shares = sharesOf(economy.referralPercents) + bonus
  const star = kopecksPerStar(economy.starPrice)
  const per = (n: bigint, d: bigint): Fraction => (d > 0n ? { n, d } : { n: n * FREE, d: 1n })
  const whole = 100n + shares
  return [
    { from: 'stars', to: 'tokens', by: 'pack', rate: per(whole, 100n * BigInt(economy.starsPerToken)) },
    // The tokens themselves pay for the plan; what stays is the inviters' share of them.
    ...plans.map(({ code, stars, tokens }) => ({
      from: 'stars',
      to: 'tokens',
      by: `plan ${code}`,
      rate: per(shares * tokens, 100n * BigInt(stars)),
    })),
    { from: 'card', to: 'tokens', by: 'request', rate: per(whole, 100n * economy.priceBuyRub) },
    { from: 'card', to: 'roubles', by: 'top-up', rate: per(whole, 100n) },
    { from: 'roubles', to: 'tokens', by: 'exchange', rate: per(1n, kopecksPerToken(economy)) },
    { from: 'roubles', to: 'stars', by: 'sale', rate: per(star.d, star.n) },
    { from: 'tokens', to: 'stars', by: 'sale', rate: per(economy.priceSellRub * star.d, star.n) },
    { from: 'tokens', to: 'stars', by: 'discounted sale', rate: discounted(economy, discount, fewestStars) },
  ]
}

/**
 * Kopecks for one token bought with roubles of the balance. Never less than a token counts for when it pays for something
 * that is priced in roubles, or roubles would grow on the way through tokens.
 */
export function kopecksPerToken({
  priceBuyRub: buy,
  priceSellRub: sell,
}: Pick<Economy, 'priceBuyRub' | 'priceSellRub'>): bigint {
  return buy > sell ? buy : sell
}

/** No discount leaves less than the tokens that the Stars buy again, inviters' shares included: `leftOver`. */
function discounted(economy: Economy, discount: bigint, fewestStars: number): Fraction {
  const star = kopecksPerStar(economy.starPrice)
  const given = discount < 100n ? discount : 99n
  const wanted = { n: economy.priceSellRub * star.d * 100n, d: star.n * (100n - given) }
  const most = {
    n: 100n * BigInt(fewestStars),
    d: 100n + sharesOf(economy.referralPercents),
  }
  return wanted.n * most.d < most.n * wanted.d ? wanted : most
}

/** A conversion that costs nothing counts as this many units for one. */
const FREE = 10n ** 18n

export const economyOf = (get: GetSetting): Economy => ({
  starsPerToken: get(starsPerToken),
  priceBuyRub: get(priceBuyRub),
  priceSellRub: get(priceSellRub),
  starPrice: get(starPrice),
  referralPercents: get(referralPercents),
})

/** Plans that are paid in Stars, those that only run on included, and the best discount of plans and running codes. */
async function readExtras(sql: Sql): Promise<Extras> {
  // Both by hand: the tables are of a room, which nothing here may import.
  const [row] = await sql.rows(q<{ discount: bigint }>`
    select greatest((select coalesce(max(discount_percent), 0) from plans),
      (select coalesce(max(value), 0) from promo_campaigns
       where kind = 'discount' and not paused and (ends_at is null or ends_at > now())))::bigint as discount`)
  const plans = await sql.rows(q<StarsPlan>`
    select code, price_stars as stars, price_tokens as tokens from plans
    where price_stars is not null and price_tokens is not null`)
  return { plans, discount: row!.discount }
}

/**
 * One wallet is spent in every bot, so the conversions of all bots are one graph.
 * @param bonus per cent of a code that is about to be made
 * @throws UserError `setting.round-trip` with what 1,000 Stars would become
 */
async function noRoundTrip(_: GetSetting, __: string, world: World, bonus?: bigint): Promise<void> {
  const fewestStars = Math.min(...world.everywhere.map((get) => get(starsPerToken)))
  const extras = { ...(await readExtras(world.sql)), bonus, fewestStars }
  const found = findRoundTrip(world.everywhere.flatMap((get) => conversionsOf(economyOf(get), extras)))
  if (found) throw new UserError('setting.round-trip', inWords(found, world))
}

/**
 * Tokens are money in every bot. One whose own price of a token is below what it counts for elsewhere would sell the goods
 * of the others for nearly nothing.
 * @throws UserError `setting.cheap-tokens`
 */
function noCheapTokens(get: GetSetting, bot: string, { everywhere }: World): void {
  const own = get(priceBuyRub)
  // The first one stands for all bots without values of their own.
  if (bot === '' || own >= everywhere[0]!(priceBuyRub)) return
  const counts = everywhere.map((one) => one(priceSellRub)).toSorted((a, b) => Number(b - a))[0]!
  if (own < counts)
    throw new UserError('setting.cheap-tokens', {
      price: formatAmount(own, 'RUB'),
      least: formatAmount(counts, 'RUB'),
    })
}

const STARS_IN = 1_000n

function inWords({ steps, gain }: RoundTrip, { everywhere }: World) {
  const plan = steps.find(({ by }) => by.startsWith('plan '))?.by.slice(5) ?? 'none'
  const shares = everywhere.map((get) => Number(sharesOf(get(referralPercents))))
  return { in: Number(STARS_IN), out: String(becomes(STARS_IN, gain)), shares: Math.max(...shares), plan }
}

/**
 * The same after plans or codes have changed, in their transaction.
 * @param bonus per cent that a code adds to a top-up
 * @throws UserError `setting.round-trip`
 */
export async function checkRoundTrips(settings: Context['settings'], tx: Sql, bonus?: bigint): Promise<void> {
  await settings.check(tx, {
    ...priceSellRub,
    together: (get, bot, world) => noRoundTrip(get, bot, world, bonus),
  })
}

/**
 * What the prices of the environment come to with the values that the panel keeps: neither is looked at when the other
 * one changes while nothing runs.
 * @returns what is wrong, a sentence each
 */
export async function priceProblems(app: Pick<Context, 'db' | 'settings' | 'texts'>): Promise<string[]> {
  const problems: string[] = []
  for (const [type, means] of [
    [starsPacks, 'such packs are not sold'],
    [starPrice, 'Stars are not sold for tokens where that would pay the buyer'],
  ] as const) {
    try {
      await app.settings.check(app.db, type as SettingType<unknown>)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      const says = app.texts.t(LOG, errorKey(error.code), error.params)
      problems.push(`prices of the environment and of the panel do not fit, and ${means}: ${says}`)
    }
  }
  return problems
}

/** The settings of this file, by the group of the admin panel that shows them. */
export const economySettings: SettingGroups = {
  tokens: [
    typed(starsPacks, { kind: 'integers' }),
    typed(starsPerToken, { kind: 'integer' }),
    typed(priceBuyRub, { kind: 'money', asset: 'RUB' }),
    typed(priceSellRub, { kind: 'money', asset: 'RUB' }),
  ],
}
