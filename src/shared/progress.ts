/**
 * Whether a process gets anywhere. "It answers HTTP" says nothing about its jobs: a worker whose queue connection
 * died looks alive for days. Alive = no work is waiting, or some job ended lately.
 */
export interface Progress {
  /** A job ended, whatever came of it. */
  made(): void
  /**
   * @param waiting jobs that could run now on the queues of this process
   * @returns undefined while it gets on, else what is wrong
   */
  problem(waiting: number): string | undefined
}

/** Longer than any lock, so that a neighbour's death alone never restarts a healthy worker. */
export const STUCK_AFTER_MS = 120_000

/** @param now milliseconds of a monotonic clock */
export function createProgress(now: () => number = () => performance.now()): Progress {
  let lastEnd = now()
  let waitingSince: number | undefined
  return {
    made() {
      lastEnd = now()
      waitingSince = undefined
    },
    problem(waiting) {
      if (waiting === 0) {
        waitingSince = undefined
        return undefined
      }
      waitingSince ??= now()
      const stuckMs = now() - Math.max(lastEnd, waitingSince)
      if (stuckMs < STUCK_AFTER_MS) return undefined
      return `${waiting} jobs wait and none has ended for ${Math.round(stuckMs / 1000)} s`
    },
  }
}
