import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Asset } from '#shared/money.ts'
import type { Criteria } from './levels/criteria.ts'
import { planTables } from './plan-tables.ts'

export const ProgressTable = defineEntity({
  name: 'Progress',
  tableName: 'progress',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
    xp: p.bigint().defaultRaw('0'),
    announcedLevel: p.integer().default(1),
    updatedAt: p.datetime().defaultRaw('now()'),
    spendingsKept: p.boolean().default(false),
  },
})

export const SpendingTable = defineEntity({
  name: 'Spending',
  tableName: 'spendings',
  properties: {
    personId: p.bigint().primary(),
    kind: p.text().primary(),
    asset: p.text().primary().$type<Asset>(),
    amount: p.bigint(),
  },
})

export const PlaceMarkTable = defineEntity({
  name: 'PlaceMark',
  tableName: 'place_marks',
  properties: {
    place: p.integer().primary().autoincrement(false),
    xp: p.bigint(),
    personId: p.bigint(),
  },
})

export const XpEventTable = defineEntity({
  name: 'XpEvent',
  tableName: 'xp_events',
  properties: {
    source: p.text().primary(),
    personId: p.bigint(),
    xp: p.integer(),
    bot: p.text().nullable(),
    at: p.datetime(),
  },
})

export const BadgeTable = defineEntity({
  name: 'Badge',
  tableName: 'badges',
  properties: {
    code: p.text().primary(),
    name: p.json<Record<Language, string>>(),
    description: p.json<Record<Language, string>>(),
    criteria: p.json<Criteria>(),
    sign: p.text().default('🏅'),
    active: p.boolean().default(true),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const BadgeAwardTable = defineEntity({
  name: 'BadgeAward',
  tableName: 'badge_awards',
  properties: {
    badge: p.text().primary(),
    personId: p.bigint().primary(),
    bot: p.text().nullable(),
    givenBy: p.bigint().nullable(),
    givenAt: p.datetime().defaultRaw('now()'),
  },
})

export const FollowPositionTable = defineEntity({
  name: 'FollowPosition',
  tableName: 'follow_position',
  properties: {
    one: p.boolean().primary().default(true),
    postingId: p.bigint(),
  },
})

export const FollowedPostingTable = defineEntity({
  name: 'FollowedPosting',
  tableName: 'followed_postings',
  properties: {
    postingId: p.bigint().primary().autoincrement(false),
  },
})

export const PromoCampaignTable = defineEntity({
  name: 'PromoCampaign',
  tableName: 'promo_campaigns',
  properties: {
    id: p.bigint().primary().autoincrement(),
    name: p.text(),
    kind: p.text().$type<'amount' | 'tokens' | 'percent' | 'discount' | 'days'>(),
    value: p.bigint(),
    asset: p.text().$type<Asset>().nullable(),
    product: p.text().nullable(),
    plan: p.text().nullable(),
    bot: p.text().nullable(),
    perPerson: p.integer().default(1),
    firstPurchaseOnly: p.boolean().default(false),
    minimum: p.bigint().defaultRaw('0'),
    maximumBonus: p.bigint().nullable(),
    startsAt: p.datetime().nullable(),
    endsAt: p.datetime().nullable(),
    paused: p.boolean().default(false),
    createdBy: p.bigint(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const PromoCodeTable = defineEntity({
  name: 'PromoCode',
  tableName: 'promo_codes',
  properties: {
    code: p.text().primary(),
    campaignId: p.bigint(),
    usesLeft: p.integer(),
    uses: p.integer().default(0),
  },
})

export const PromoUseTable = defineEntity({
  name: 'PromoUse',
  tableName: 'promo_uses',
  properties: {
    id: p.bigint().primary().autoincrement(),
    code: p.text(),
    campaignId: p.bigint(),
    personId: p.bigint(),
    number: p.integer(),
    bot: p.text(),
    idempotencyKey: p.text().nullable(),
    state: p.text().$type<'waiting' | 'given' | 'taken_back'>(),
    asset: p.text().$type<Asset>().nullable(),
    given: p.bigint().nullable(),
    usedFor: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    givenAt: p.datetime().nullable(),
  },
})

export const ReferralTable = defineEntity({
  name: 'Referral',
  tableName: 'referrals',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
    inviterId: p.bigint(),
    bot: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const ReferralRewardTable = defineEntity({
  name: 'ReferralReward',
  tableName: 'referral_rewards',
  properties: {
    id: p.bigint().primary().autoincrement(),
    source: p.text(),
    payment: p.text().nullable(),
    level: p.integer(),
    inviterId: p.bigint(),
    invitedId: p.bigint(),
    bot: p.text(),
    asset: p.text().$type<Asset>(),
    amount: p.bigint(),
    state: p.text().$type<'held' | 'paid' | 'cancelled' | 'taken_back'>().default('held'),
    dueAt: p.datetime(),
    settledAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

/** What an invited person has paid in an asset, as far as it is followed. Refunds take nothing off. */
export const PaidByGuestTable = defineEntity({
  name: 'PaidByGuest',
  tableName: 'paid_by_guests',
  properties: {
    personId: p.bigint().primary(),
    asset: p.text().primary(),
    amount: p.bigint(),
  },
})

/** How many guests an inviter brought to each bot; the bot '' stands for all bots together. Triggers write the table. */
export const InvitationCountTable = defineEntity({
  name: 'InvitationCount',
  tableName: 'invitation_counts',
  properties: {
    bot: p.text().primary(),
    inviterId: p.bigint().primary(),
    invited: p.integer(),
    paying: p.integer(),
  },
})

/** Guests who count as paying in the sums. Triggers write the table. */
export const PayingGuestTable = defineEntity({
  name: 'PayingGuest',
  tableName: 'paying_guests',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
  },
})

/** `what`: how many were invited, invite or pay, or a state of rewards, whose sum it is by asset. */
type Summed = 'invited' | 'inviters' | 'paying' | 'held' | 'paid' | 'cancelled' | 'taken_back'

export const InvitationSumTable = defineEntity({
  name: 'InvitationSum',
  tableName: 'invitation_sums',
  properties: {
    bot: p.text().primary(),
    what: p.text().primary().$type<Summed>(),
    asset: p.text().primary().$type<Asset | ''>(),
    value: p.bigint(),
  },
})

/** What is not in the sums yet. Triggers write the table. */
export const InvitationChangeTable = defineEntity({
  name: 'InvitationChange',
  tableName: 'invitation_changes',
  properties: {
    id: p.bigint().primary().autoincrement(),
    bot: p.text(),
    what: p.text().$type<Summed>(),
    asset: p.text().$type<Asset | ''>().default(''),
    value: p.bigint(),
  },
})

/** The part of a unit that a plan's per cent left over when a price was too small. It counts at the next purchase. */
export const DiscountPartTable = defineEntity({
  name: 'DiscountPart',
  tableName: 'discount_parts',
  properties: {
    personId: p.bigint().primary(),
    asset: p.text().primary(),
    hundredths: p.bigint(),
  },
})

/** What a plan gave back of one purchase, which a refund takes back. */
export const DiscountShareTable = defineEntity({
  name: 'DiscountShare',
  tableName: 'discount_shares',
  properties: {
    source: p.text().primary(),
    personId: p.bigint(),
    asset: p.text().$type<Asset>(),
    hundredths: p.bigint(),
    takenBack: p.boolean().default(false),
  },
})

export const loyaltyTables = [
  ProgressTable,
  SpendingTable,
  PlaceMarkTable,
  XpEventTable,
  BadgeTable,
  BadgeAwardTable,
  FollowPositionTable,
  FollowedPostingTable,
  PromoCampaignTable,
  PromoCodeTable,
  PromoUseTable,
  ReferralTable,
  ReferralRewardTable,
  PaidByGuestTable,
  InvitationCountTable,
  PayingGuestTable,
  InvitationSumTable,
  InvitationChangeTable,
  ...planTables,
  DiscountPartTable,
  DiscountShareTable,
] as const
/** Statements over the room's own tables, and over those of others that this room reads. */
export const loyaltySql = roomStatements<(typeof loyaltyTables)[number]>()
