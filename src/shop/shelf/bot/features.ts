import type { Feature } from '#workers/bot/feature.ts'
import { adminCategories } from './admin-categories.ts'
import { adminItem } from './admin-item.ts'
import { adminShelf } from './admin-shelf.ts'
import { adminServices } from './admin-services.ts'
import { askScreens } from './asking.ts'
import { adminStock } from './admin-stock.ts'
import { adminItemFile } from './item-file.ts'
import { adminItemChat } from './item-chat.ts'
import { itemScreens } from './item.ts'
import { purchaseScreens } from './purchases.ts'
import { shelf } from './shelf.ts'

/** What owners sell of their own: shelf, items, what buyers are asked, purchases, and how admins keep them. */
export const shelfFeatures: readonly Feature[] = [
  shelf,
  itemScreens,
  purchaseScreens,
  adminShelf,
  adminCategories,
  adminItem,
  adminStock,
  askScreens,
  adminServices,
  adminItemFile,
  adminItemChat,
]
