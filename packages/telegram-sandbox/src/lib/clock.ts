/** A clock that can be moved: everything a simulator dates or schedules goes through it. Times are ms. */
export interface Clock {
  now(): number
  /** Runs `work` once `ms` have passed on this clock. Returns a function that cancels it. */
  after(ms: number, work: () => void): () => void
  /** Moves the clock forward; what has become due runs at once, in its order. */
  advance(ms: number): void
  /** Stops the clock: from now on it moves only by `advance`. */
  stand(): void
  stop(): void
}

interface Timer {
  due: number
  work: () => void
  handle?: NodeJS.Timeout
}

const LONGEST_MS = 2 ** 31 - 1

export function createClock(start?: number): Clock {
  let shift = start === undefined ? 0 : start - Date.now()
  const timers = new Set<Timer>()
  let standsAt: number | undefined
  const now = () => (standsAt ?? Date.now()) + shift

  const fire = (timer: Timer) => {
    if (!timers.has(timer)) return
    if (timer.due > now()) return arm(timer)
    timers.delete(timer)
    timer.work()
  }
  const arm = (timer: Timer) => {
    clearTimeout(timer.handle)
    if (standsAt !== undefined && timer.due > now()) return
    timer.handle = setTimeout(fire, Math.min(LONGEST_MS, Math.max(0, timer.due - now())), timer)
  }

  return {
    now,
    after(ms, work) {
      const timer: Timer = { due: now() + ms, work }
      timers.add(timer)
      arm(timer)
      return () => {
        timers.delete(timer)
        clearTimeout(timer.handle)
      }
    },
    advance(ms) {
      shift += ms
      const byDue = [...timers].sort((a, b) => a.due - b.due)
      for (const timer of byDue) {
        clearTimeout(timer.handle)
        fire(timer)
      }
    },
    stand() {
      standsAt ??= Date.now()
    },
    stop() {
      for (const timer of timers) clearTimeout(timer.handle)
      timers.clear()
    },
  }
}
