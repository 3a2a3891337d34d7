import type { Feature } from '#workers/bot/feature.ts'
import { generate } from './generate.ts'
import { pictureInline } from './inline.ts'
import { pictures } from './history.ts'
import { pictureAdmin } from './admin.ts'
import { pictureAdminSettings } from './admin-settings.ts'

/** The screens of pictures for people and for admins. */
export const picturesFeatures: readonly Feature[] = [
  generate,
  pictures,
  pictureInline,
  pictureAdmin,
  pictureAdminSettings,
]
