/**
 * The control API of a running simulator, over HTTP, so it is the same for a simulator in this process and in
 * another.
 */
export interface Control {
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** Waits until `check` finds something; asks again after each event. @throws Error after `patienceMs` */
  until<T>(check: () => Promise<T | undefined>, patienceMs: number, what: () => string): Promise<T>
  close(): void
}

export function controlOf(url: string): Control {
  const end = new AbortController()
  const waiting = new Set<() => void>()
  let following: Promise<void> | undefined

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/control${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as T & { error?: string }
    if (!response.ok) throw new Error(answer.error ?? `the sandbox answered ${response.status}`)
    return answer
  }

  /** Resolves when the stream is open, so that everything which happens afterwards is heard. */
  async function follow(): Promise<void> {
    const response = await fetch(`${url}/control/events`, { signal: end.signal })
    const read = async () => {
      for await (const _ of response.body!) for (const wake of waiting) wake()
    }
    read().catch(() => {})
  }

  return {
    call,
    async until(check, patienceMs, what) {
      await (following ??= follow())
      const deadline = performance.now() + patienceMs
      for (;;) {
        let wake = () => {}
        const event = new Promise<void>((resolve) => {
          wake = resolve
        })
        waiting.add(wake)
        try {
          const found = await check()
          if (found !== undefined) return found
          const left = deadline - performance.now()
          if (left <= 0) throw new Error(what())
          const timer = setTimeout(wake, left)
          await event
          clearTimeout(timer)
        } finally {
          waiting.delete(wake)
        }
      }
    },
    close: () => end.abort(),
  }
}
