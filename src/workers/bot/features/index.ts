import type { Feature } from '../feature.ts'
import { adminPaybacks } from './admin-paybacks.ts'
import { adminPayments } from './admin-payments.ts'
import { adminProviders } from './admin-providers.ts'
import { adminRequests } from './admin-requests.ts'
import { adminBadges } from './admin-badges.ts'
import { adminPlans } from './admin-plans.ts'
import { adminReferrals } from './admin-referrals.ts'
import { adminBots } from './admin-bots.ts'
import { adminBotToken } from './admin-bot-token.ts'
import { adminKeys } from './admin-keys.ts'
import { adminPromo } from './admin-promo.ts'
import { balance } from './balance.ts'
import { blocked } from './blocked.ts'
import { buy } from './buy.ts'
import { generate } from './images/generate.ts'
import { imageAdmin } from './images/admin.ts'
import { imageAdminSettings } from './images/admin-settings.ts'
import { pictures } from './images/history.ts'
import { adminFeatures } from './admin/index.ts'
import { fragmentAdmin } from './fragment-admin/index.ts'
import { help } from './help.ts'
import { levels } from './levels.ts'
import { manual } from './manual.ts'
import { menu } from './menu.ts'
import { orders } from './orders.ts'
import { pricing } from './pricing.ts'
import { profile } from './profile.ts'
import { promo } from './promo.ts'
import { referral } from './referral.ts'
import { refund } from './refund.ts'
import { saleChoice } from './sale-choice.ts'
import { salePay } from './sale-pay.ts'
import { saleRecipients } from './sale-recipients.ts'
import { saleTopUp } from './sale-top-up.ts'
import { subscriptions } from './subscriptions.ts'
import { topUp } from './top-up.ts'
import { wallets } from './wallets.ts'
import { ownWordings } from './wordings.ts'

/** Every part of the bot. */
export const features: readonly Feature[] = [
  menu,
  balance,
  buy,
  saleRecipients,
  saleChoice,
  salePay,
  saleTopUp,
  orders,
  ...fragmentAdmin,
  generate,
  pictures,
  pricing,
  profile,
  levels,
  subscriptions,
  promo,
  referral,
  help,
  blocked,
  refund,
  topUp,
  manual,
  wallets,
  adminBadges,
  adminPlans,
  adminReferrals,
  adminBots,
  adminBotToken,
  adminKeys,
  adminPromo,
  adminRequests,
  adminPayments,
  adminPaybacks,
  adminProviders,
  imageAdmin,
  imageAdminSettings,
  ownWordings,
  ...adminFeatures,
]
