import type { Update } from 'grammy/types'

/**
 * An older update is not answered any more: the person has given up. A Redis that came back with an old file, or somebody
 * who sends an update again, must not have an act done twice when no row tells any more that it was done. Telegram itself
 * gives an update up after 24 h.
 */
export const OLDEST_UPDATE_HOURS = 48

/** Where an update says when it was; a press does not, and then the time on the queue counts. @param queuedAt in ms */
export function isTooOld(update: Update, queuedAt: number): boolean {
  const told = Object.values(update).map((content) => content as { date?: number; edit_date?: number } | null)
  const seconds = told.flatMap((content) => content?.edit_date ?? content?.date ?? [])[0] ?? 0
  // 0 is what Telegram writes where it does not know the time.
  const at = seconds > 1_000_000_000 ? Math.min(seconds * 1000, queuedAt) : queuedAt
  return Date.now() - at > OLDEST_UPDATE_HOURS * 3_600_000
}
