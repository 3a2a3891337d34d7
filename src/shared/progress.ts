/**
 * Whether a process gets its work done. An answer to HTTP proves nothing about jobs: a worker whose queue connection
 * died would look healthy for days. A process is alive when in each of its queues no work waits or a job ended lately.
 * Each queue counts by itself, because a silent queue or partition would hide behind the busy ones.
 */
export interface QueueProgress {
  /** Reports that a job of this queue ended, with any outcome. */
  made(queue: string): void
  /**
   * @param waiting runnable jobs by queue
   * @returns undefined while every queue advances, else what is wrong
   */
  problem(waiting: ReadonlyMap<string, number>): string | undefined
}

/**
 * Longer than any lock, so that a healthy worker is not restarted only because another one died and left locked jobs.
 */
export const STUCK_AFTER_MS = 120_000

/** @param now milliseconds of a monotonic clock */
export function createProgress(now: () => number = () => performance.now()): QueueProgress {
  const lastEnd = new Map<string, number>()
  const waitingSince = new Map<string, number>()

  function problemOf(queue: string, waiting: number): string | undefined {
    if (waiting === 0) {
      waitingSince.delete(queue)
      return undefined
    }
    const since = waitingSince.get(queue) ?? now()
    waitingSince.set(queue, since)
    const stuckMs = now() - Math.max(lastEnd.get(queue) ?? 0, since)
    if (stuckMs < STUCK_AFTER_MS) return undefined
    return `${waiting} jobs wait on ${queue} and none has ended for ${Math.round(stuckMs / 1000)} s`
  }

  return {
    made(queue) {
      lastEnd.set(queue, now())
      waitingSince.delete(queue)
    },
    problem(waiting) {
      // Every queue is checked, so that each one's time is updated even if an earlier queue is stuck.
      const problems = [...waiting].map(([queue, count]) => problemOf(queue, count))
      return problems.find((problem) => problem !== undefined)
    },
  }
}
