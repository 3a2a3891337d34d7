import type { Feature } from '#workers/bot/feature.ts'
import { panel } from './panel.ts'

/** The way into the pages that are for admins. */
export const webFeatures: readonly Feature[] = [panel]
