/**
 * Whether a process gets its work done. An answer to HTTP proves nothing about jobs: a worker whose queue connection
 * died would look healthy for days. A process is alive when in each of its queues no work waits or a job ended lately.
 * Each queue counts by itself, because a silent queue or partition would hide behind the busy ones.
 */
export interface QueueProgress {
  /** Reports that a job of this queue ended, with any outcome. */
  made(queue: string): void
  /** Reports that a job is in hand. */
  took(queue: string, id: string): InHand
  /**
   * @param waiting runnable jobs by queue
   * @returns undefined while every queue advances, else what is wrong
   */
  problem(waiting: ReadonlyMap<string, number>): string | undefined
  /**
   * A job that hangs in this process holds up all that wait behind it, and looks like a job at work to everybody else.
   * @param answers whether the server of a queue answers, and all others that its jobs need
   * @returns undefined while no job hangs, else which one, and where
   */
  hanging(answers: (queue: string) => Promise<boolean>): Promise<string | undefined>
}

/** A job in hand of this process. Its lock is renewed for as long, so no other process can take the job. */
export interface InHand {
  /** A step begins, or begins again, that takes no longer than this. */
  begins(step: string, atMostMs?: number): void
  /** The job is in hand no longer. */
  over(): void
}

/**
 * Longer than any lock, so that a healthy worker is not restarted only because another one died and left locked jobs.
 */
export const STUCK_AFTER_MS = 120_000

/** @param now milliseconds of a monotonic clock */
export function createProgress(now: () => number = () => performance.now()): QueueProgress {
  const lastEnd = new Map<string, number>()
  const waitingSince = new Map<string, number>()
  const inHand = new Set<{ queue: string; id: string; step: string; since: number; atMostMs: number }>()

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
    took(queue, id) {
      const one = { queue, id, step: 'open', since: now(), atMostMs: 0 }
      inHand.add(one)
      return {
        begins: (step, atMostMs = 0) => void Object.assign(one, { step, since: now(), atMostMs }),
        over: () => void inHand.delete(one),
      }
    },
    made(queue) {
      lastEnd.set(queue, now())
      waitingSince.delete(queue)
    },
    problem(waiting) {
      // Every queue is checked, so that each one's time is updated even if an earlier queue is stuck.
      const problems = [...waiting].map(([queue, count]) => problemOf(queue, count))
      return problems.find((problem) => problem !== undefined)
    },
    async hanging(answers) {
      for (const one of [...inHand].filter(({ since, atMostMs }) => now() - since > atMostMs)) {
        const { queue, id, step, atMostMs } = one
        // Some steps wait for a server, for as long as it is away.
        if (!(await answers(queue))) one.since = now() - atMostMs
        const ms = now() - one.since
        if (inHand.has(one) && one.step === step && ms >= atMostMs + STUCK_AFTER_MS)
          return `the job ${id} of ${queue} has been in the step "${step}" for ${Math.round(ms / 1000)} s`
      }
      return undefined
    },
  }
}
