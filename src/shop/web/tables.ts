import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'

/** A page of the shop that somebody has open; of its key only the hash is kept. */
export const WebSessionTable = defineEntity({
  name: 'WebSession',
  tableName: 'web_sessions',
  properties: {
    keyHash: p.text().primary(),
    bot: p.text(),
    personId: p.bigint(),
    signed: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
  },
})

/** A link that opens the panel, for a minute; of its code only the hash is kept. */
export const PanelLinkTable = defineEntity({
  name: 'PanelLink',
  tableName: 'panel_links',
  properties: {
    codeHash: p.text().primary(),
    bot: p.text(),
    personId: p.bigint(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    opened: p.text().nullable(),
  },
})

/** A browser in which an admin has the panel open. */
export const PanelSessionTable = defineEntity({
  name: 'PanelSession',
  tableName: 'panel_sessions',
  properties: {
    id: p.bigint().primary().autoincrement(),
    keyHash: p.text(),
    bot: p.text(),
    personId: p.bigint(),
    browser: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    confirmedAt: p.datetime().nullable(),
    askedAt: p.datetime().nullable(),
  },
})

export const webTables = [WebSessionTable, PanelLinkTable, PanelSessionTable] as const

export const webSql = roomStatements<(typeof webTables)[number]>()
