import { defineEntity, p } from '@mikro-orm/core'
import { statements } from '../db/build.ts'

/** What admins changed at run time; bot '' = for all bots. */
export const SettingTable = defineEntity({
  name: 'Setting',
  tableName: 'settings',
  properties: {
    bot: p.text().primary().default(''),
    key: p.text().primary(),
    value: p.json<unknown>(),
    version: p.integer().default(1),
    updatedBy: p.bigint().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

export const SettingHistoryTable = defineEntity({
  name: 'SettingHistory',
  tableName: 'settings_history',
  properties: {
    id: p.bigint().primary().autoincrement(),
    bot: p.text(),
    key: p.text(),
    value: p.json<unknown>().nullable(),
    version: p.integer(),
    updatedBy: p.bigint().nullable(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})

export const settingTables = [SettingTable, SettingHistoryTable] as const

export const settingsSql = statements<(typeof settingTables)[number]>()
