import { MOST_STARS } from '#shared/config/config.ts'
import { idFrom } from '#shared/ids.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { openStarsInvoice } from './stars-invoice.ts'
import type { StarsBuyer } from './stars-invoice.ts'

/** The kinds of orders that wait for tokens. */
export type RestOf = 'plan-top-up' | 'image-top-up' | 'item-top-up'

/**
 * Stars for just the tokens that an order lacks. The same shortage is the same invoice, however often the screen is opened.
 * @param name with which the invoice's number is made, one for each kind of order
 * @returns undefined when no invoice takes such a sum, or that one is over
 */
export async function restInvoice(
  buyer: StarsBuyer,
  settings: Settings,
  { name, orderId, tokens }: { name: RestOf; orderId: string; tokens: bigint },
): Promise<{ url: string; stars: string } | undefined> {
  const rate = BigInt(await settings.get(starsPerToken, buyer.bot.name))
  const stars = tokens * rate
  if (stars <= 0n || stars > BigInt(MOST_STARS)) return undefined
  const id = idFrom(name, orderId, tokens, rate)
  const invoice = await openStarsInvoice(buyer, { id, stars, tokens, order: { id: orderId } })
  if (invoice.state !== 'open') return undefined
  return { url: invoice.link, stars: buyer.money(stars, 'XTR') }
}
