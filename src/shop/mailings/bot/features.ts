import type { Feature } from '#workers/bot/feature.ts'
import { mailingList } from './list.ts'
import { mailingDraft } from './draft.ts'
import { mailingAudience } from './audience.ts'

/** Mailings, composed and followed by admins. */
export const mailingsFeatures: readonly Feature[] = [mailingList, mailingDraft, mailingAudience]
