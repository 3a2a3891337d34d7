import { AsyncLocalStorage } from 'node:async_hooks'
import { Transient } from '../errors.ts'
import type { BullWorker } from './bull.ts'

interface Held {
  isHeld: () => boolean
  isOver: boolean
}

const runs = new AsyncLocalStorage<Held>()

/**
 * Tells all that `work` calls whether its run still has its job. What the work has started and left behind when it ends, for
 * example a look that goes on until a server is back, belongs to no run from then on.
 */
export async function whileHeld<T>(isHeld: () => boolean, work: () => Promise<T>): Promise<T> {
  const run = { isHeld, isOver: false }
  try {
    return await runs.run(run, work)
  } finally {
    run.isOver = true
  }
}

/** Whether the run that asks still has its job. Outside of a run there is nothing to hold. */
export function isHeld(): boolean {
  const run = runs.getStore()
  return !run || run.isOver || run.isHeld()
}

/**
 * Keeps a run that has lost its job from calling anybody outside. Another process has the job by then and has perhaps done it, and
 * later ones too: a late call would delete a message that has become somebody's picture. Late writes to PostgreSQL are
 * stopped by guarded transitions, a call has no such guard.
 * @throws Transient nothing was sent
 */
export function checkHeld(): void {
  if (!isHeld()) throw new Transient('the job is not in the hands of this run any more')
}

/**
 * Knows which jobs a worker still holds: Redis says that a lock is lost, and where Redis says nothing, the time does. The
 * answer to a renewal comes after Redis has begun to count, so what is over here is over there. BullMQ itself lets the handler go on.
 */
export function watchLocks(worker: Pick<BullWorker, 'on'>, lockMs: number) {
  const locks = new Map<string, { renewedAt: number }>()
  const renew = (jobId: string, renewedAt: number) => {
    const lock = locks.get(jobId)
    if (lock) lock.renewedAt = renewedAt
  }
  worker.on('locksRenewed', ({ jobIds }) => jobIds.forEach((id) => renew(id, performance.now())))
  worker.on('lockRenewalFailed', (jobIds) =>
    jobIds.forEach((id) => {
      renew(id, -Infinity)
      // The worker may be given the same job again while the run that has lost it goes on.
      locks.delete(id)
    }),
  )
  return {
    /** Call it when the worker has been given a job. */
    took(jobId: string): { isHeld: () => boolean; letGo: () => void } {
      const lock = { renewedAt: performance.now() }
      locks.set(jobId, lock)
      return {
        isHeld: () => performance.now() - lock.renewedAt < lockMs,
        letGo() {
          if (locks.get(jobId) === lock) locks.delete(jobId)
        },
      }
    },
  }
}
