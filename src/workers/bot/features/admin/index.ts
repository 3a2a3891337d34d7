import type { Feature } from '../../feature.ts'
import { adjust } from './adjust.ts'
import { adjustWaiting } from './adjust-waiting.ts'
import { broadcastAudience } from './broadcast-audience.ts'
import { broadcastDraft } from './broadcast-draft.ts'
import { broadcastList } from './broadcast-list.ts'
import { deals } from './deals.ts'
import { exportsFeature } from './exports.ts'
import { find } from './find.ts'
import { adminHealth } from './health.ts'
import { adminHome } from './home.ts'
import { journal } from './journal.ts'
import { letters } from './letters.ts'
import { person } from './person.ts'
import { roles } from './roles.ts'
import { settings } from './settings.ts'
import { story } from './story.ts'
import { stats } from './stats.ts'

/** The admin panel; home.ts says in which order its sections stand. */
export const adminFeatures: readonly Feature[] = [
  adminHome,
  find,
  person,
  deals,
  story,
  adjust,
  adjustWaiting,
  broadcastList,
  broadcastDraft,
  broadcastAudience,
  exportsFeature,
  stats,
  letters,
  settings,
  adminHealth,
  journal,
  roles,
]
