import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'

/** BullMQ's markers, by which a queue tells that it has a job: one connection waits for those of all partitions. */
export interface Markers {
  /** From now on this process takes the markers of the key. */
  watch(key: string): void
  /** This process takes the markers of the key no more; `next` of the key answers that none came. */
  leave(key: string): void
  /** Forgets that a marker came: what it told of is seen by the look that follows. */
  forget(key: string): void
  /** @returns whether a marker came, also while nobody waited for it; false = the time is over */
  next(key: string, timeoutMs: number): Promise<boolean>
}

/** How long the connection waits before it asks anew; one that says nothing for half as long again is taken to be dead. */
export const BLOCK_MS = 4_000
const AWAY_MS = 500

/** @param connect opens the connection that waits */
export function openMarkers(connect: () => Redis): Markers {
  const keys = new Set<string>()
  const came = new Set<string>()
  const waiting = new Map<string, (came: boolean) => void>()
  let blocker: Redis | undefined

  const tell = (key: string): void => {
    const waits = waiting.get(key)
    if (waits) waits(true)
    else came.add(key)
  }
  async function wait(redis: Redis): Promise<void> {
    // All partitions of a process begin at the same moment; a partition that comes later is asked for in the next round.
    await sleep(0)
    while (keys.size > 0 && blocker === redis) {
      try {
        const marker = await redis.bzpopmin(...keys, BLOCK_MS / 1000)
        if (!marker) continue
        const [key, , score] = marker
        // Redis answers with the first key of the row that has a marker: the key that was served goes to the end of the row.
        if (keys.delete(key)) keys.add(key)
        // A marker with another score tells of a delayed job, and the look at all partitions moves delayed jobs on.
        if (Number(score) === 0) tell(key)
      } catch {
        await sleep(AWAY_MS)
      }
    }
  }

  return {
    watch(key) {
      keys.add(key)
      if (!blocker) void wait((blocker = connect()))
    },
    leave(key) {
      keys.delete(key)
      came.delete(key)
      waiting.get(key)?.(false)
      if (keys.size > 0) return
      blocker?.disconnect()
      blocker = undefined
    },
    forget: (key) => void came.delete(key),
    next(key, timeoutMs) {
      if (came.delete(key)) return Promise.resolve(true)
      if (!keys.has(key)) return Promise.resolve(false)
      return new Promise((resolve) => {
        const end = (marker: boolean): void => {
          clearTimeout(timer)
          waiting.delete(key)
          resolve(marker)
        }
        const timer = setTimeout(end, timeoutMs, false)
        waiting.set(key, end)
      })
    },
  }
}
