import type { State, Status } from './state.ts'

export type Place =
  'stars' | 'premium' | 'order' | 'get-order' | 'auth' | 'prices' | 'wallet' | 'user' | 'any'

/**
 * What goes wrong. `-before` means that nothing was bought; `-after` that it was bought and charged, but the
 * caller does not learn so. Several may hit one request (such as a dropped reply together with a callback that
 * never comes).
 */
export type Misfortune =
  | { kind: 'drop-before' | 'drop-after' | 'garbage-after' | 'silent-after' }
  | { kind: 'status-before'; status: number; html?: boolean }
  | { kind: 'status-after'; status: number; html?: boolean }
  | { kind: 'delay-before'; ms: number }
  | { kind: 'delay-after'; ms: number }
  | { kind: 'throttle'; retryAfter?: string }
  /** Answers exactly this, before anything else happens. */
  | { kind: 'answer'; status: number; json: unknown }
  | { kind: 'coded'; code: string; error: string }
  | { kind: 'field'; field: string; message: string }
  /** Answers 200 with success:false. Nothing was bought, and `status` says so unless it is left out. */
  | { kind: 'success-false'; status?: 'FAILED' }
  /** Fails later, before or after the money left; with `returned` the charge comes back. */
  | { kind: 'fail-later'; afterSent?: boolean; returned?: boolean }
  /** Answers 500 at once, and buys and charges only after this time. */
  | { kind: 'books-late'; ms: number }
  | { kind: 'stuck'; at: Status }
  | { kind: 'callback'; mode: 'never' | 'twice' | 'before-reply' | 'late'; delayMs?: number }

export interface Fault {
  on: Place
  /** Hits only requests for this receiver, or look-ups of this name. */
  username?: string
  /** How many requests it hits: 1 if left out, -1 for all. */
  times?: number
  /** How many matching requests pass before it begins. */
  skip?: number
  what: Misfortune
}

/** The faults that hit this request. Each use takes one off the fault's count. */
export function takeFaults(state: State, place: Place, username?: string): Fault[] {
  const isOrder = place === 'stars' || place === 'premium'
  const hit = state.faults.filter((fault) => {
    const here = fault.on === place || fault.on === 'any' || (fault.on === 'order' && isOrder)
    if (!here || (fault.username && fault.username.toLowerCase() !== username?.toLowerCase())) return false
    if (!fault.skip) return true
    fault.skip -= 1
    return false
  })
  if (hit.length === 0) return hit
  for (const fault of hit) if (fault.times !== -1) fault.times = (fault.times ?? 1) - 1
  state.faults = state.faults.filter((fault) => fault.times !== 0)
  state.keepFaults(hit)
  return hit
}

export function find<K extends Misfortune['kind']>(
  faults: Fault[],
  kind: K,
): Extract<Misfortune, { kind: K }> | undefined {
  return faults.map((fault) => fault.what).find((what) => what.kind === kind) as never
}
