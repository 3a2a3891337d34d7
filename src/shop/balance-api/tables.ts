import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'

export const ApiKeyTable = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.text().primary(),
    bot: p.text(),
    name: p.text().default(''),
    hash: p.text(),
    scopes: p.array<string>().columnType('text[]'),
    perMinute: p.integer(),
    createdBy: p.bigint().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
    revokedBy: p.bigint().nullable(),
    expiresAt: p.datetime().nullable(),
    /** Kopecks; null = no limit, as in keys that are older than the limits. */
    mostPerEntry: p.bigint().nullable(),
    mostPerDay: p.bigint().nullable(),
  },
})

/** The sums that each key has moved, hour by hour. */
export const ApiKeyHourTable = defineEntity({
  name: 'ApiKeyHour',
  tableName: 'api_key_hours',
  properties: {
    keyId: p.text().primary(),
    hour: p.datetime().primary(),
    worth: p.bigint(),
    /** The part of the sum that the key gave away. */
    minted: p.bigint().default(0),
  },
})

export const ActivityTable = defineEntity({
  name: 'Activity',
  tableName: 'activities',
  properties: {
    id: p.bigint().primary().autoincrement(),
    personId: p.bigint(),
    bot: p.text(),
    kind: p.text(),
    score: p.text().columnType('numeric').nullable(),
    xp: p.integer(),
    data: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    idempotencyKey: p.text(),
    digest: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const balanceApiTables = [ApiKeyTable, ApiKeyHourTable, ActivityTable] as const

/** Statements over the room's own tables, and over the people, sessions and bots that a key may name. */
export const balanceApiSql = roomStatements<(typeof balanceApiTables)[number]>()
