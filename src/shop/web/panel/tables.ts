import { roomStatements } from '#shared/common-tables.ts'
import type { ReadByAdmins } from '#shop/admin/tables.ts'
import type { webTables } from '../tables.ts'

/** For the panel's lists, which show rows of several rooms beside one another and change none. */
export const panelSql = roomStatements<ReadByAdmins | (typeof webTables)[number]>()
