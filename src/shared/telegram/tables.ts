import { defineEntity, p } from '@mikro-orm/core'

export type BotState = 'active' | 'paused' | 'parked' | 'removed'

/** `parked` = Telegram refused the token; `paused` = the owner stopped it. */
export const BotTable = defineEntity({
  name: 'Bot',
  tableName: 'bots',
  properties: {
    name: p.text().primary(),
    telegramId: p.bigint().nullable(),
    username: p.text().nullable(),
    firstName: p.text().nullable(),
    state: p.text().$type<BotState>().default('active'),
    stateReason: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    tokenEnd: p.text().nullable(),
    tokenPrint: p.text().nullable(),
    insteadOf: p.text().nullable(),
    home: p.text().nullable(),
    wasPaused: p.boolean().default(false),
    servedAt: p.datetime().nullable().defaultRaw('now()'),
  },
})

/** The updates of Telegram that were handled: each once. */
export const HandledUpdateTable = defineEntity({
  name: 'HandledUpdate',
  tableName: 'handled_updates',
  properties: {
    bot: p.text().primary(),
    updateId: p.bigint().primary(),
    handledAt: p.datetime().defaultRaw('now()'),
  },
})

export const telegramTables = [BotTable, HandledUpdateTable] as const
