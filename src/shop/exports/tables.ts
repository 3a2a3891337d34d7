import { defineEntity, p } from '@mikro-orm/core'
import type { Card } from '#shared/money/tables.ts'

/** Files that admins asked for, and how far each was sent. */
export const ExportTable = defineEntity({
  name: 'Export',
  tableName: 'exports',
  properties: {
    id: p.text().primary(),
    kind: p.text(),
    bot: p.text(),
    adminId: p.bigint(),
    language: p.text(),
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
