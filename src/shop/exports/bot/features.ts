import type { Feature } from '#workers/bot/feature.ts'
import { exportsFeature } from './exports.ts'

/** CSV files for admins. */
export const exportsFeatures: readonly Feature[] = [exportsFeature]
