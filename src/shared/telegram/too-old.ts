import type { Update } from 'grammy/types'

/**
 * An update older than this is not answered any more: the person has given up. If Redis comes back with an old file,
 * or somebody sends an update again, its act must not be done twice after the row that says "done" was deleted.
 * Telegram itself gives an update up after 24 h.
 */
export const OLDEST_UPDATE_HOURS = 48

/**
 * The update's own time decides; a press has none, so for a press the time on the queue decides.
 * @param queuedAt ms since 1970
 */
export function isTooOld(update: Update, queuedAt: number): boolean {
  const told = Object.values(update).map((content) => content as { date?: number; edit_date?: number } | null)
  const seconds = told.flatMap((content) => content?.edit_date ?? content?.date ?? [])[0] ?? 0
  // Telegram writes 0 where it does not know the time.
  const at = seconds > 1_000_000_000 ? Math.min(seconds * 1000, queuedAt) : queuedAt
  return Date.now() - at > OLDEST_UPDATE_HOURS * 3_600_000
}
