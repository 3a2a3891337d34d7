import type { Feature } from '#workers/bot/feature.ts'
import { kitFeatures } from '#workers/bot/screens/features.ts'
import { adminFeatures } from './admin/bot/features.ts'
import { exportsFeatures } from './exports/bot/features.ts'
import { loyaltyFeatures } from './loyalty/bot/features.ts'
import { mailingsFeatures } from './mailings/bot/features.ts'
import { paymentsFeatures } from './payments/bot/features.ts'
import { receipts } from './payments/bot/receipts.ts'
import { picturesFeatures } from './pictures/bot/features.ts'
import { supportFeatures } from './support/bot/features.ts'
import { shelfFeatures } from './shelf/bot/features.ts'
import { webFeatures } from './web/bot/features.ts'
import { starsPremiumFeatures } from './stars-premium/bot/features.ts'

/** Every part of the bot, the rooms in the order in which their lines stand on admins' pages. */
export const features: readonly Feature[] = [
  ...kitFeatures,
  // Looks at a photo before the room of pictures does: a receipt is no picture to be.
  receipts,
  ...starsPremiumFeatures,
  ...picturesFeatures,
  ...shelfFeatures,
  ...loyaltyFeatures,
  ...paymentsFeatures,
  ...supportFeatures,
  ...adminFeatures,
  ...mailingsFeatures,
  ...exportsFeatures,
  ...webFeatures,
]
