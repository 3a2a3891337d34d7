import type { Door } from '#shared/door.ts'
import { balanceApiDoor } from './balance-api/door.ts'
import { paymentsDoor } from './payments/door.ts'
import { picturesDoor } from './pictures/door.ts'
import { starsPremiumDoor } from './stars-premium/door.ts'
import { webDoor } from './web/door.ts'
import { acts } from './acts.ts'
import { attention } from './attention.ts'
import { settingGroups } from './settings.ts'

/** Everything that rooms take in over HTTP; the gateway mounts it beside Telegram's own door. */
export const doors: readonly Door[] = [
  balanceApiDoor,
  starsPremiumDoor,
  picturesDoor,
  paymentsDoor,
  webDoor({ acts, settingGroups, attention }),
]
