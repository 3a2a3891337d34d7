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
 * Each time that the one purchase which tries it fails, the next one waits twice as long, up to two minutes: one doubtful
 * purchase in two minutes is bearable, and a shop that stays shut for ten because of a single lost reply is not.
 */
const LONGEST = 4

export interface Breaker {
  /** Counts the outcome. @throws Transient while the supplier counts as down: nothing was sent */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Whether it is time to try: look first, because one purchase goes, and only when it worked the others do. */
  isProbing(): boolean
  isOpen(): boolean
}

/**
 * Stops the sale when the reseller is down: no connection, lost replies and 5xx count, refusals and 429 do not.
 * @param changed told when it opens (false) and closes again (true)
 * @param openMs how long the first pause is
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
