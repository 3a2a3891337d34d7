import { linkFrom } from '#shop/loyalty/referrals/terms.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import type { InlineAsker, InlineOffer } from '#workers/bot/inline-offers.ts'
import { starsPremiumGoods } from '../good.ts'
import type { ResoldGood } from '../good.ts'

/** Stars, Premium and gifts for whoever types nothing but the bot's name, by the settings alone. */
export const saleInline: Feature = {
  async inline(asker, { word, offset }) {
    if (word !== '' || offset > 0) return NOTHING
    const offers = await Promise.all(starsPremiumGoods.map((good) => offerOf(asker, good)))
    return { offers: offers.filter((offer) => offer !== undefined) }
  },
}

async function offerOf(asker: InlineAsker, good: ResoldGood): Promise<InlineOffer | undefined> {
  const { app, bot, t } = asker
  const [from, isShown] = await Promise.all([
    good.from(app.settings, bot.name),
    good.menu?.shown?.(app.settings, bot.name),
  ])
  if (from === undefined || isShown === false) return undefined
  return {
    id: good.kind,
    title: t(good.menu!.text),
    price: t('inline-from', { price: asker.money(from, 'RUB') }),
    about: t(`inline-${good.kind}`),
    key: t('inline-key-good'),
    link: await linkFrom(asker, `good_${good.kind}`),
  }
}
