import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { telegramGiftPrices } from './settings.ts'
import type { TelegramGift } from './supplier.ts'

/** The gifts that Telegram sells to a bot, and those of them for which the owner has set a price. */

export type GiftShop = Pick<Context, 'settings' | 'bots'>

/**
 * What Telegram sells this bot now; what is sold out is not among it.
 * @throws UserError `gift.check` when Telegram does not say
 */
export async function giftsAtTelegram({ bots }: Pick<Context, 'bots'>, bot: string): Promise<TelegramGift[]> {
  const served = bots.get(bot)
  if (!served) throw new UserError('gift.check')
  const { gifts } = await served.api.getAvailableGifts().catch(() => {
    throw new UserError('gift.check')
  })
  return gifts
    .filter((one) => one.remaining_count !== 0 && one.personal_remaining_count !== 0)
    .map(({ id, sticker, star_count: stars }) => ({
      kind: 'telegram-gift',
      gift: id,
      emoji: sticker.emoji ?? '🎁',
      stars,
    }))
}

/** In an order that holds until the owner changes the prices: a key carries a gift's place in it. */
export async function pricedGifts(settings: Settings, bot: string): Promise<string[]> {
  return Object.keys(await settings.get(telegramGiftPrices, bot)).sort()
}

/** The gifts that can be bought now, each with its place. Telegram is asked once, and not when nothing has a price. */
export async function giftsOnSale(
  shop: GiftShop,
  bot: string,
): Promise<{ number: number; goods: TelegramGift }[]> {
  const priced = await pricedGifts(shop.settings, bot)
  if (priced.length === 0) return []
  const sold = new Map((await giftsAtTelegram(shop, bot)).map((gift) => [gift.gift, gift]))
  return priced.flatMap((gift, index) => {
    const goods = sold.get(gift)
    return goods ? [{ number: index + 1, goods }] : []
  })
}

/** @throws UserError `gift.gone` when it is sold out or has no price any more */
export async function giftAt(shop: GiftShop, bot: string, place: number): Promise<TelegramGift> {
  const found = (await giftsOnSale(shop, bot)).find(({ number }) => number === place)
  if (!found) throw new UserError('gift.gone')
  return found.goods
}

/**
 * Telegram still sells it for as many Stars as when it was chosen.
 * @throws UserError `gift.gone`, `gift.check`
 */
export async function checkGift(shop: Pick<Context, 'bots'>, bot: string, gift: TelegramGift): Promise<void> {
  const now = (await giftsAtTelegram(shop, bot)).find((one) => one.gift === gift.gift)
  if (now?.stars !== gift.stars) throw new UserError('gift.gone')
}
