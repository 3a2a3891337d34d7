import { defineEntity, p } from '@mikro-orm/core'

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

export const webTables = [WebSessionTable] as const
