import { z } from 'zod'
import type { Context } from '#shared/context.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { Good, OrderTerms } from '#shared/good.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
import { parseAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { owe } from '#shared/queue/outbox.ts'
import { kopecksPerStar, starPrice } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { activatePremium } from './activations.ts'
import { dearestOfNeighbours, divideUp } from './price-list.ts'
import { checkMonths, checkStars, type Months, parseStars, PREMIUM_MONTHS } from './input.ts'
import { fulfilOrder, refreshCard, resumeOrder } from './jobs.ts'
import type { SupplierPrices } from './reseller/misc.ts'
import { premiumPrices, premiumWay, starsForSale, telegramGiftPrices, type Way } from './settings.ts'
import type { Goods } from './supplier.ts'
import { checkGift, giftAt, giftsOnSale, pricedGifts, type GiftShop } from './telegram-gifts.ts'

export type Kind = Goods['kind']

/** A good that is delivered to a username. `details.goods` of its orders says how much of it. */
export interface ResoldGood extends Good {
  kind: Kind
  order: OrderTerms
  /** The goods behind a number: so many units, or the gift at this place. Whether they are sold is decided by `price`. */
  pick(shop: GiftShop, bot: string, number: number): Promise<Goods>
  /** What can be bought now, as the keys show it. */
  offered(shop: GiftShop, bot: string): Promise<readonly Offer[]>
  /** The least price, in kopecks, by the settings alone, because nobody waits for a first page; undefined = not sold. */
  from(settings: Settings, bot: string): Promise<bigint | undefined>
  /** How the keys look. With `own` people may type a number: its question and its reader. */
  keys: { text: string; columns: number; own?: { ask: string; read(text: string): number } }
  /**
   * The price in kopecks, rounded up: rounding down would give a discount to whoever buys in parts.
   * @throws UserError when that many are not sold
   */
  price(settings: Settings, bot: string, goods: Goods): Promise<bigint>
  /**
   * What must still hold before money is taken, where somebody else decides what is sold.
   * @throws UserError
   */
  check?(context: Pick<Context, 'bots'>, bot: string, goods: Goods): Promise<void>
  /**
   * What they cost us.
   * @returns undefined when the supplier's list has no price
   */
  cost(prices: SupplierPrices, goods: Goods): Money | undefined
  /** Whether the reseller or the bot's own Stars deliver it. */
  way(settings: Settings, bot: string): Promise<Way>
  /** How many Stars the recipient could spend on tokens again; absent = the good cannot be spent. */
  spendable?(goods: Goods): number
  /** What else is written in the transaction that delivers it. */
  delivered?(tx: Sql, order: Order, what: { count: number; recipient: string }): Promise<void>
  /** What people often buy, for the admins' page of margins. */
  samples: readonly Goods[]
}

/** The goods behind the number that a key carries. */
export interface Offer {
  number: number
  goods: Goods
}

const fulfil: OrderTerms['fulfil'] = (tx, orderId) => owe(tx, fulfilOrder, { orderId, round: 1 })

const resume: OrderTerms['resume'] = (tx, orderId, paymentId) => owe(tx, resumeOrder, { orderId, paymentId })

const waitingOf = (kind: Kind): OrderTerms['waiting'] => ({
  title: (details) => ({
    text: `waiting-${kind}`,
    params: goodsWords((details as { goods: Goods }).goods),
  }),
  open: 'sale-top-up',
  drop: 'sale-cancel',
  roubles: false,
  over: (tx, orderId) => owe(tx, refreshCard, { orderId, version: 'over' }),
})

const stars = z.object({ kind: z.literal('stars'), quantity: z.number() })
const starsDetails = z.looseObject({ goods: stars })
export const starsOf = (quantity: number) => ({ kind: 'stars' as const, quantity })

async function starsPrice(settings: Settings, bot: string, quantity: number): Promise<bigint> {
  const { n, d } = kopecksPerStar(await settings.get(starPrice, bot))
  return divideUp(n * BigInt(checkStars(quantity)), d)
}

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
  pick: async (_shop, _bot, quantity) => starsOf(quantity),
  async offered({ settings }, bot) {
    return (await settings.get(starsForSale, bot)).map((number) => ({ number, goods: starsOf(number) }))
  },
  async from(settings, bot) {
    const [first] = await settings.get(starsForSale, bot)
    return first === undefined ? undefined : await starsPrice(settings, bot, first)
  },
  keys: { text: 'sale-pack', columns: 2, own: { ask: 'sale-quantity', read: parseStars } },
  price: (settings, bot, goods) => starsPrice(settings, bot, countOf(goods)),
  cost: (prices, goods) => dearestOfNeighbours(prices.stars, countOf(goods)),
  way: async () => 'fragment',
  spendable: countOf,
  samples: [starsOf(50), starsOf(1000)],
} satisfies ResoldGood

const premium = z.object({ kind: z.literal('premium'), months: z.literal(PREMIUM_MONTHS) })
const premiumDetails = z.looseObject({ goods: premium })
export const premiumOf = (months: number) => ({ kind: 'premium' as const, months: months as Months })

async function premiumPrice(settings: Settings, bot: string, months: Months): Promise<bigint | undefined> {
  const text = (await settings.get(premiumPrices, bot))[String(months) as '3']
  return text === undefined ? undefined : parseAmount(text, 'RUB')
}

async function premiumTerms(settings: Settings, bot: string): Promise<Months[]> {
  const prices = await settings.get(premiumPrices, bot)
  return PREMIUM_MONTHS.filter((months) => prices[String(months) as '3'] !== undefined)
}

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
  pick: async (_shop, _bot, months) => premiumOf(months),
  async offered({ settings }, bot) {
    return (await premiumTerms(settings, bot)).map((number) => ({ number, goods: premiumOf(number) }))
  },
  async from(settings, bot) {
    const [first] = await premiumTerms(settings, bot)
    return first && (await premiumPrice(settings, bot, first))
  },
  keys: { text: 'sale-term', columns: 1 },
  async price(settings, bot, goods) {
    const price = await premiumPrice(settings, bot, checkMonths(countOf(goods)))
    if (price === undefined) throw new UserError('premium.months')
    return price
  },
  cost: (prices, goods) => prices.premium.find((line) => line.months === countOf(goods))?.price,
  way: (settings, bot) => settings.get(premiumWay, bot),
  delivered: (tx, order, { count, recipient }) => activatePremium(tx, order, count, recipient),
  samples: [premiumOf(3), premiumOf(12)],
} satisfies ResoldGood

const gift = z.object({
  kind: z.literal('telegram-gift'),
  gift: z.string(),
  emoji: z.string(),
  stars: z.number(),
})
const giftDetails = z.looseObject({ goods: gift })
const giftOf = (goods: Goods) => gift.parse(goods)

/** A gift of Telegram's own, which the bot pays with its Stars. */
export const TELEGRAM_GIFT = {
  kind: 'telegram-gift',
  entry: 'telegram-gift',
  discounted: false,
  earnsXp: true,
  menu: {
    text: 'menu-telegram-gift',
    button: ['sale', 'telegram-gift'],
    shown: async (settings, bot) => (await pricedGifts(settings, bot)).length > 0,
  },
  order: {
    details: giftDetails,
    count: () => 1,
    fulfil,
    resume,
    waiting: waitingOf('telegram-gift'),
  },
  pick: giftAt,
  offered: giftsOnSale,
  async from(settings, bot) {
    const prices = Object.values(await settings.get(telegramGiftPrices, bot)).map((text) =>
      parseAmount(text, 'RUB'),
    )
    return prices.toSorted((a, b) => Number(a - b))[0]
  },
  keys: { text: 'sale-telegram-gift', columns: 2 },
  async price(settings, bot, goods) {
    const text = (await settings.get(telegramGiftPrices, bot))[giftOf(goods).gift]
    if (text === undefined) throw new UserError('gift.gone')
    return parseAmount(text, 'RUB')
  },
  check: (context, bot, goods) => checkGift(context, bot, giftOf(goods)),
  cost: () => undefined,
  way: async () => 'bot-stars',
  // Telegram turns a gift into Stars again, for less than the bot paid.
  spendable: (goods) => giftOf(goods).stars,
  samples: [],
} satisfies ResoldGood

/** `details.goods` of an order of this room. */
export const orderedGoods: z.ZodType<Goods> = z.discriminatedUnion('kind', [stars, premium, gift])

const byKind: { [K in Kind]: ResoldGood & { kind: K } } = {
  stars: STARS,
  premium: PREMIUM,
  'telegram-gift': TELEGRAM_GIFT,
}

/** The goods of this room. A good's place in the list numbers the requests for contacts, so new goods go to the end. */
export const starsPremiumGoods: readonly ResoldGood[] = Object.values(byKind)
export const resoldKinds: readonly Kind[] = starsPremiumGoods.map((good) => good.kind)

export const isKind = (text: string | undefined): text is Kind =>
  (resoldKinds as readonly (string | undefined)[]).includes(text)

export const resoldGood = (kind: Kind): ResoldGood => byKind[kind]

/** How many Stars, months or gifts. */
export function countOf(goods: Goods): number {
  return byKind[goods.kind].order.count({ goods })
}

/** The variables of texts about goods. */
export function goodsWords(goods: Goods): TextParams & { count: number; gift: string } {
  return { count: countOf(goods), gift: 'emoji' in goods ? goods.emoji : '' }
}

/** What an operation of a history says of them, in every language. */
export const goodsLabel = (goods: Goods): string => ('emoji' in goods ? goods.emoji : String(countOf(goods)))

/**
 * Owes the job that fulfils a paid order of this room.
 * @throws when the order belongs to another room
 */
export async function oweFulfilment(tx: Sql, order: Pick<Order, 'id' | 'good'>): Promise<void> {
  if (!isKind(order.good)) throw new Error(`the order ${order.id} is for ${order.good}, which is not resold`)
  await byKind[order.good].order.fulfil(tx, order.id)
}
