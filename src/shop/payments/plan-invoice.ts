import { sql as q } from 'kysely'
import { moneySql } from '#shared/money/tables.ts'
import { ahead } from '#shared/db/build.ts'
import { newId } from '#shared/ids.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import type { Plan } from '#shop/loyalty/subscriptions/plans.ts'
import { INVOICE_LIFE_MS, openStarsInvoice } from './stars-invoice.ts'
import type { StarsBuyer } from './stars-invoice.ts'

/**
 * The invoice that Telegram renews by itself. The Stars come as a payment like any other; what follows from it pays for
 * the plan, now and at each renewal.
 */
export async function planStarsLink(
  buyer: StarsBuyer & { language: Language },
  settings: Settings,
  plan: Plan,
): Promise<string | undefined> {
  const stars = plan.priceStars!
  const rate = await settings.get(starsPerToken, buyer.bot.name)
  const sums = {
    stars: BigInt(stars),
    tokens: plan.priceTokens ?? BigInt(Math.max(1, Math.ceil(stars / rate))),
  }
  const invoice = await openStarsInvoice(buyer, {
    id: (await openPayment(buyer, plan.code, sums)) ?? newId(),
    ...sums,
    plan: { code: plan.code, name: plan.name[buyer.language] },
  })
  return invoice.state === 'open' ? invoice.link : undefined
}

/** The payment that the person's link pays: looking at a plan again does not make another one while it is open. */
async function openPayment(
  { app: { db }, personId, bot }: StarsBuyer,
  plan: string,
  { stars, tokens }: { stars: bigint; tokens: bigint },
): Promise<string | undefined> {
  const [open] = await db.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('person_id', '=', personId)
      .where('bot', '=', bot.name)
      .where('provider', '=', 'stars')
      .where('state', '=', 'created')
      .where(q`details ->> 'plan'`, '=', plan)
      .where('amount', '=', stars)
      .where('credit_amount', '=', tokens)
      .where('expires_at', '>', ahead(INVOICE_LIFE_MS / 2, 'millisecond'))
      .orderBy('expires_at', 'desc')
      .limit(1),
  )
  return open?.id
}
