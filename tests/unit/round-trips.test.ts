import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { UserError } from '#shared/errors.ts'
import { findRoundTrip } from '#shared/money/round-trips.ts'
import { conversionsOf, economyOf, priceBuyRub, sharesOf } from '#shared/settings/economy.ts'
import type { Economy, Extras, StarsPlan } from '#shared/settings/economy.ts'
import type { GetSetting, Settings } from '#shared/settings/settings.ts'
import { discountOf } from '#shop/loyalty/promo/bonus.ts'
import { rewardOf } from '#shop/loyalty/referrals/rewards.ts'
import { inCurrency } from '#shop/stars-premium/currency.ts'
import { STARS, starsOf } from '#shop/stars-premium/good.ts'
import { leftOver } from '#shop/stars-premium/margin.ts'

const config = readConfig({ DATA_DIR: '/tmp' })
const byDefault = economyOf((type) => type.fallback(config))
/** The plans that the migrations make. */
const plans = [
  { code: 'plus', stars: 150, tokens: 30n },
  { code: 'pro', stars: 450, tokens: 90n },
]
const extras: Extras = { plans, discount: 20n }
const gainOf = (economy: Economy, also: Partial<Extras> = {}) => {
  const found = findRoundTrip(conversionsOf(economy, { ...extras, ...also }))
  return found && Number((found.gain.n * 10_000n) / found.gain.d) / 10_000
}

describe('the search for round trips', () => {
  test('F76 the prices that a shop begins with have none', () => {
    expect(gainOf(byDefault)).toBeUndefined()
    expect(gainOf(byDefault, { discount: 99n })).toBeUndefined()
  })

  test('F76 names what 1,000 Stars become with prices that pay the customer', () => {
    expect(gainOf({ ...byDefault, referralPercents: [10, 3] })).toBe(1.0044)
    expect(gainOf({ ...byDefault, starPrice: '1.5' })).toBeCloseTo(1.1946, 3)
    expect(gainOf({ ...byDefault, starsPerToken: 4 })).toBeGreaterThan(1.2)
    expect(gainOf({ ...byDefault, starPrice: '0' })).toBeGreaterThan(1_000)
    expect(gainOf({ ...byDefault, priceSellRub: 1_000n })).toBeGreaterThan(1.2)
    expect(gainOf(byDefault, { plans: [{ code: 'trap', stars: 1, tokens: 1_000n }] })).toBeGreaterThan(100)
    expect(gainOf(byDefault, { bonus: 50n })).toBeGreaterThan(1.3)
    // A discount is given back only where another gift has made the tokens cheap.
    const dear = { ...byDefault, starPrice: '2.5' }
    expect(gainOf(dear, { bonus: 20n, discount: 0n })).toBeUndefined()
    expect(gainOf(dear, { bonus: 20n, discount: 50n })).toBeGreaterThan(1.1)
  })

  test('F76 joins the bots, because one wallet is spent in all of them', () => {
    const cheap = { ...byDefault, starsPerToken: 4, priceSellRub: 640n }
    const dear = byDefault
    expect(gainOf(cheap)).toBeUndefined()
    const both = [...conversionsOf(cheap, extras), ...conversionsOf(dear, extras)]
    expect(findRoundTrip(both)).toBeDefined()
  })
})

const priceText = (micro: bigint) => `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')}`

const anyEconomy = fc.record({
  starsPerToken: fc.integer({ min: 1, max: 60 }),
  priceBuyRub: fc.bigInt({ min: 1n, max: 20_000n }),
  priceSellRub: fc.bigInt({ min: 1n, max: 20_000n }),
  starPrice: fc.bigInt({ min: 1n, max: 40_000_000n }).map(priceText),
  referralPercents: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
})
/** Half of the economies leave a margin of at most 3 %, because that is where roundings would pay. */
const economies = fc.oneof(
  anyEconomy,
  fc.tuple(anyEconomy, fc.bigInt({ min: 1_000n, max: 1_030n })).map(([economy, per]) => {
    const { starsPerToken, priceSellRub, referralPercents } = economy
    const even = priceSellRub * 10_000n * (100n + sharesOf(referralPercents))
    return { ...economy, starPrice: priceText((even * per) / (100_000n * BigInt(starsPerToken)) + 1n) }
  }),
)
const somePlans = fc.array(
  fc.record({ stars: fc.integer({ min: 1, max: 500 }), tokens: fc.bigInt({ min: 1n, max: 2_000n }) }),
  { maxLength: 2 },
)
const MEMBERS = 3
const acts = fc.array(
  fc.record({
    who: fc.nat(MEMBERS - 1),
    bot: fc.nat(1),
    what: fc.constantFrom('pack', 'pack', 'plan', 'sell', 'sell', 'sell', 'picture', 'item', 'failed'),
    size: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4_000 })),
    times: fc.integer({ min: 1, max: 40 }),
  }),
  { minLength: 6, maxLength: 24 },
)

/** A reader of settings that answers like the shop's. */
const settingsOf = (economy: Economy): Settings => {
  const get: GetSetting = (type) => (type.key === 'star-price' ? economy.starPrice : undefined) as never
  return { get: async (type: never) => get(type) } as unknown as Settings
}

/** The second bot has prices of its own, or those of all bots. The share of inviters is the same in both. */
const seconds = fc.option(
  fc.record({
    starsPerToken: fc.integer({ min: 1, max: 60 }),
    priceBuyRub: fc.bigInt({ min: 1n, max: 20_000n }),
    priceSellRub: fc.bigInt({ min: 1n, max: 20_000n }),
    starPrice: fc.bigInt({ min: 1n, max: 40_000_000n }).map(priceText),
  }),
)

/** Whether the shop would keep such prices, with the plans and the best discount that it would read. */
async function isAccepted(both: Economy[], planList: StarsPlan[], percent: number): Promise<boolean> {
  const everywhere = both.map(
    (economy): GetSetting =>
      (type) =>
        economy[KEYS[type.key]!] as never,
  )
  const answers = [[{ discount: BigInt(percent) }], planList]
  try {
    for (const [index, get] of everywhere.entries()) {
      const rows = [...answers]
      const world = { everywhere, sql: { rows: async () => rows.shift() } } as never
      await priceBuyRub.together!(get, index === 0 ? '' : 'second', world)
    }
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}
const KEYS: Record<string, keyof Economy> = {
  'stars-per-token': 'starsPerToken',
  'price-buy-rub': 'priceBuyRub',
  'price-sell-rub': 'priceSellRub',
  'star-price': 'starPrice',
  'referral-percents': 'referralPercents',
}

test('F76 F83 nobody ends with more Stars than they began with: 10,000 random settings of two bots, each with a circle of friends that buys tokens, plans, pictures and own goods in both and sells', async () => {
  let accepted = 0
  let apart = 0
  let sold = 0
  await fc.assert(
    fc.asyncProperty(
      economies,
      seconds,
      somePlans,
      fc.nat(90),
      acts,
      async (economy, own, kept, percent, wanted) => {
        const planList = kept.map((plan, index) => ({ code: `p${index}`, ...plan }))
        const both = [economy, { ...economy, ...own }]
        if (!(await isAccepted(both, planList, percent))) return
        accepted++
        const sales = await playCircle(both, planList, percent, wanted)
        sold += sales
        if (own && sales > 0) apart++
      },
    ),
    { numRuns: 10_000 },
  )
  // The circle does buy, because a search that refuses everything would prove nothing.
  expect(accepted).toBeGreaterThan(1_000)
  expect(sold).toBeGreaterThan(1_000)
  expect(apart).toBeGreaterThan(100)
}, 120_000)

interface Act {
  who: number
  bot: number
  what: string
  size: number
  times: number
}

/**
 * Friend 0 invited 1, who invited 2. All purchases follow the shop's own arithmetic.
 * @returns how often Stars were sold
 */
async function playCircle(
  both: Economy[],
  planList: StarsPlan[],
  percent: number,
  wanted: Act[],
): Promise<number> {
  let stars = 0n
  let sales = 0
  const tokens = Array.from({ length: MEMBERS }, () => 0n)
  const paid = Array.from({ length: MEMBERS }, () => 0n)
  const { referralPercents } = both[0]!
  // `payableWith` counts in the same way: a token is worth what it costs where it is cheapest.
  const cheapest = {
    starsPerToken: Math.min(...both.map((one) => one.starsPerToken)),
    priceBuyRub: both.map((one) => one.priceBuyRub).toSorted((a, b) => Number(a - b))[0]!,
  }
  const pay = (who: number, amount: bigint) => {
    for (const [level, share] of referralPercents.entries()) {
      if (who - 1 - level >= 0) tokens[who - 1 - level]! += rewardOf(paid[who]!, amount, share)
    }
    paid[who]! += amount
  }
  const sell = async (who: number, economy: Economy, quantity: number) => {
    const rub = await STARS.price(settingsOf(economy), '', starsOf(quantity))
    try {
      const unit = inCurrency(rub, economy.priceSellRub, 'TOK')
      const goods = starsOf(quantity)
      const sale = { goods, currency: 'TOK', paid: unit, costRub: 1n } as const
      const most = leftOver(sale, { ...economy, ...cheapest }, 0n)
      if (most < 0n || unit > tokens[who]!) return false
      tokens[who]! -= unit - discountOf(unit, BigInt(percent), most)
      stars += BigInt(quantity)
      sales++
      return true
    } catch (error) {
      if (error instanceof UserError) return false
      throw error
    }
  }
  /**
   * A purchase of something that is no money: nothing limits its discount, and one that fails gives its price back
   * for the discount.
   */
  const spend = (who: number, price: bigint, isFailed: boolean) => {
    if (price > tokens[who]!) return
    const back = discountOf(price, BigInt(percent), null)
    tokens[who]! += back - price
    if (isFailed) tokens[who]! += price - back
  }
  for (const { who, bot, what, size, times } of wanted) {
    const plan = planList[size % 2]
    const economy = both[bot]!
    if (what === 'pack') {
      for (let time = 0; time < times; time++) {
        stars -= BigInt(size * economy.starsPerToken)
        tokens[who]! += BigInt(size)
        pay(who, BigInt(size))
      }
    } else if (what === 'plan' && plan) {
      stars -= BigInt(plan.stars)
      pay(who, plan.tokens)
    } else if (what === 'sell') await sell(who, economy, 50 + size)
    else if (what !== 'plan') spend(who, BigInt(what === 'picture' ? size % 20 : size), what === 'failed')
    if (stars > 0n) throw new Error(`${stars} Stars out of nothing`)
  }
  // In the end all that is left is spent, as far as it goes.
  for (let who = 0; who < MEMBERS; who++) {
    for (const economy of both) {
      for (let quantity = 200_000; quantity >= 50; quantity = Math.floor(quantity / 2))
        while (await sell(who, economy, quantity))
          if (stars > 0n) throw new Error(`${stars} Stars out of nothing`)
    }
  }
  expect(stars <= 0n, `${stars} Stars with ${String(sharesOf(referralPercents))} %`).toBe(true)
  return sales
}
