import type { Feature } from '#workers/bot/feature.ts'
import { adminCategories } from './admin-categories.ts'
import { adminItem } from './admin-item.ts'
import { adminShelf } from './admin-shelf.ts'
import { adminStock } from './admin-stock.ts'
import { itemScreens } from './item.ts'
import { purchaseScreens } from './purchases.ts'
import { shelf } from './shelf.ts'

/** What owners sell of their own: shelf, items, purchaseScreens, and how they are kept. */
export const shelfFeatures: readonly Feature[] = [
  shelf,
  itemScreens,
  purchaseScreens,
  adminShelf,
  adminCategories,
  adminItem,
  adminStock,
]
