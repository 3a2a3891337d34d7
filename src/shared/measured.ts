import { Rejected, Transient, UserError } from './errors.ts'
import type { Context } from './context.ts'
import type { Metrics } from './metrics.ts'

/**
 * Wraps a provider: every call is counted and timed under the function's name. A function that returns no promise
 * (reading a webhook, for example) calls nobody and is not counted.
 * @param trouble called when a call got no answer, or one that says nothing about what was asked
 */
export function measured<Provider extends { readonly name: string }>(
  metrics: Pick<Metrics, 'providerRequests' | 'providerRequestDuration'>,
  provider: Provider,
  trouble?: () => void,
): Provider {
  const count = (operation: string, startedAt: number, outcome: string): void => {
    if (outcome === 'transient' || outcome === 'unknown') trouble?.()
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

/** A provider whose calls are counted, and which is looked at when they fail: see the worker's standing. */
export function watched<Provider extends { readonly name: string; readonly address?: string }>(
  app: Pick<Context, 'metrics' | 'standing'>,
  provider: Provider,
): Provider {
  if (provider.address === undefined) return measured(app.metrics, provider)
  app.standing.calls(provider.name, provider.address)
  return measured(app.metrics, provider, () => app.standing.doubt(provider.name))
}
