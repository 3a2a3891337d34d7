import { Transient } from '../errors.ts'

/**
 * A signal that aborts when the time is up or one of the other signals aborts. `AbortSignal.any` with `.timeout` does
 * the same in one line but costs 24 µs a job instead of 8 µs, and its signals stay in memory until the time is up: a
 * minute after the job was done.
 */
export function endOfTry(
  timeoutMs: number,
  others: readonly (AbortSignal | undefined)[],
): { signal: AbortSignal; letGo: () => void } {
  const end = new AbortController()
  const abort = function (this: AbortSignal): void {
    end.abort(this.reason)
  }
  const timer = setTimeout(() => {
    end.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }, timeoutMs).unref()
  for (const other of others) {
    if (other?.aborted) end.abort(other.reason)
    other?.addEventListener('abort', abort, { once: true })
  }
  return {
    signal: end.signal,
    letGo() {
      clearTimeout(timer)
      for (const other of others) other?.removeEventListener('abort', abort)
    },
  }
}

/** @throws Transient when the signal aborts first; the work itself goes on */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Transient('the job took longer than its time'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
