import { CircuitState, circuitBreaker, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import { Transient, UnknownOutcome } from '../../shared/errors.ts'

/** After this many failures in a row nothing is bought for a while. */
const FAILURES = 5
const OPEN_MS = 30_000

export interface Breaker {
  /** Counts the outcome. @throws Transient while the supplier counts as down: nothing was sent */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Whether the next call should be a harmless one. */
  isProbing(): boolean
  isOpen(): boolean
}

/**
 * Stops the sale when the reseller is down: no connection, lost replies and 5xx count, refusals and 429 do not.
 * @param changed told when it opens (false) and closes again (true)
 */
export function createBreaker(changed: (works: boolean) => void, openMs = OPEN_MS): Breaker {
  const isOutage = (error: unknown) =>
    error instanceof UnknownOutcome || (error instanceof Transient && error.retryAfterMs === undefined)
  const policy = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: openMs,
    breaker: new ConsecutiveBreaker(FAILURES),
  })
  let openedAt = 0
  policy.onBreak(() => {
    openedAt = performance.now()
    changed(false)
  })
  policy.onReset(() => changed(true))
  const isDue = () => performance.now() - openedAt >= openMs
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
