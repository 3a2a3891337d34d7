import { linkFrom } from '#shop/loyalty/referrals/terms.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import type { InlineAsker, InlineOffer } from '#workers/bot/inline-offers.ts'
import { starsPremiumGoods } from '../good.ts'
import type { ResoldGood } from '../good.ts'
import { isStopped, saleStops } from '../sale-stops.ts'
import type { SaleStop } from '../sale-stops.ts'

/** Stars, Premium and gifts that can be bought now, for whoever types nothing but the bot's name. */
export const saleInline: Feature = {
  async inline(asker, { word, offset }) {
    if (word !== '' || offset > 0) return NOTHING
    const stops = await saleStops(asker.app.db)
    const offers = await Promise.all(starsPremiumGoods.map((good) => offerOf(asker, good, stops)))
    return { offers: offers.filter((offer) => offer !== undefined) }
  },
}

async function offerOf(
  asker: InlineAsker,
  good: ResoldGood,
  stops: readonly SaleStop[],
): Promise<InlineOffer | undefined> {
  const { app, bot, t } = asker
  const { settings } = app
  const [from, isShown, stopped] = await Promise.all([
    good.from(settings, bot.name),
    good.menu?.shown?.(settings, bot.name),
    isStopped(good, { settings, bot: bot.name, stops }),
  ])
  if (from === undefined || isShown === false || stopped) return undefined
  return {
    id: good.kind,
    title: t(good.menu!.text),
    price: t('inline-from', { price: asker.money(from, 'RUB') }),
    about: t(`inline-${good.kind}`),
    key: t('inline-key-good'),
    link: await linkFrom(asker, `good_${good.kind}`),
  }
}
