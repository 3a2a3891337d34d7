import { MOST_STARS } from '#shared/config/config.ts'
import { idFrom } from '#shared/ids.ts'
import type { Order } from '#shared/money/tables.ts'
import { starsPerToken } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { openStarsInvoice } from '#shop/payments/stars-invoice.ts'
import type { StarsBuyer } from '#shop/payments/stars-invoice.ts'

/**
 * An invoice for what an order lacks. If one invoice cannot take the whole sum, the rest is asked for after the first
 * part came.
 */
export async function shortageInvoice(
  buyer: StarsBuyer,
  settings: Settings,
  order: Order,
  missing: bigint,
): Promise<{ url: string; stars: string; parts: number } | undefined> {
  if (missing <= 0n) return undefined
  const rate = BigInt(await settings.get(starsPerToken, buyer.bot.name))
  const most = BigInt(MOST_STARS) / rate
  const tokens = missing < most ? missing : most
  const parts = Number((missing + most - 1n) / most)
  const amount = tokens * rate
  // The id depends on what is missing and not on the part: two parts of the same size are two invoices.
  const id = idFrom('order-top-up', order.id, missing, rate)
  const invoice = await openStarsInvoice(buyer, { id, stars: amount, tokens, order })
  if (invoice.state !== 'open') return undefined
  return { url: invoice.link, stars: buyer.money(amount, 'XTR'), parts }
}
