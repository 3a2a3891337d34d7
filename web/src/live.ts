import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Problem } from './problem.ts'

/** Where a face of the shop gets its answers. */
export interface Source {
  get<T>(path: string): Promise<T>
  /** Calls back whenever something is different, and whenever it may be. */
  follow(changed: () => void): void
  /** So long it asks nothing after it has asked, however much is different. */
  restMs?: number
}
let source: Source

export function liveFrom(one: Source): void {
  source = one
}

const listeners = new Set<() => void>()
let following = false
/** Changes come in bursts: an order, its card, its balance. */
const GATHER_MS = 120

function onChange(listener: () => void): () => void {
  listeners.add(listener)
  if (!following) {
    following = true
    let waiting: ReturnType<typeof setTimeout> | undefined
    let last = -Infinity
    source.follow(() => {
      if (document.visibilityState === 'hidden') return
      const rest = source.restMs ?? 0
      waiting ??= setTimeout(
        () => {
          waiting = undefined
          last = performance.now()
          for (const one of listeners) one()
        },
        Math.max(GATHER_MS, last + rest - performance.now()),
      )
    })
  }
  return () => void listeners.delete(listener)
}

/** Whoever is not let in any more is shown nothing of what they saw. */
const ENDED = new Set(['panel.over', 'panel.role', 'web.over', 'web.banned'])

export interface Live<T> {
  data: T | undefined
  problem: Problem | undefined
  reload: () => void
}

/**
 * What the shop answers, kept up to date: what was shown stays until there is something newer.
 * @param restMs so long it is not asked for again by itself, whatever changes: for what costs the shop much
 */
export function useLive<T>(path: string, restMs = 0): Live<T> {
  const [state, setState] = useState<{ path: string; data?: T; problem?: Problem }>({ path })
  const reload = useCallback(() => {
    source.get<T>(path).then(
      (data) => setState({ path, data }),
      (problem: Problem) =>
        setState((before) => ({
          ...(before.path === path && !ENDED.has(problem.code) ? before : { path }),
          problem,
        })),
    )
  }, [path])
  useEffect(() => {
    reload()
    let last = performance.now()
    let waiting: ReturnType<typeof setTimeout> | undefined
    const stop = onChange(() => {
      waiting ??= setTimeout(
        () => {
          waiting = undefined
          last = performance.now()
          reload()
        },
        last + restMs - performance.now(),
      )
    })
    return () => {
      clearTimeout(waiting)
      stop()
    }
  }, [reload, restMs])
  const mine = state.path === path ? state : { path }
  return { data: mine.data, problem: mine.problem, reload }
}
