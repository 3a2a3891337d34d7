import { controlCards } from './controls.js'
import { guidePanel } from './guide.js'
import { mishapLists } from './mishaps.js'
import { moneyCheck } from './money-check.js'
import { latestNumbers, watchProduct } from './product.js'
import { shopPanel } from './shop.js'
import { stationsOf } from './stations.js'
import { h } from '../js/dom.js'
import { state } from '../js/store.js'
import { t } from '../js/words.js'
import { api } from './api.js'
import { words } from './words.js'

/** What the shop adds to the page of the simulated Telegram; page/js/extra.js of the package says how. */
export const extra = {
  words,
  start: () => void watchProduct(),
  tabs: (own) => ({
    guide: { title: 'tabGuide', panel: guidePanel },
    ...own,
    shop: { title: 'tabShop', panel: shopPanel },
  }),
  stations: stationsOf,
  numbers: latestNumbers,
  faultParts,
  // The shop answers at the address of this page, by whatever name the reader has come to it.
  miniApp: ({ pathname, search, hash }) => `${pathname}${search}${hash}`,
}

/** The switches of the providers, the parts of the shop, and the check of its money. */
function faultParts() {
  const mishaps = mishapLists()
  return {
    row: mishaps.speed,
    element: [
      mishaps.element,
      state.config.controls.length > 0 ? h('h2', {}, t('controls')) : null,
      controlCards(),
      h('h2', {}, t('moneyTitle')),
      moneyCheck(),
    ],
    async look() {
      const now = await api.mishaps()
      return () => mishaps.paint(now)
    },
    reset: api.endMishaps,
  }
}
