import { shorten } from '#shared/storable.ts'
import type { StoryWords } from './words.ts'

/** One thing that happened. `kind` says what the line is about: order, payment, event, ledger, attempt, job, audit. */
export interface Line {
  at: Date
  kind: string
  text: string
}

/** How many of the newest lines of each kind a story has, because people must be able to read it. */
export const LIMIT = 300

export function line(at: Date, kind: string, text: string): Line {
  return { at, kind, text: shorten(text.replaceAll(/\s+/g, ' '), 400) }
}

export function there(say: StoryWords, ref: string | null): string {
  return ref ? say.t('story-there', { ref }) : ''
}

export function because(reason: string): string {
  return reason ? ` — ${reason}` : ''
}
