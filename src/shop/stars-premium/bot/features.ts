import type { Feature } from '#workers/bot/feature.ts'
import { saleRecipients } from './sale-recipients.ts'
import { saleChoice } from './sale-choice.ts'
import { salePay } from './sale-pay.ts'
import { saleTopUp } from './sale-top-up.ts'
import { orders } from './orders.ts'
import { saleInline } from './inline.ts'
import { resellerHome } from './admin-home.ts'
import { ordersAdmin } from './admin-orders.ts'
import { salePricesAdmin } from './admin-prices.ts'
import { resellerKeys } from './admin-keys.ts'

/** Stars and Premium for any username, and what admins see and decide of them. */
export const starsPremiumFeatures: readonly Feature[] = [
  saleRecipients,
  saleChoice,
  salePay,
  saleTopUp,
  orders,
  saleInline,
  resellerHome,
  ordersAdmin,
  salePricesAdmin,
  resellerKeys,
]
