import type { Feature } from '#workers/bot/feature.ts'
import { broadcastList } from './list.ts'
import { broadcastDraft } from './draft.ts'
import { broadcastAudience } from './audience.ts'

/** Mailings, composed and followed by admins. */
export const mailingsFeatures: readonly Feature[] = [broadcastList, broadcastDraft, broadcastAudience]
