const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15_000

/**
 * Reads a stream of events for as long as the page is open. After a break, and when the page is shown again,
 * anything may have changed.
 */
export function listen(connect: () => Promise<Response>, changed: () => void): void {
  let wait = FIRST_WAIT_MS
  let isFirst = true
  const read = async (): Promise<void> => {
    try {
      const response = await connect()
      if (!response.ok || !response.body) throw new Error(String(response.status))
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        // Events between two connections reached nobody, so each new connection counts as a change.
        if (part.value.includes('event: change') || !isFirst) changed()
        isFirst = false
        wait = FIRST_WAIT_MS
      }
    } catch {
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
    setTimeout(() => void read(), wait)
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') changed()
  })
  void read()
}
