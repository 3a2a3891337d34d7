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

/** Every feature of the bot. The order of the rooms is the order of their lines on admins' pages. */
export const features: readonly Feature[] = [
  ...kitFeatures,
  // Receipts come before pictures, because a photographed receipt must not become the input of a picture.
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
