import type { Feature } from '../../feature.ts'
import { fragmentHome } from './home.ts'
import { fragmentKeys } from './keys.ts'
import { fragmentOrders } from './orders.ts'
import { fragmentPrices } from './prices.ts'

/** What admins see and decide of Stars and Premium. */
export const fragmentAdmin: readonly Feature[] = [fragmentHome, fragmentOrders, fragmentPrices, fragmentKeys]
