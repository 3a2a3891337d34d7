import { MOST_STARS } from '#shared/config/config.ts'
import { idFrom } from '#shared/ids.ts'
import type { Card } from '#shared/money/tables.ts'
import { starsPacks, starsPerToken } from '#shared/settings/economy.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { openStarsInvoice } from './stars-invoice.ts'
import type { OpenInvoice, StarsBuyer } from './stars-invoice.ts'

/**
 * The packs that can be sold. A price that an admin set before STARS_PACKS changed may belong to a pack that no invoice
 * takes: that pack is left out.
 */
export async function packsOnSale(
  settings: Settings,
  bot: string,
): Promise<{ packs: number[]; rate: number }> {
  const [packs, rate] = await Promise.all([settings.get(starsPacks, bot), settings.get(starsPerToken, bot)])
  return { packs: packs.filter((tokens) => tokens * rate <= MOST_STARS), rate }
}

/**
 * The invoice for a pack of tokens, at the price that was shown. The same draft is the same payment.
 * @returns `changed` when the pack or its price is another one by now
 */
export async function openPack(
  buyer: StarsBuyer,
  settings: Settings,
  pack: { tokens: string; shownRate: string; draft: string; card?: Card },
): Promise<(OpenInvoice & { id: string; stars: bigint; tokens: bigint }) | { state: 'changed' }> {
  const { packs, rate } = await packsOnSale(settings, buyer.bot.name)
  const tokens = Number(pack.tokens)
  if (!packs.includes(tokens) || String(rate) !== pack.shownRate) return { state: 'changed' }
  const made = {
    id: idFrom(buyer.bot.name, buyer.personId, pack.tokens, pack.draft),
    stars: BigInt(tokens * rate),
    tokens: BigInt(tokens),
  }
  const invoice = await openStarsInvoice(buyer, { ...made, ...(pack.card && { card: pack.card }) })
  return { ...invoice, ...made }
}
