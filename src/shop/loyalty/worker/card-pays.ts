import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { dayWords } from '#shared/i18n/format.ts'
import { idFrom } from '#shared/ids.ts'
import { meansOf, tokenInRoubles } from '#shared/money/exchange.ts'
import { balances } from '#shared/money/read.ts'
import type { Balance } from '#shared/money/read.ts'
import type { PaymentState } from '#shared/money/tables.ts'
import { personLanguage } from '#shared/people.ts'
import { reachableBot } from '#shared/reachable.ts'
import { beginCharge, chargeAgain, isUnknownCharge } from '#shop/payments/charges.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import type { KeptCard } from '#shop/payments/kept-cards.ts'
import { offeredProviders } from '#shop/payments/offered.ts'
import { readPayment } from '#shop/payments/payments.ts'
import { receiptEmail } from '#shop/payments/receipt-email.ts'
import { limitsOf } from '#shop/payments/top-up.ts'
import {
  announceCharge,
  isBeingCharged,
  readCardRenewal,
  stepCardRenewal,
} from '../subscriptions/card-renewals.ts'
import { rateOfNext, renewalTerms } from '../subscriptions/agreed.ts'
import { pricesBefore } from '../subscriptions/before.ts'
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
      // A card that is forgotten after it was charged has paid these roubles for this very period.
      const isCharged = (await readCardRenewal(tx, subscription))?.paymentId
      if (!isCharged && !(await keptCard(tx, subscription.personId))) return undefined
      const { price, rate } = await termsIn(app, tx, subscription)
      return { agreed: (price ?? 0n) * rate, rate }
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
  /** What the card would pay now, kopecks; 0n = the balance is enough. */
  sum: bigint
  /** What it pays if the person's other plans that end before have taken their price from the balance. */
  most: bigint
  /** What the period costs now, and kopecks for one of the tokens that the balance lacks. */
  price: bigint
  rate: bigint
}

/** The card of the person, and what it pays now. None where its provider would not take the charge anyway. */
async function chargeable(app: App, tx: Sql, subscription: Subscription): Promise<Chargeable | undefined> {
  const { personId, bot } = subscription
  const card = await keptCard(tx, personId)
  // Nobody is charged who cannot be told before: every bot is blocked by the person, or gone.
  if (!card || !(await reachableBot(tx, personId, bot))) return undefined
  const provider = (await offeredProviders(app, bot)).find(({ name }) => name === card.provider)
  const limits = provider?.supports.keepsCards ? limitsOf(provider, 'RUB') : undefined
  if (!provider || !limits) return undefined
  if (provider.supports.receipts && !(await receiptEmail(tx, personId))) return undefined
  const cost = await costOf(app, tx, subscription)
  if (!cost) return undefined
  const { missing, missingThen, ...terms } = cost
  // The smallest sum is a little more than what is missing: the difference stays on the balance.
  const payable = (rest: bigint) => (rest > 0n && rest < limits.min ? limits.min : rest)
  const [sum, most] = [payable(missing), payable(missingThen)]
  if (sum > limits.max) return undefined
  return { ...card, ...terms, sum, most: most > limits.max ? limits.max : most }
}

/**
 * What the next period costs, and what it lacks even with all the roubles, kopecks: now, and when the plans before it are
 * paid. Undefined = the plan is not sold for tokens.
 */
async function costOf(
  app: App,
  tx: Sql,
  subscription: Subscription,
): Promise<{ price: bigint; rate: bigint; missing: bigint; missingThen: bigint } | undefined> {
  const { price, rate } = await termsIn(app, tx, subscription)
  if (!price) return undefined
  const wallet = await balances(tx, subscription.personId)
  let then = wallet
  for (const before of await pricesBefore(tx, subscription.id))
    then = after(then, before.price, rateOfNext(await tokenInRoubles(app.settings, before.bot), before.rate))
  const { missing } = meansOf(wallet, rate, price)
  return { price, rate, missing, missingThen: meansOf(then, rate, price).missing }
}

/** What the next period costs in tokens, and a missing token in kopecks. */
async function termsIn(
  { settings }: App,
  tx: Sql,
  { id, bot }: Subscription,
): Promise<{ price: bigint | null; rate: bigint }> {
  const { price, rate } = await renewalTerms(tx, { id })
  return { price, rate: rateOfNext(await tokenInRoubles(settings, bot), rate) }
}

/** The balance when a plan has taken its price from it: tokens first, then the roubles that buy the rest of them. */
function after(wallet: readonly Balance[], price: bigint, rate: bigint): Balance[] {
  const { lacking, roubles, missing } = meansOf(wallet, rate, price)
  const taken: Partial<Record<string, bigint>> = { TOK: price - lacking, RUB: roubles - missing }
  return wallet.map((one) => ({ ...one, available: one.available - (taken[one.asset] ?? 0n) }))
}

async function announce(
  tx: Sql,
  subscription: Subscription,
  { digits, most: sum, paymentId }: Chargeable,
): Promise<void> {
  const at = await announceCharge(tx, subscription, sum)
  // The balance is enough now. If it is not at the end, the person is told then, and charged a day later.
  if (sum === 0n) return
  await tellSubscriber(tx, subscription, 'subscription-card-notice', {
    again: `${sum}-${paymentId}`,
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
  else if (renewal.isDue) {
    // Two plans count on one balance: the second charge waits until the first has bought its period, or has failed.
    if (await isBeingCharged(tx, subscription.personId))
      await stepCardRenewal(tx, subscription, { paymentId: null, seconds: MINUTE_SECONDS })
    else await begin(tx, subscription, card, renewal.attempts + 1)
  }
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
    renewal: { id, period, terms: { price: String(card.price), rate: String(card.rate) } },
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
  if (payment && (UNDER_WAY.includes(state!) || isUnknownCharge(payment))) {
    const ageSeconds = Math.floor((Date.now() - payment.createdAt.getTime()) / 1_000)
    // The longer an outcome is unknown, the less often the renewal looks: the payment itself is asked about by its polls.
    const seconds = Math.min(Math.max(ageSeconds, MINUTE_SECONDS), 3_600)
    await stepCardRenewal(tx, subscription, { paymentId, seconds })
    // The job's own tries are over after two hours, and nobody has asked the provider since.
    if (state === 'created') await chargeAgain(tx, paymentId)
    return true
  }
  if (!payment || !REFUSED.includes(state!)) {
    // The card has paid and the period was not bought at once: some money was spent meanwhile, or given back. If it is here
    // again, the next run renews. No more is charged: a period is charged once.
    const isHere = payment && (await costOf(app, tx, subscription))?.missing === 0n
    await stepCardRenewal(tx, subscription, { paymentId, ...(isHere && { seconds: MINUTE_SECONDS }) })
    return isHere === true
  }
  const isOver = payment.details['cardIsOver'] === true
  const card = await keptCard(tx, subscription.personId)
  if (!isOver && card?.paymentId !== payment.details['keptWith']) {
    // The person has forgotten this card themselves. If they keep another one, they are told what that one pays.
    await stepCardRenewal(tx, subscription, { paymentId: null, ...(card && { seconds: 0 }) })
    return card !== undefined
  }
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
