import type { Assortment } from '#shared/good.ts'
import { loyaltyGoods } from './loyalty/good.ts'
import { picturesGoods } from './pictures/good.ts'
import { shelfGoods } from './shelf/good.ts'
import { starsPremiumGoods } from './stars-premium/good.ts'

/** Everything that is sold, in the order of the menu. A process gets this list passed and hands it on. */
export const goods: Assortment = [...starsPremiumGoods, ...picturesGoods, ...loyaltyGoods, ...shelfGoods]
