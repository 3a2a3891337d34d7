import { meansFor } from '#shared/money/exchange.ts'
import type { Chat } from './chat.ts'

/**
 * A price in tokens as the key says it: tokens, and roubles for the tokens that the person lacks, where there are
 * enough roubles.
 * @returns with `roubles` what pressing the key agrees to pay in roubles, kopecks
 */
export async function priceOf(chat: Chat, price: bigint): Promise<{ text: string; roubles: bigint }> {
  const { personId, bot, app } = chat
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const tokens = chat.money(price, 'TOK')
  if (means.lacking === 0n || means.missing > 0n) return { text: tokens, roubles: 0n }
  const roubles = chat.money(means.roubles, 'RUB')
  const own = chat.money(price - means.lacking, 'TOK')
  const text = means.lacking === price ? roubles : chat.t('price-and-roubles', { tokens: own, roubles })
  return { text, roubles: means.roubles }
}
