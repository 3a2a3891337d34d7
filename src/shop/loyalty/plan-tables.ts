import { defineEntity, p } from '@mikro-orm/core'
import type { Language } from '#shared/i18n/languages.ts'

export const PlanTable = defineEntity({
  name: 'Plan',
  tableName: 'plans',
  properties: {
    code: p.text().primary(),
    name: p.json<Record<Language, string>>(),
    days: p.integer().default(30),
    priceStars: p.integer().nullable(),
    priceTokens: p.bigint().nullable(),
    discountPercent: p.integer().default(0),
    limits: p.json<Record<string, number>>().defaultRaw(`'{}'`),
    active: p.boolean().default(true),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const SubscriptionTable = defineEntity({
  name: 'Subscription',
  tableName: 'subscriptions',
  properties: {
    id: p.text().primary(),
    personId: p.bigint(),
    plan: p.text(),
    bot: p.text(),
    paidWith: p.text().$type<'stars' | 'balance' | 'gift' | 'promo'>(),
    state: p.text().$type<'active' | 'grace' | 'ended'>().default('active'),
    renews: p.boolean(),
    period: p.integer().default(1),
    expiresAt: p.datetime(),
    chargeId: p.text().nullable(),
    givenBy: p.bigint().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

export const SubscriptionPeriodTable = defineEntity({
  name: 'SubscriptionPeriod',
  tableName: 'subscription_periods',
  properties: {
    subscriptionId: p.text().primary(),
    period: p.integer().primary(),
    reference: p.text(),
    startsAt: p.datetime(),
    endsAt: p.datetime(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

/** What a person was told that their kept card pays for the renewal after this period, and how that goes. */
export const CardRenewalTable = defineEntity({
  name: 'CardRenewal',
  tableName: 'card_renewals',
  properties: {
    subscriptionId: p.text().primary(),
    period: p.integer().primary(),
    /** Kopecks. More is never charged without telling the person again. */
    most: p.bigint(),
    toldAt: p.datetime().defaultRaw('now()'),
    attempts: p.integer().default(0),
    /** The charge under way. */
    paymentId: p.text().nullable(),
    /** Null = nothing more is to be done. */
    nextAt: p.datetime().nullable(),
  },
})

export const planTables = [PlanTable, SubscriptionTable, SubscriptionPeriodTable, CardRenewalTable] as const
