import type { State, Status } from './state.ts'

export type Place =
  'stars' | 'premium' | 'order' | 'get-order' | 'auth' | 'prices' | 'wallet' | 'user' | 'any'

/**
 * What goes wrong. `-before` = nothing was bought; `-after` = bought and charged, but the caller does not learn it.
 * Several may hit one request (a dropped reply together with a callback that never comes).
 */
export type Misfortune =
  | { kind: 'drop-before' | 'drop-after' | 'garbage-after' | 'silent-after' }
  | { kind: 'status-before'; status: number; html?: boolean }
  | { kind: 'status-after'; status: number; html?: boolean }
  | { kind: 'delay-before'; ms: number }
  | { kind: 'delay-after'; ms: number }
  | { kind: 'throttle'; retryAfter?: string }
  /** Exactly this, before anything else happens. */
  | { kind: 'answer'; status: number; json: unknown }
  | { kind: 'coded'; code: string; error: string }
  | { kind: 'field'; field: string; message: string }
  /** 200 with success:false; it was not bought, and `status` says so unless it is left out. */
  | { kind: 'success-false'; status?: 'FAILED' }
  /** Refused later, before or after the money left; `returned`: the charge comes back. */
  | { kind: 'fail-later'; afterSent?: boolean; returned?: boolean }
  /** Answers 500 at once, and buys and charges only after this long. */
  | { kind: 'books-late'; ms: number }
  | { kind: 'stuck'; at: Status }
  | { kind: 'callback'; mode: 'never' | 'twice' | 'before-reply' | 'late'; delayMs?: number }

export interface Fault {
  on: Place
  /** Only for this receiver, or this name looked up. */
  username?: string
  /** How many requests it hits; 1 unless told, -1 = all. */
  times?: number
  /** How many matching requests pass before it starts. */
  skip?: number
  what: Misfortune
}

/** The faults that hit this request; each is used up by one. */
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
