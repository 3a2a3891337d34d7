import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { meansOf, tokenInRoubles } from '#shared/money/exchange.ts'
import { readOrder } from '#shared/money/orders.ts'
import { balances } from '#shared/money/read.ts'
import { PLAN } from '#shop/loyalty/good.ts'
import { rateOfNext, renewalTerms } from '#shop/loyalty/subscriptions/agreed.ts'
import { subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import type { Subscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { keptCard } from './kept-cards.ts'
import { offeredProviders } from './offered.ts'
import { limitsOf } from './top-up.ts'

interface Person {
  app: Pick<Context, 'db' | 'settings' | 'config'>
  bot: { name: string }
  personId: bigint
}

const renewingOf = (running: readonly Subscription[]) =>
  running.find(({ renews, paidWith }) => renews && paidWith === 'balance')

/** Who keeps the card, and the payment with which it is kept: what the next period lacks, or else its whole price. */
export async function cardOffer(
  { app, bot, personId }: Person,
  running: readonly Subscription[],
): Promise<{ provider: string; sum: bigint } | undefined> {
  const provider = (await offeredProviders(app, bot.name)).find(({ supports }) => supports.keepsCards)
  const renewing = renewingOf(running)
  const terms = provider && renewing && (await renewalTerms(app.db, renewing))
  if (!terms || terms.price === null) return undefined
  const { price } = terms
  const rate = rateOfNext(await tokenInRoubles(app.settings, bot.name), terms.rate)
  const { missing } = meansOf(await balances(app.db, personId), rate, price)
  const { min, max } = limitsOf(provider, 'RUB')!
  const wanted = missing > 0n ? missing : price * rate
  const sum = wanted < min ? min : wanted
  return sum > max ? undefined : { provider: provider.name, sum }
}

/** A card is kept for the renewals of one's own plan: for nothing else is anybody offered that. */
export async function isForOwnPlan(sql: Sql, orderId: string): Promise<boolean> {
  const order = orderId ? await readOrder(sql, orderId) : undefined
  return order?.good === PLAN.kind && order.details['to'] === undefined
}

/** Whether a payment may keep the card: it is for one's own plan, or for no order while a plan renews without a card. */
export async function mayKeepCard(
  { app: { db }, personId }: Pick<Person, 'personId'> & { app: Pick<Context, 'db'> },
  orderId: string | undefined,
): Promise<boolean> {
  if (orderId) return await isForOwnPlan(db, orderId)
  const [running, card] = await Promise.all([subscriptionsOf(db, personId), keptCard(db, personId)])
  return !card && renewingOf(running) !== undefined
}
