/**
 * Whether a process gets anywhere. "It answers HTTP" says nothing about its jobs: a worker whose queue connection
 * died looks alive for days. Alive = of each of its queues: no work is waiting, or some job ended lately. Each for
 * itself, because one silent queue, or partition of one, hides behind the others that go on.
 */
export interface QueueProgress {
  /** A job of this queue ended, whatever came of it. */
  made(queue: string): void
  /**
   * @param waiting jobs that could run now, by queue
   * @returns undefined while all get on, else what is wrong
   */
  problem(waiting: ReadonlyMap<string, number>): string | undefined
}

/** Longer than any lock, so that a neighbour's death alone never restarts a healthy worker. */
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
      // All of them are looked at, also behind one that is stuck.
      const problems = [...waiting].map(([queue, count]) => problemOf(queue, count))
      return problems.find((problem) => problem !== undefined)
    },
  }
}
