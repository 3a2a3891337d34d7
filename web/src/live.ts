import { useCallback, useEffect, useState } from 'preact/hooks'
import type { Problem } from './problem.ts'

/** The source from which the Mini App or the panel gets its answers. */
export interface Source {
  get<T>(path: string): Promise<T>
  /** Calls back whenever something has changed, or may have. */
  follow(changed: () => void): void
  /** After a question the page waits at least this long before the next one, however much changes. */
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

/** Problems after which nothing of the old answer may be shown, because the person may no longer see it. */
const ENDED = new Set(['panel.over', 'panel.role', 'web.over', 'web.banned'])

export interface Live<T> {
  data: T | undefined
  problem: Problem | undefined
  reload: () => void
}

/**
 * Keeps an answer of the shop up to date. The old answer is shown until a newer one comes.
 * @param restMs the shortest time between two questions that the page asks by itself, for answers that cost the shop
 * much
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
