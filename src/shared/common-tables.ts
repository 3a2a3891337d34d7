import { statements } from './db/build.ts'
import { moneyTables } from './money/tables.ts'
import { queueTables } from './queue/tables.ts'
import { settingTables } from './settings/tables.ts'
import { sharedTables } from './tables.ts'
import { telegramTables } from './telegram/tables.ts'

/** The tables of every role. */
export const commonTables = [
  ...sharedTables,
  ...telegramTables,
  ...settingTables,
  ...moneyTables,
  ...queueTables,
] as const

type CommonTable = (typeof commonTables)[number]

/** The builder of a room's statements: they may name the room's tables, and those of every role. */
export const roomStatements = <RoomTable extends { name: string }>() => statements<CommonTable | RoomTable>()
