import { statements } from '#shared/db/build.ts'
import type { moneyTables } from '#shared/money/tables.ts'
import type { queueTables } from '#shared/queue/tables.ts'
import type { sharedTables } from '#shared/tables.ts'
import type { telegramTables } from '#shared/telegram/tables.ts'
import type { loyaltyTables } from '#shop/loyalty/tables.ts'
import type { paymentsTables } from '#shop/payments/tables.ts'
import type { webTables } from '../tables.ts'

type Tables =
  | (typeof moneyTables)[number]
  | (typeof queueTables)[number]
  | (typeof sharedTables)[number]
  | (typeof telegramTables)[number]
  | (typeof loyaltyTables)[number]
  | (typeof paymentsTables)[number]
  | (typeof webTables)[number]

/** For the panel's lists, which show rows of several rooms beside one another and change none. */
export const panelSql = statements<Tables>()
