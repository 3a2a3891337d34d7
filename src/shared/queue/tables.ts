import { defineEntity, p } from '@mikro-orm/core'
import { statements } from '../db/build.ts'

/** The jobs that transactions owe, and the dead letters. */
export const OutboxTable = defineEntity({
  name: 'Outbox',
  tableName: 'outbox',
  properties: {
    id: p.bigint().primary().autoincrement(),
    key: p.text(),
    job: p.text(),
    payload: p.json<Record<string, unknown>>(),
    state: p.text().$type<'owed' | 'queued' | 'done' | 'dead'>().default('owed'),
    runAt: p.datetime().defaultRaw('now()'),
    enqueued: p.integer().default(0),
    reason: p.text().nullable(),
    trace: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
    bot: p.text().nullable(),
    about: p.array().columnType('text[]').nullable(),
  },
})

export const queueTables = [OutboxTable] as const

export const queueSql = statements<(typeof queueTables)[number]>()
