import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Card } from '#shared/money/tables.ts'

export const EXPORT_KINDS = ['transactions', 'people', 'payments', 'orders', 'broadcast'] as const
export type ExportKind = (typeof EXPORT_KINDS)[number]

/** Files that admins asked for, and how far each was sent. */
export const ExportTable = defineEntity({
  name: 'Export',
  tableName: 'exports',
  properties: {
    id: p.text().primary(),
    kind: p.text().$type<ExportKind>(),
    bot: p.text(),
    adminId: p.bigint(),
    language: p.text().$type<Language>(),
    params: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    state: p.text().$type<'queued' | 'running' | 'done' | 'failed'>().default('queued'),
    rows: p.bigint().defaultRaw('0'),
    bytes: p.bigint().defaultRaw('0'),
    reason: p.text().nullable(),
    card: p.json<Card>().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    parts: p.integer().nullable(),
    sentParts: p.integer().default(0),
    sentRows: p.bigint().defaultRaw('0'),
    sentBytes: p.bigint().defaultRaw('0'),
    sentTo: p.text().nullable(),
    sending: p.integer().nullable(),
  },
})

export const exportsTables = [ExportTable] as const

export const exportsSql = roomStatements<(typeof exportsTables)[number]>()
