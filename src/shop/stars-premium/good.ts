import { z } from 'zod'
import type { Order } from '#shared/money/tables.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { Good, OrderTerms } from '#shared/good.ts'
import { parseAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { owe } from '#shared/queue/outbox.ts'
import { kopecksPerStar, starPrice } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { activatePremium } from './activations.ts'
import { dearestOfNeighbours, divideUp } from './listed.ts'
import { checkMonths, checkStars, type Months, parseStars, PREMIUM_MONTHS } from './input.ts'
import { fulfilOrder, resumeOrder } from './jobs.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import { premiumPrices, premiumWay, starsForSale, type Way } from './settings.ts'
import type { Goods } from './supplier.ts'

export type Kind = Goods['kind']

/** A good that is delivered to a username. `details.goods` of its orders says how much of it. */
export interface ResoldGood extends Good {
  kind: Kind
  order: OrderTerms
  /** The goods for this many units. Whether that many are sold is decided by `price`. */
  of(count: number): Goods
  /** The numbers of units on the keys. */
  offered(settings: Settings, bot: string): Promise<readonly number[]>
  /** How the keys look. With `own` people may type a number: its question and its reader. */
  keys: { text: string; columns: number; own?: { ask: string; read(text: string): number } }
  /**
   * The price in kopecks, rounded up: rounding down would give a discount to whoever buys in parts.
   * @throws UserError when that many are not sold
   */
  price(settings: Settings, bot: string, count: number): Promise<bigint>
  /**
   * What this many units cost us.
   * @returns undefined when the supplier's list has no price
   */
  cost(prices: SupplierPrices, count: number): Money | undefined
  /** Whether the reseller or the bot's own Stars deliver it. */
  way(settings: Settings, bot: string): Promise<Way>
  /** How many Stars the recipient could spend on tokens again; absent = the good cannot be spent. */
  spendable?(count: number): number
  /** What else is written in the transaction that delivers it. */
  delivered?(tx: Sql, order: Order, what: { count: number; recipient: string }): Promise<void>
  /** Numbers of units that people often buy, for the admins' page of margins. */
  samples: readonly number[]
}

const fulfil: OrderTerms['fulfil'] = (tx, orderId) => owe(tx, fulfilOrder, { orderId, round: 1 })

const resume: OrderTerms['resume'] = (tx, orderId, paymentId) => owe(tx, resumeOrder, { orderId, paymentId })

const waitingOf = (kind: Kind): OrderTerms['waiting'] => ({
  title: (details) => ({
    text: `waiting-${kind}`,
    params: { count: countOf((details as { goods: Goods }).goods) },
  }),
  open: 'sale-top-up',
  drop: 'sale-cancel',
  roubles: false,
})

const stars = z.object({ kind: z.literal('stars'), quantity: z.number() })
const starsDetails = z.looseObject({ goods: stars })

export const STARS = {
  kind: 'stars',
  entry: 'stars',
  discounted: true,
  limitedBack: true,
  earnsXp: true,
  menu: { text: 'menu-stars', button: ['sale', 'stars'] },
  order: {
    details: starsDetails,
    count: (details) => starsDetails.parse(details).goods.quantity,
    fulfil,
    resume,
    waiting: waitingOf('stars'),
  },
  of: (quantity) => ({ kind: 'stars', quantity }),
  offered: (settings, bot) => settings.get(starsForSale, bot),
  keys: { text: 'sale-pack', columns: 2, own: { ask: 'sale-quantity', read: parseStars } },
  async price(settings, bot, quantity) {
    const { n, d } = kopecksPerStar(await settings.get(starPrice, bot))
    return divideUp(n * BigInt(checkStars(quantity)), d)
  },
  cost: (prices, quantity) => dearestOfNeighbours(prices.stars, quantity),
  way: async () => 'fragment',
  spendable: (quantity) => quantity,
  samples: [50, 1000],
} satisfies ResoldGood

const premium = z.object({ kind: z.literal('premium'), months: z.literal(PREMIUM_MONTHS) })
const premiumDetails = z.looseObject({ goods: premium })

export const PREMIUM = {
  kind: 'premium',
  entry: 'premium',
  discounted: true,
  limitedBack: true,
  earnsXp: true,
  menu: { text: 'menu-premium', button: ['sale', 'premium'] },
  described(description) {
    const [, months, who] = /^(\d+) · (@.+)$/.exec(description) ?? []
    return months === undefined ? undefined : { text: 'operation-premium-for', params: { months, who: who! } }
  },
  order: {
    details: premiumDetails,
    count: (details) => premiumDetails.parse(details).goods.months,
    fulfil,
    resume,
    waiting: waitingOf('premium'),
  },
  of: (months) => ({ kind: 'premium', months: months as Months }),
  async offered(settings, bot) {
    const prices = await settings.get(premiumPrices, bot)
    return PREMIUM_MONTHS.filter((months) => prices[String(months) as '3'] !== undefined)
  },
  keys: { text: 'sale-term', columns: 1 },
  async price(settings, bot, months) {
    const text = (await settings.get(premiumPrices, bot))[String(checkMonths(months)) as '3']
    if (text === undefined) throw new UserError('premium.months')
    return parseAmount(text, 'RUB')
  },
  cost: (prices, months) => prices.premium.find((line) => line.months === months)?.price,
  way: (settings, bot) => settings.get(premiumWay, bot),
  delivered: (tx, order, { count, recipient }) => activatePremium(tx, order, count, recipient),
  samples: [3, 12],
} satisfies ResoldGood

/** `details.goods` of an order of this room. */
export const orderedGoods: z.ZodType<Goods> = z.discriminatedUnion('kind', [stars, premium])

const byKind: { [K in Kind]: ResoldGood & { kind: K } } = { stars: STARS, premium: PREMIUM }

/** The goods of this room. A good's place in the list numbers the requests for contacts, so new goods go to the end. */
export const starsPremiumGoods: readonly ResoldGood[] = Object.values(byKind)
export const resoldKinds: readonly Kind[] = starsPremiumGoods.map((good) => good.kind)

export const isKind = (text: string | undefined): text is Kind =>
  (resoldKinds as readonly (string | undefined)[]).includes(text)

export const resoldGood = (kind: Kind): ResoldGood => byKind[kind]

/** How many units of it. */
export const countOf = (goods: Goods): number => byKind[goods.kind].order.count({ goods })

/**
 * Owes the job that fulfils a paid order of this room.
 * @throws when the order belongs to another room
 */
export async function oweFulfilment(tx: Sql, order: Pick<Order, 'id' | 'good'>): Promise<void> {
  if (!isKind(order.good)) throw new Error(`the order ${order.id} is for ${order.good}, which is not resold`)
  await byKind[order.good].order.fulfil(tx, order.id)
}
