import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Asset } from '#shared/money.ts'

export const PaymentEventTable = defineEntity({
  name: 'PaymentEvent',
  tableName: 'payment_events',
  properties: {
    id: p.bigint().primary().autoincrement(),
    provider: p.text(),
    eventId: p.text(),
    paymentId: p.text().nullable(),
    kind: p.text(),
    payload: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const PaymentUpdateTable = defineEntity({
  name: 'PaymentUpdate',
  tableName: 'payment_updates',
  properties: {
    bot: p.text().primary(),
    updateId: p.bigint().primary(),
    paymentId: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const PaymentProofTable = defineEntity({
  name: 'PaymentProof',
  tableName: 'payment_proofs',
  properties: {
    paymentId: p.text().primary(),
    kind: p.text().$type<'photo' | 'document' | 'text'>(),
    fingerprint: p.text(),
    fileId: p.text().nullable(),
    text: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const FurtherProofTable = defineEntity({
  name: 'FurtherProof',
  tableName: 'further_proofs',
  properties: {
    paymentId: p.text().primary(),
    fingerprint: p.text().primary(),
    kind: p.text().$type<'photo' | 'document' | 'text'>(),
    fileId: p.text().nullable(),
    text: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('clock_timestamp()'),
  },
})

export const PaymentApprovalTable = defineEntity({
  name: 'PaymentApproval',
  tableName: 'payment_approvals',
  properties: {
    paymentId: p.text().primary(),
    adminId: p.bigint().primary(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const PaymentRefundTable = defineEntity({
  name: 'PaymentRefund',
  tableName: 'payment_refunds',
  properties: {
    id: p.text().primary(),
    paymentId: p.text(),
    state: p.text().$type<'asked' | 'sent' | 'started' | 'done' | 'refused' | 'unknown'>().default('asked'),
    /** Null in a refund of the release before. */
    back: p.bigint().nullable(),
    held: p.bigint(),
    shortfall: p.bigint(),
    address: p.text().nullable(),
    /** Null when none of our admins asked for the refund: Telegram itself gave the Stars back. */
    adminId: p.bigint().nullable(),
    /** The hold's reference, where the release before this one made it. */
    hold: p.text().nullable(),
    reason: p.text().default(''),
    outcome: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

export const PaybackAddressTable = defineEntity({
  name: 'PaybackAddress',
  tableName: 'payback_addresses',
  properties: {
    paymentId: p.text().primary(),
    askedBy: p.bigint(),
    askedAt: p.datetime().defaultRaw('now()'),
    /** What the payer typed; null = asked for, not given yet. */
    address: p.text().nullable(),
    givenAt: p.datetime().nullable(),
  },
})

export const ReceiptEmailTable = defineEntity({
  name: 'ReceiptEmail',
  tableName: 'receipt_emails',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
    email: p.text(),
    givenAt: p.datetime().defaultRaw('now()'),
  },
})

/** A person's bank card that a provider keeps. The provider's name of the card is sealed among the secrets. */
export const KeptCardTable = defineEntity({
  name: 'KeptCard',
  tableName: 'kept_cards',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
    provider: p.text(),
    /** The last four, by which its owner knows the card. */
    digits: p.text(),
    /** The payment with which the card was kept: the next card of the person has another one. */
    paymentId: p.text(),
    keptAt: p.datetime().defaultRaw('now()'),
  },
})

export const DepositWalletTable = defineEntity({
  name: 'DepositWallet',
  tableName: 'deposit_wallets',
  properties: {
    reference: p.text().primary(),
    personId: p.bigint(),
    bot: p.text(),
    provider: p.text(),
    asset: p.text().$type<Asset>(),
    network: p.text(),
    wallet: p.text().nullable(),
    address: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const paymentsTables = [
  PaymentEventTable,
  PaymentUpdateTable,
  PaymentProofTable,
  FurtherProofTable,
  PaymentApprovalTable,
  PaymentRefundTable,
  PaybackAddressTable,
  ReceiptEmailTable,
  KeptCardTable,
  DepositWalletTable,
] as const

export const paymentsSql = roomStatements<(typeof paymentsTables)[number]>()
