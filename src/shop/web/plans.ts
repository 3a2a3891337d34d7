import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { payPlan, planCost, planIsForStars, stopPlan } from '#shop/loyalty/subscriptions/buying.ts'
import { readFriend } from '#shop/loyalty/subscriptions/friend.ts'
import {
  PICTURES_AT_ONCE,
  planPrices,
  plansForSale,
  readPlan,
  termsOf,
} from '#shop/loyalty/subscriptions/plans.ts'
import type { Plan } from '#shop/loyalty/subscriptions/plans.ts'
import { subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { awaitPlanMoney } from '#shop/loyalty/subscriptions/waiting.ts'
import { cardOffer } from '#shop/payments/card-offer.ts'
import { forgetCard, keptCard } from '#shop/payments/kept-cards.ts'
import { planStarsLink } from '#shop/payments/plan-invoice.ts'
import { pictureLimits } from '#shop/pictures/settings.ts'
import { draft, rowId, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'
import { plain } from './views.ts'

const code = z.string().max(40)

const plans = webRoute({ method: 'GET', path: '/plans', run: showPlans })

async function showPlans(visitor: Visitor) {
  const { app, personId, language, t } = visitor
  const [sold, running, card] = await Promise.all([
    plansForSale(app.db),
    subscriptionsOf(app.db, personId),
    keptCard(app.db, personId),
  ])
  const offer = card ? undefined : await cardOffer(visitor, running)
  return {
    running: await Promise.all(
      running.map(async ({ id, plan, expiresAt, renews }) => {
        const name = (await readPlan(app.db, plan))?.name[language] ?? plan
        const text = renews ? 'plan-running-renews' : 'plan-running'
        return { id, name, renews, text: plain(t(text, { plan: name, until: visitor.day(expiresAt) })) }
      }),
    ),
    card: card ? cardView(visitor, card.digits) : null,
    /** The payment with which a card would be kept; null = one is kept, or no plan renews from the balance. */
    offer: offer
      ? { title: plain(t('plan-card-keep')), method: offer.provider, kopecks: String(offer.sum) }
      : null,
    plans: sold.map((plan) => ({
      code: plan.code,
      name: plan.name[language],
      days: plan.days,
      prices: planPrices(visitor, plan),
    })),
  }
}

/** The kept card, by its last digits alone, and the question before it is forgotten. */
function cardView({ t }: Visitor, digits: string) {
  const words = { digits }
  const [title, ...lines] = plain(t('plan-card-forget-ask', words)).split('\n')
  return {
    text: plain(t('plan-card', words)),
    forget: t('plan-card-forget', words),
    ask: { title: title!, lines: lines.filter((line) => line.trim() !== ''), yes: t('plan-card-forget-yes') },
  }
}

/** What the plan gives and each way to pay it, with the terms that a yes agrees to. */
const plan = webRoute({
  method: 'GET',
  path: '/plans/:code',
  input: z.object({ code }),
  async run(visitor, input) {
    const found = await sold(visitor, input.code)
    const { roubles, text } = await planCost(visitor, found)
    const { atOnce } = await visitor.app.settings.get(pictureLimits)
    const name = found.name[visitor.language]
    const pictures = Math.max(atOnce, found.limits[PICTURES_AT_ONCE] ?? 0)
    const about = { name, days: found.days, discount: found.discountPercent, pictures }
    const [, ...lines] = plain(visitor.t('plan', about)).split('\n')
    const forStars = await planIsForStars(visitor, found)
    return {
      code: found.code,
      name,
      lines: lines.filter((line) => line.trim() !== ''),
      tokens: text === undefined ? null : { price: text, terms: termsOf(found, roubles) },
      stars: forStars ? visitor.money(BigInt(found.priceStars!), 'XTR') : null,
      /** The same price as a number; the yes says it again. */
      starsCount: forStars ? found.priceStars : null,
    }
  },
})

/** @throws UserError `subscription.unknown` */
async function sold({ app }: Visitor, name: string): Promise<Plan> {
  const found = /^[a-z0-9_-]+$/i.test(name) ? await readPlan(app.db, name) : undefined
  if (!found?.active) throw new UserError('subscription.unknown')
  return found
}

/**
 * Buys a period for tokens, for oneself or for a friend. If the balance is too small, an order waits for the rest and then
 * goes on by itself.
 */
const buy = webRoute({
  method: 'POST',
  path: '/plans/:code/buy',
  input: z.object({ code, terms: z.string().max(8), draft, friend: z.string().max(100).optional() }),
  buys: true,
  async run(visitor, input) {
    const { app, bot, personId, language } = visitor
    const found = await sold(visitor, input.code)
    const to = input.friend === undefined ? undefined : await readFriend(app.db, personId, input.friend)
    // A second request of the same draft for the same friend is the same gift.
    const reference = to
      ? idFrom('plan-gift', bot.name, personId, input.draft, to.id)
      : idFrom('plan-buy', bot.name, personId, input.draft)
    try {
      const { terms } = input
      const what = { personId: to?.id ?? personId, renews: !to, from: visitor.firstName }
      await payPlan(visitor, { plan: found.code, terms, reference, ...what })
      return { outcome: 'bought' as const, waiting: null, friend: to?.name ?? null }
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'balance.insufficient') throw error
      const price = found.priceTokens!
      const { roubles: agreed } = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
      const name = found.name[language]
      const order = await app.db.tx((tx) =>
        awaitPlanMoney(tx, {
          id: reference,
          plan: found,
          personId,
          bot: bot.name,
          name,
          agreed,
          ...(to && { to }),
        }),
      )
      return { outcome: 'waits' as const, waiting: order.id, friend: to?.name ?? null }
    }
  },
})

/** The invoice that Telegram renews by itself. */
const payStars = webRoute({
  method: 'POST',
  path: '/plans/:code/stars',
  input: z.object({ code, stars: z.number().int().positive() }),
  buys: true,
  async run(visitor, input) {
    const found = await sold(visitor, input.code)
    const isAsShown = found.priceStars === input.stars && (await planIsForStars(visitor, found))
    const link = isAsShown && (await planStarsLink(visitor, visitor.app.settings, found))
    if (!link) throw new UserError('subscription.changed')
    return { link }
  },
})

const stop = webRoute({
  method: 'POST',
  path: '/plans/running/:id/stop',
  input: z.object({ id: rowId }),
  async run(visitor, { id }) {
    const mine = await subscriptionsOf(visitor.app.db, visitor.personId)
    if (!mine.some((one) => one.id === id)) throw new UserError('web.unknown')
    await stopPlan(visitor, id)
    return await showPlans(visitor)
  },
})

/** Forgets the card; a second press finds none, and says the same. */
const forget = webRoute({
  method: 'POST',
  path: '/plans/card/forget',
  async run(visitor) {
    await visitor.app.db.tx((tx) => forgetCard(tx, visitor.personId))
    return { said: visitor.t('plan-card-forgotten') }
  },
})

export const planRoutes = [plans, plan, buy, payStars, stop, forget]

export type PlansAnswer = WebAnswer<typeof plans>
export type PlanAnswer = WebAnswer<typeof plan>
export type PlanBoughtAnswer = WebAnswer<typeof buy>
export type CardForgottenAnswer = WebAnswer<typeof forget>
export type PlanStarsAnswer = WebAnswer<typeof payStars>
