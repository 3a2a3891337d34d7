import type { Feature } from '#workers/bot/feature.ts'
import { generate } from './generate.ts'
import { pictures } from './history.ts'
import { pictureAdmin } from './admin.ts'
import { pictureAdminSettings } from './admin-settings.ts'

/** Pictures, and what admins set of them. */
export const picturesFeatures: readonly Feature[] = [generate, pictures, pictureAdmin, pictureAdminSettings]
