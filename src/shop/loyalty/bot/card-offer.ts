import type { InlineKeyboardButton } from 'grammy/types'
import { meansOf, tokenInRoubles } from '#shared/money/exchange.ts'
import { balances } from '#shared/money/read.ts'
import { keptCard } from '#shop/payments/kept-cards.ts'
import { offeredProviders } from '#shop/payments/offered.ts'
import { limitsOf } from '#shop/payments/top-up.ts'
import type { Chat } from '#workers/bot/chat.ts'
import { button } from '#workers/bot/screen.ts'
import { readPlan } from '../subscriptions/plans.ts'
import type { Subscription } from '../subscriptions/subscriptions.ts'

/** What the screen of plans says of a card. Who has none is offered one where a plan renews from the balance. */
export async function cardOnPlans(
  chat: Chat,
  running: readonly Subscription[],
): Promise<{ lines: string[]; keys: InlineKeyboardButton[][] }> {
  const card = await keptCard(chat.app.db, chat.personId)
  if (card) {
    const words = { digits: card.digits }
    return {
      lines: ['', chat.t('plan-card', words)],
      keys: [[button(chat, chat.t('plan-card-forget', words), 'plan-card-forget')]],
    }
  }
  const offer = await cardOffer(chat, running)
  return { lines: [], keys: offer ? [[button(chat, chat.t('plan-card-keep'), 'plan-card')]] : [] }
}

/** Who keeps the card, and the payment with which it is kept: what the next period lacks, or else its whole price. */
export async function cardOffer(
  chat: Chat,
  running: readonly Subscription[],
): Promise<{ provider: string; sum: bigint } | undefined> {
  const { app, bot, personId } = chat
  const provider = (await offeredProviders(app, bot.name)).find(({ supports }) => supports.keepsCards)
  const renewing = running.find(({ renews, paidWith }) => renews && paidWith === 'balance')
  const price = provider && renewing && (await readPlan(app.db, renewing.plan))?.priceTokens
  if (!price) return undefined
  const rate = await tokenInRoubles(app.settings, bot.name)
  const { missing } = meansOf(await balances(app.db, personId), rate, price)
  const { min, max } = limitsOf(provider, 'RUB')!
  const wanted = missing > 0n ? missing : price * rate
  const sum = wanted < min ? min : wanted
  return sum > max ? undefined : { provider: provider.name, sum }
}
