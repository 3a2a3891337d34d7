import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { dayWords } from '#shared/i18n/format.ts'
import { idFrom } from '#shared/ids.ts'
import { meansOf, tokenInRoubles } from '#shared/money/exchange.ts'
import { balances } from '#shared/money/read.ts'
import type { PaymentState } from '#shared/money/tables.ts'
import { personLanguage } from '#shared/people.ts'
import { beginCharge } from '#shop/payments/charges.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import type { KeptCard } from '#shop/payments/kept-cards.ts'
import { offeredProviders } from '#shop/payments/offered.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { receiptEmail } from '#shop/payments/receipt-email.ts'
import { limitsOf } from '#shop/payments/top-up.ts'
import { announceCharge, readCardRenewal, stepCardRenewal } from '../subscriptions/card-renewals.ts'
import { readPlan } from '../subscriptions/plans.ts'
import type { Cards } from '../subscriptions/renew.ts'
import type { Subscription } from '../subscriptions/subscriptions.ts'
import { tellSubscriber } from '../subscriptions/tell.ts'

/** A card that has no money today may have some tomorrow; the days of grace leave room for no more. */
const MOST_ATTEMPTS = 3
const DAY_SECONDS = 86_400
const MINUTE_SECONDS = 60

const REFUSED: readonly PaymentState[] = ['cancelled', 'failed', 'expired']
const UNDER_WAY: readonly PaymentState[] = ['created', 'pending']

type App = Pick<Context, 'settings' | 'config'>

/** How kept cards pay for renewals. */
export function cardsOf(app: App): Cards {
  return {
    async roubles(tx, subscription) {
      const { personId, plan, bot } = subscription
      // A card that is forgotten after it was charged has paid these roubles for this very period.
      const isCharged = (await readCardRenewal(tx, subscription))?.paymentId
      if (!isCharged && !(await keptCard(tx, personId))) return undefined
      const rate = await tokenInRoubles(app.settings, bot)
      return { agreed: ((await readPlan(tx, plan))?.priceTokens ?? 0n) * rate, rate }
    },
    async announce(tx, subscription) {
      const card = await chargeable(app, tx, subscription)
      if (!card) return false
      await announce(tx, subscription, card)
      return true
    },
    charge: (tx, subscription) => charge(app, tx, subscription),
  }
}

interface Chargeable extends KeptCard {
  /** What the card pays, kopecks; 0n = the balance is enough. */
  sum: bigint
}

/** The card of the person, and what it pays now. None where its provider would not take the charge anyway. */
async function chargeable(app: App, tx: Sql, subscription: Subscription): Promise<Chargeable | undefined> {
  const { personId, bot } = subscription
  const card = await keptCard(tx, personId)
  if (!card) return undefined
  const provider = (await offeredProviders(app, bot)).find(({ name }) => name === card.provider)
  const limits = provider?.supports.keepsCards ? limitsOf(provider, 'RUB') : undefined
  if (!provider || !limits) return undefined
  if (provider.supports.receipts && !(await receiptEmail(tx, personId))) return undefined
  const rest = await missing(app, tx, subscription)
  if (rest === undefined) return undefined
  // The smallest sum is a little more than what is missing: the difference stays on the balance.
  const sum = rest > 0n && rest < limits.min ? limits.min : rest
  return sum > limits.max ? undefined : { ...card, sum }
}

/** What the next period lacks even with all the roubles, kopecks; undefined = the plan is not sold for tokens. */
async function missing(
  { settings }: App,
  tx: Sql,
  { personId, bot, plan }: Subscription,
): Promise<bigint | undefined> {
  const price = (await readPlan(tx, plan))?.priceTokens
  if (!price) return undefined
  return meansOf(await balances(tx, personId), await tokenInRoubles(settings, bot), price).missing
}

async function announce(tx: Sql, subscription: Subscription, { digits, sum }: Chargeable): Promise<void> {
  const at = await announceCharge(tx, subscription, sum)
  // The balance is enough now. If it is not at the end, the person is told then, and charged a day later.
  if (sum === 0n) return
  await tellSubscriber(tx, subscription, 'subscription-card-notice', {
    again: String(sum),
    params: { digits, sum: { amount: sum, asset: 'RUB' }, chargeDay: dayWords(at) },
  })
}

async function charge(app: App, tx: Sql, subscription: Subscription): Promise<boolean> {
  const renewal = await readCardRenewal(tx, subscription)
  if (renewal?.paymentId)
    return await followCharge(app, tx, subscription, renewal.paymentId, renewal.attempts)
  const card = await chargeable(app, tx, subscription)
  if (!card || (renewal && renewal.attempts >= MOST_ATTEMPTS)) {
    if (renewal) await stepCardRenewal(tx, subscription, { paymentId: null })
    return false
  }
  // The money has come at this very moment, and the next run renews.
  if (card.sum === 0n && renewal)
    await stepCardRenewal(tx, subscription, { paymentId: null, seconds: MINUTE_SECONDS })
  else if (!renewal || card.sum > renewal.most) await announce(tx, subscription, card)
  else if (renewal.isDue) await begin(tx, subscription, card, renewal.attempts + 1)
  return true
}

/** The payment's number is made from the period and the attempt: two workers begin one and the same. */
async function begin(tx: Sql, subscription: Subscription, card: Chargeable, attempt: number): Promise<void> {
  const { id, period, personId, bot } = subscription
  const paymentId = idFrom('card-renewal', id, period, attempt)
  const language = await personLanguage(tx, bot, personId)
  const plan = await readPlan(tx, subscription.plan)
  await beginCharge(tx, {
    id: paymentId,
    personId,
    bot,
    provider: card.provider,
    kopecks: card.sum,
    keptWith: card.paymentId,
    digits: card.digits,
    renewal: { id, period },
    description: plan!.name[language],
    language,
  })
  await stepCardRenewal(tx, subscription, { paymentId, attempts: attempt, seconds: MINUTE_SECONDS })
}

/** @returns false when no card will pay any more and the person does not know that yet */
async function followCharge(
  app: App,
  tx: Sql,
  subscription: Subscription,
  paymentId: string,
  attempts: number,
): Promise<boolean> {
  const payment = await readPayment(tx, paymentId)
  const state = payment?.state as PaymentState | undefined
  if (payment && UNDER_WAY.includes(state!)) {
    const ageSeconds = Math.floor((Date.now() - payment.createdAt.getTime()) / 1_000)
    // The longer an outcome is unknown, the less often the renewal looks: the payment itself is asked about by its polls.
    const seconds = Math.min(Math.max(ageSeconds, MINUTE_SECONDS), 3_600)
    await stepCardRenewal(tx, subscription, { paymentId, seconds })
    return true
  }
  if (!payment || !REFUSED.includes(state!)) {
    // The card has paid: the next run renews. If the money is gone again, spent or given back, no more is charged: a period
    // is charged once.
    const isHere = payment && (await missing(app, tx, subscription)) === 0n
    await stepCardRenewal(tx, subscription, { paymentId, ...(isHere && { seconds: MINUTE_SECONDS }) })
    return isHere === true
  }
  const card = await keptCard(tx, subscription.personId)
  const isOver = card?.paymentId !== payment.details['keptWith']
  const isLast = isOver || attempts >= MOST_ATTEMPTS
  await stepCardRenewal(tx, subscription, {
    paymentId: null,
    ...(!isLast && { seconds: DAY_SECONDS }),
  })
  const what = isOver ? 'over' : isLast ? 'failed' : 'refused'
  await tellSubscriber(tx, subscription, `subscription-card-${what}-notice`, {
    again: String(attempts),
    params: {
      digits: String(payment.details['digits']),
      sum: { amount: payment.amount, asset: payment.asset },
    },
  })
  return true
}
