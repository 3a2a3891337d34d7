import type { Feature } from '#workers/bot/feature.ts'
import { exportsFeature } from './exports.ts'

/** The screens of CSV files for admins. */
export const exportsFeatures: readonly Feature[] = [exportsFeature]
