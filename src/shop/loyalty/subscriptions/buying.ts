import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import { tokenInRoubles } from '#shared/money/exchange.ts'
import { priceOf } from '#shared/money/price.ts'
import type { Asked } from '#shared/money/price.ts'
import { shorten } from '#shared/storable.ts'
import { readPlan, termsOf } from './plans.ts'
import type { Plan } from './plans.ts'
import { MONTH_DAYS, renewsAtTelegram } from './stars.ts'
import { buyPeriod, stopRenewal, subscriptionsOf } from './subscriptions.ts'
import { tellSubscriber } from './tell.ts'

const FRIEND_NAME = 64

/**
 * What a plan costs in tokens, as the key says it.
 * @returns no text when the plan is not sold for tokens
 */
export async function planCost(
  asked: Asked,
  { priceTokens }: Plan,
): Promise<{ text?: string | undefined; roubles: bigint }> {
  return priceTokens === null ? { roubles: 0n } : await priceOf(asked, priceTokens)
}

/**
 * Whether this person can pay the plan with Stars: not if they pay for it with Stars already, because Telegram would
 * charge them twice.
 */
export async function planIsForStars({ app: { db }, personId }: Asked, plan: Plan): Promise<boolean> {
  if (!plan.active || !plan.priceStars || plan.days !== MONTH_DAYS) return false
  return !(await renewsAtTelegram(db, personId, plan.code))
}

/**
 * Pays a period with tokens, for the payer or for a friend.
 * @param what.terms the terms on the key that was pressed
 * @param what.reference comes from the key: pressing it twice buys once
 * @param what.from the payer's name, which the friend reads
 * @throws UserError `subscription.changed` when the terms have changed, `balance.insufficient`
 */
export async function payPlan(
  payer: Asked,
  {
    from,
    ...what
  }: { personId: bigint; plan: string; terms: string; renews: boolean; reference: string; from: string },
): Promise<void> {
  const { app, bot, personId } = payer
  const plan = await readPlan(app.db, what.plan)
  const { roubles: agreed } = plan ? await planCost(payer, plan) : { roubles: 0n }
  // A person who pressed the key with the price in tokens alone has agreed to no rouble.
  const roubles = plan && what.terms === termsOf(plan) ? 0n : agreed
  const rate = await tokenInRoubles(app.settings, bot.name)
  await app.db.tx(async (tx) => {
    const bought = await buyPeriod(tx, {
      payer: personId,
      bot: bot.name,
      roubles: { agreed: roubles, rate },
      ...what,
    })
    if (!bought || what.personId === personId) return
    await tellSubscriber(tx, bought, 'subscription-gift-notice', {
      params: { from: shorten(from, FRIEND_NAME) },
    })
  })
}

/** No further period is charged. The period that is paid for goes on to its end. */
export async function stopPlan(
  { app, personId }: { app: Pick<Context, 'db' | 'bots'>; personId: bigint },
  id: string,
): Promise<void> {
  const [running] = (await subscriptionsOf(app.db, personId)).filter((one) => one.id === id)
  // Telegram is told first: if it refused, it would go on charging although our table says that the plan is stopped.
  if (running?.paidWith === 'stars' && running.chargeId) {
    const bot = app.bots.get(running.bot)
    if (!bot) throw new UserError('subscription.elsewhere', { bot: running.bot })
    await bot.api.editUserStarSubscription(Number(personId), running.chargeId, true)
  }
  await stopRenewal(app.db, id, personId)
}
