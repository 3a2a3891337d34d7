import type { Feature } from '#workers/bot/feature.ts'
import { buy } from './buy.ts'
import { pricing } from './pricing.ts'
import { refund } from './refund.ts'
import { topUp } from './top-up.ts'
import { manual } from './manual.ts'
import { wallets } from './wallets.ts'
import { adminRequestMore } from './admin-request-more.ts'
import { adminRequests } from './admin-requests.ts'
import { adminPayments } from './admin-payments.ts'
import { adminPaybacks } from './admin-paybacks.ts'
import { adminUnlisted } from './admin-unlisted.ts'
import { payersAddressScreen } from './payers-address.ts'
import { adminProviders } from './admin-providers.ts'

/** Topping up, and what admins see and decide of payments. */
export const paymentsFeatures: readonly Feature[] = [
  buy,
  pricing,
  refund,
  topUp,
  manual,
  wallets,
  adminRequests,
  adminRequestMore,
  adminPayments,
  adminPaybacks,
  adminUnlisted,
  payersAddressScreen,
  adminProviders,
]
