import type { Feature } from '#workers/bot/feature.ts'
import { alertList } from './alert-list.ts'
import { adminBots } from './admin-bots.ts'
import { adminAlertsGroup } from './alerts-group.ts'
import { adminBotToken } from './admin-bot-token.ts'
import { managedBots } from './managed-bots.ts'
import { adminKeys } from './admin-keys.ts'
import { ownWordings } from './wordings.ts'
import { adminHome } from './home.ts'
import { find } from './find.ts'
import { person } from './person.ts'
import { deals } from './deals.ts'
import { story } from './story.ts'
import { adjust } from './adjust.ts'
import { adjustWaiting } from './adjust-waiting.ts'
import { stats } from './stats.ts'
import { letters } from './letters.ts'
import { settings } from './settings.ts'
import { adminHealth } from './health.ts'
import { journal } from './journal.ts'
import { roles } from './roles.ts'

/** The admin panel; home.ts says in which order its sections stand. */
export const adminFeatures: readonly Feature[] = [
  alertList,
  adminBots,
  adminBotToken,
  adminAlertsGroup,
  managedBots,
  adminKeys,
  ownWordings,
  adminHome,
  find,
  person,
  deals,
  story,
  adjust,
  adjustWaiting,
  stats,
  letters,
  settings,
  adminHealth,
  journal,
  roles,
]
