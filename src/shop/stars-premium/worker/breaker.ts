import {
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
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
  const pauseMs = (times: number) => openMs * Math.min(2 ** (times - 1), LONGEST)
  const policy = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: new DelegateBackoff(({ attempt }) => pauseMs(attempt)),
    breaker: new ConsecutiveBreaker(FAILURES),
  })
  let openedAt = 0
  let times = 0
  policy.onBreak(() => {
    openedAt = performance.now()
    times += 1
    changed(false)
  })
  policy.onReset(() => {
    times = 0
    changed(true)
  })
  const isDue = () => performance.now() - openedAt >= pauseMs(times)
  return {
    async run(work) {
      try {
        return await policy.execute(work)
      } catch (error) {
        if (!isBrokenCircuitError(error)) throw error
        throw new Transient('the reseller counts as down', { cause: error, retryAfterMs: openMs })
      }
    },
    isProbing: () =>
      policy.state === CircuitState.HalfOpen || (policy.state === CircuitState.Open && isDue()),
    isOpen: () => policy.state === CircuitState.Open && !isDue(),
  }
}
