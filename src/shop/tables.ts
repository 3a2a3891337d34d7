import { commonTables } from '#shared/common-tables.ts'
import { adminTables } from './admin/tables.ts'
import { balanceApiTables } from './balance-api/tables.ts'
import { exportsTables } from './exports/tables.ts'
import { loyaltyTables } from './loyalty/tables.ts'
import { mailingsTables } from './mailings/tables.ts'
import { paymentsTables } from './payments/tables.ts'
import { picturesTables } from './pictures/tables.ts'
import { webTables } from './web/tables.ts'
import { shelfTables } from './shelf/tables.ts'
import { starsPremiumTables } from './stars-premium/tables.ts'
import { supportTables } from './support/tables.ts'

/**
 * Every table of the migrated database except the migrator's own; tests/integration/tables.test.ts compares the two.
 */
export const tables = [
  ...commonTables,
  ...loyaltyTables,
  ...paymentsTables,
  ...picturesTables,
  ...starsPremiumTables,
  ...shelfTables,
  ...mailingsTables,
  ...exportsTables,
  ...balanceApiTables,
  ...supportTables,
  ...adminTables,
  ...webTables,
]
