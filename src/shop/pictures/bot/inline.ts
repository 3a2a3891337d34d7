import { linkFrom } from '#shop/loyalty/referrals/terms.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { NOTHING } from '#workers/bot/inline-offers.ts'
import { offeredModels, pictureProviders } from '../catalogue.ts'
import { PICTURE } from '../good.ts'

/** Pictures for whoever types nothing but the bot's name. */
export const pictureInline: Feature = {
  async inline(asker, { word, offset }) {
    if (word !== '' || offset > 0) return NOTHING
    const { app, bot, t } = asker
    const drawn = await offeredModels(pictureProviders(app.config), app.settings, bot.name)
    const [least] = drawn.map(({ tokens }) => tokens).toSorted((a, b) => Number(a - b))
    if (least === undefined) return NOTHING
    return {
      offers: [
        {
          id: PICTURE.kind,
          title: t(PICTURE.menu.text),
          price: t('inline-from', { price: asker.moneyFrom(least, 'TOK') }),
          about: t('inline-image'),
          key: t('inline-key-good'),
          link: await linkFrom(asker, `good_${PICTURE.kind}`),
        },
      ],
    }
  },
}
