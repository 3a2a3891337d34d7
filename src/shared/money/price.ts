import type { Context } from '../context.ts'
import type { Reader } from '../reader.ts'
import { meansFor } from './exchange.ts'

/** Who is asked for a price, in which bot and in which words. A conversation and a visitor of the pages are one. */
export interface Asked extends Pick<Reader, 't' | 'money'> {
  app: Pick<Context, 'db' | 'settings'>
  bot: { name: string }
  personId: bigint
}

/**
 * A price in tokens as the key says it: tokens, and roubles for the tokens that the person lacks, where there are
 * enough roubles.
 * @returns with `roubles` what pressing the key agrees to pay in roubles, kopecks
 */
export async function priceOf(asked: Asked, price: bigint): Promise<{ text: string; roubles: bigint }> {
  const { personId, bot, app } = asked
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price })
  const tokens = asked.money(price, 'TOK')
  if (means.lacking === 0n || means.missing > 0n) return { text: tokens, roubles: 0n }
  const roubles = asked.money(means.roubles, 'RUB')
  const own = asked.money(price - means.lacking, 'TOK')
  const text = means.lacking === price ? roubles : asked.t('price-and-roubles', { tokens: own, roubles })
  return { text, roubles: means.roubles }
}
