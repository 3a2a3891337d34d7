import { Transient, UnknownOutcome } from '#shared/errors.ts'

/** After this many failures in a row nothing is bought for a while. */
const FAILURES = 5

export interface Breaker {
  /**
   * Runs the purchase and counts its outcome.
   * @throws Transient while the supplier counts as down: nothing was sent
   */
  run<T>(work: () => Promise<T>): Promise<T>
  /**
   * Whether the next purchase is a trial: the supplier should first be checked by a look-up, because the other
   * purchases wait for the trial's success.
   */
  isProbing(): boolean
  isOpen(): boolean
  /** How long it still lasts until a purchase is tried, ms; 0 = one may be tried now. */
  restMs(): number
}

/**
 * Stops purchases while the reseller is down. No connection, lost replies and 5xx count as failures; refusals and 429
 * do not.
 *
 * Every pause is as long as the first, however long the reseller has been down, so a reseller that is well again is used
 * within one pause. A trial can leave an order in doubt only where look-ups work and purchases fail, one order a pause; pauses
 * that doubled up to two minutes left fewer in doubt, and kept the shop closed for two minutes after the reseller was well.
 * @param changed called with false when purchases stop and with true when they go on
 * @param pauseMs the length of a pause
 */
export function createBreaker(changed: (works: boolean) => void, pauseMs: number): Breaker {
  const isOutage = (error: unknown) =>
    error instanceof UnknownOutcome || (error instanceof Transient && error.retryAfterMs === undefined)
  /** Failures in a row. */
  let failures = 0
  /** When the pause began; undefined = purchases go on. */
  let stoppedAt: number | undefined
  let trial: Promise<unknown> | undefined
  // The time of day may be set back by an hour, and purchases must not wait for that hour.
  const restMs = () => (stoppedAt === undefined ? 0 : Math.max(0, stoppedAt + pauseMs - performance.now()))
  const isStopped = () => stoppedAt !== undefined

  /** @param decides whether the outcome says if purchases stop or go on: always, but for late answers after a stop */
  async function counted<T>(work: () => Promise<T>, decides: () => boolean): Promise<T> {
    try {
      const result = await work()
      if (decides()) answered()
      return result
    } catch (error) {
      if (!decides()) throw error
      // A refusal ends a stop, because the supplier answers. While purchases go on, it says nothing about the failures before it.
      if (!isOutage(error)) {
        if (isStopped()) answered()
      } else if (isStopped() || ++failures >= FAILURES) stop()
      throw error
    }
  }
  function answered(): void {
    failures = 0
    if (!isStopped()) return
    stoppedAt = undefined
    changed(true)
  }
  function stop(): void {
    stoppedAt = performance.now()
    changed(false)
  }

  return {
    async run(work) {
      while (trial) await trial.catch(() => {})
      if (!isStopped()) return await counted(work, () => !isStopped())
      const rest = restMs()
      if (rest > 0) throw new Transient('the reseller counts as down', { retryAfterMs: rest })
      const mine = counted(work, () => true).finally(() => (trial = undefined))
      trial = mine
      return await mine
    },
    isProbing: () => isStopped() && (trial !== undefined || restMs() === 0),
    isOpen: () => trial === undefined && restMs() > 0,
    restMs,
  }
}
