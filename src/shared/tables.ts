import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'
import { statements } from './db/build.ts'
import type { BotTable } from './telegram/tables.ts'

/** A Telegram id. Money, XP and purchases belong to the person, whatever bot they came through. */
export const PersonTable = defineEntity({
  name: 'Person',
  tableName: 'persons',
  properties: {
    id: p.bigint().primary().autoincrement(false),
    username: p.text().nullable(),
    firstName: p.text().default(''),
    lastName: p.text().nullable(),
    language: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    bannedAt: p.datetime().nullable(),
    banReason: p.text().nullable(),
    isPremium: p.boolean().default(false),
    /** The person agreed that others see their name in the leaderboard. */
    shownInTop: p.boolean().default(false),
  },
})
export type Person = InferEntity<typeof PersonTable>

/** A person in one bot: language, whether they blocked it, how they came, and what the bot remembers. */
export const BotSessionTable = defineEntity({
  name: 'BotSession',
  tableName: 'bot_sessions',
  properties: {
    bot: p.text().primary(),
    personId: p.bigint().primary(),
    language: p.text().nullable(),
    blockedAt: p.datetime().nullable(),
    startParam: p.text().nullable(),
    sessionData: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    statsData: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    version: p.integer().default(1),
    createdAt: p.datetime().defaultRaw('now()'),
    lastSeenAt: p.datetime().defaultRaw('now()'),
    mailingsOffAt: p.datetime().nullable(),
    /** An API key named this person; the person has not opened the bot. */
    claimed: p.boolean().default(false),
  },
})

export const AdminTable = defineEntity({
  name: 'Admin',
  tableName: 'admins',
  properties: {
    bot: p.text().primary(),
    personId: p.bigint().primary(),
    role: p.text().$type<'read-only' | 'support' | 'admin' | 'owner'>(),
    addedBy: p.bigint(),
    addedAt: p.datetime().defaultRaw('now()'),
  },
})

/** The audit log: what admins did. */
export const AuditLogTable = defineEntity({
  name: 'AuditLog',
  tableName: 'audit_log',
  properties: {
    id: p.bigint().primary().autoincrement(),
    at: p.datetime().defaultRaw('now()'),
    bot: p.text().nullable(),
    actorId: p.bigint().nullable(),
    action: p.text(),
    target: p.text().default(''),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
  },
})

/**
 * The lines of the audit log in the order of their commits, each with its hash and the hash before; written by the
 * database.
 */
export const AuditChainTable = defineEntity({
  name: 'AuditChain',
  tableName: 'audit_chain',
  properties: { number: p.bigint().primary().autoincrement(false), lineId: p.bigint(), hash: p.text() },
})

/** Alerts for admins, kept until they were sent. */
export const AlertTable = defineEntity({
  name: 'Alert',
  tableName: 'alerts',
  properties: {
    id: p.bigint().primary().autoincrement(),
    key: p.text(),
    topic: p.text(),
    params: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    buttons: p.json<unknown[]>().defaultRaw(`'[]'`),
    bots: p.array<string>().columnType('text[]'),
    createdAt: p.datetime().defaultRaw('now()'),
    toldAt: p.datetime().nullable(),
  },
})

/** Encrypted values that admins entered at run time, such as bot tokens. */
export const SecretTable = defineEntity({
  name: 'Secret',
  tableName: 'secrets',
  properties: {
    name: p.text().primary(),
    ciphertext: p.blob(),
    expiresAt: p.datetime().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

/** How far a reader of a growing table has come, by the reader's name. */
export const CursorTable = defineEntity({
  name: 'Cursor',
  tableName: 'cursors',
  properties: {
    name: p.text().primary(),
    value: p.text(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

/** How many files a person has sent since a moment. */
export const SentFilesTable = defineEntity({
  name: 'SentFiles',
  tableName: 'sent_files',
  properties: {
    personId: p.bigint().primary().autoincrement(false),
    since: p.datetime().defaultRaw('now()'),
    count: p.integer().default(1),
  },
})

/** Counts that would read everybody, see kept-counts.ts. */
export const KeptCountTable = defineEntity({
  name: 'KeptCount',
  tableName: 'kept_counts',
  properties: {
    what: p.text().primary(),
    whose: p.text().primary(),
    kind: p.text().primary().default(''),
    value: p.bigint(),
  },
})

/** What is not in these counts yet. Triggers write the table. */
export const CountChangeTable = defineEntity({
  name: 'CountChange',
  tableName: 'count_changes',
  properties: {
    id: p.bigint().primary().autoincrement(),
    what: p.text(),
    whose: p.text(),
    kind: p.text().default(''),
    value: p.bigint(),
  },
})

export const sharedTables = [
  PersonTable,
  BotSessionTable,
  AdminTable,
  AuditLogTable,
  AuditChainTable,
  AlertTable,
  SecretTable,
  CursorTable,
  SentFilesTable,
  KeptCountTable,
  CountChangeTable,
] as const

/** Includes bots, because a person's session and an admin's role belong to a bot. */
export const sharedSql = statements<(typeof sharedTables)[number] | typeof BotTable>()
