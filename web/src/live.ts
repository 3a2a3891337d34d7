import { useCallback, useEffect, useState } from 'preact/hooks'
import { follow, get } from './api.ts'
import type { Problem } from './api.ts'

const listeners = new Set<() => void>()
let following = false
/** Changes come in bursts: an order, its card, its balance. */
const GATHER_MS = 120

function onChange(listener: () => void): () => void {
  listeners.add(listener)
  if (!following) {
    following = true
    let waiting: ReturnType<typeof setTimeout> | undefined
    follow(() => {
      clearTimeout(waiting)
      waiting = setTimeout(() => {
        for (const one of listeners) one()
      }, GATHER_MS)
    })
  }
  return () => void listeners.delete(listener)
}

export interface Live<T> {
  data: T | undefined
  problem: Problem | undefined
  reload: () => void
}

/** What the shop answers, kept up to date: what was shown stays until there is something newer. */
export function useLive<T>(path: string): Live<T> {
  const [state, setState] = useState<{ path: string; data?: T; problem?: Problem }>({ path })
  const reload = useCallback(() => {
    get<T>(path).then(
      (data) => setState({ path, data }),
      (problem: Problem) =>
        setState((before) => ({ ...(before.path === path ? before : { path }), problem })),
    )
  }, [path])
  useEffect(() => {
    reload()
    return onChange(reload)
  }, [reload])
  const mine = state.path === path ? state : { path }
  return { data: mine.data, problem: mine.problem, reload }
}
