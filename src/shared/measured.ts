import { Rejected, Transient, UserError } from './errors.ts'
import type { Metrics } from './metrics.ts'

/**
 * Wraps a provider: every call is counted and timed under the function's name. A function that returns no promise
 * (reading a webhook, for example) calls nobody and is not counted.
 */
export function measured<Provider extends { readonly name: string }>(
  metrics: Pick<Metrics, 'providerRequests' | 'providerRequestDuration'>,
  provider: Provider,
): Provider {
  const count = (operation: string, startedAt: number, outcome: string): void => {
    metrics.providerRequests.inc({ provider: provider.name, operation, outcome })
    const seconds = (performance.now() - startedAt) / 1000
    metrics.providerRequestDuration.observe({ provider: provider.name, operation }, seconds)
  }
  return new Proxy(provider, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        const startedAt = performance.now()
        const answer: unknown = Reflect.apply(value, target, args)
        if (answer instanceof Promise) {
          answer.then(
            () => count(String(key), startedAt, 'ok'),
            (error: unknown) => count(String(key), startedAt, outcomeOf(error)),
          )
        }
        return answer
      }
    },
  })
}

/** `ok` and `refused` are answers; every other outcome is a failure. `forbidden` = our key or its rights are wrong. */
function outcomeOf(error: unknown): string {
  if (error instanceof Rejected) return /^http\.40[13]$/.test(error.code) ? 'forbidden' : 'refused'
  if (error instanceof UserError) return 'refused'
  return error instanceof Transient ? 'transient' : 'unknown'
}
