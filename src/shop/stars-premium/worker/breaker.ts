import { Transient, UnknownOutcome } from '#shared/errors.ts'

/** After this many failures in a row nothing is bought for a while. */
const FAILURES = 5
/**
 * When the breaker tries one purchase and it fails, the next pause is twice as long, up to four times the first (two
 * minutes). One doubtful purchase in two minutes is acceptable; a shop closed for ten minutes because of one lost
 * reply is not.
 */
const LONGEST = 4

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
}

/**
 * Stops purchases while the reseller is down. No connection, lost replies and 5xx count as failures; refusals and 429
 * do not.
 * @param changed called with false when purchases stop and with true when they go on
 * @param openMs the length of the first pause
 */
export function createBreaker(changed: (works: boolean) => void, openMs: number): Breaker {
  const isOutage = (error: unknown) =>
    error instanceof UnknownOutcome || (error instanceof Transient && error.retryAfterMs === undefined)
  /** Failures in a row. */
  let failures = 0
  /** How often purchases were stopped since the last success; 0 = they are not. */
  let times = 0
  let stoppedAt = 0
  let trial: Promise<unknown> | undefined
  // The time of day may be set back by an hour, and purchases must not wait for that hour.
  const isDue = () => performance.now() - stoppedAt >= openMs * Math.min(2 ** (times - 1), LONGEST)

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
        if (times > 0) answered()
      } else if (times > 0 || ++failures >= FAILURES) stop()
      throw error
    }
  }
  function answered(): void {
    failures = 0
    if (times === 0) return
    times = 0
    changed(true)
  }
  function stop(): void {
    stoppedAt = performance.now()
    times += 1
    changed(false)
  }

  return {
    async run(work) {
      while (trial) await trial.catch(() => {})
      if (times === 0) return await counted(work, () => times === 0)
      if (!isDue()) throw new Transient('the reseller counts as down', { retryAfterMs: openMs })
      const mine = counted(work, () => true).finally(() => (trial = undefined))
      trial = mine
      return await mine
    },
    isProbing: () => times > 0 && (trial !== undefined || isDue()),
    isOpen: () => times > 0 && trial === undefined && !isDue(),
  }
}
