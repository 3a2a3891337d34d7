import type { Feature } from '#workers/bot/feature.ts'
import { profile } from './profile.ts'
import { levels } from './levels.ts'
import { subscriptions } from './subscriptions.ts'
import { planCard } from './plan-card.ts'
import { planShortage } from './plan-shortage.ts'
import { promo } from './promo.ts'
import { referral } from './referral.ts'
import { adminBadges } from './admin-badges.ts'
import { adminPlans } from './admin-plans.ts'
import { adminReferrals } from './admin-referrals.ts'
import { adminPromo } from './admin-promo.ts'

/** The screens of levels, badges, promo codes, invitations and plans. */
export const loyaltyFeatures: readonly Feature[] = [
  profile,
  levels,
  subscriptions,
  planShortage,
  planCard,
  promo,
  referral,
  adminBadges,
  adminPlans,
  adminReferrals,
  adminPromo,
]
