import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'

/**
 * A BullMQ marker is the key by which a queue announces that it has a job. One connection waits for the markers of all
 * partitions.
 */
export interface Markers {
  /** From now on this process waits for markers under the key. */
  watch(key: string): void
  /** This process no longer waits for markers under the key; a pending `next` of the key resolves to false. */
  leave(key: string): void
  /** Behaves as if a marker had come under the key. */
  tell(key: string): void
  /** Forgets that a marker came. Nothing is lost, because the caller looks at the partition right afterwards. */
  forget(key: string): void
  /** @returns true when a marker came, also one that came before this call; false when the time is over */
  next(key: string, timeoutMs: number): Promise<boolean>
}

/** How long the connection waits in one call, ms. A connection that is silent for 1.5 times as long counts as dead. */
export const BLOCK_MS = 4_000
const AWAY_MS = 500
/**
 * How many such calls the connection has sent. Redis answers one after another, each with one marker. With a single call a
 * process heard of one partition for each turn to Redis, which waits for its disk: of some hundred in a second at most.
 */
const CALLS = 4

/** @param connect opens the waiting connection */
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
    // All partitions of a process begin in the same moment: one turn of the event loop collects them into one call. A
    // partition that comes later is in the next call.
    await sleep(0)
    while (keys.size > 0 && blocker === redis) {
      try {
        const marker = await redis.bzpopmin(...keys, BLOCK_MS / 1000)
        if (!marker) continue
        const [key, , score] = marker
        // Redis answers with the first key in the list that has a marker. So the key that was just served moves to the
        // end of the list, and no partition starves.
        if (keys.delete(key)) keys.add(key)
        // A marker with another score announces a delayed job. Those are moved on by the periodic look at all
        // partitions, so they are ignored here.
        if (Number(score) === 0) tell(key)
      } catch {
        await sleep(AWAY_MS)
      }
    }
  }

  return {
    watch(key) {
      keys.add(key)
      if (blocker) return
      blocker = connect()
      for (let call = 0; call < CALLS; call++) void wait(blocker)
    },
    leave(key) {
      keys.delete(key)
      came.delete(key)
      waiting.get(key)?.(false)
      if (keys.size > 0) return
      blocker?.disconnect()
      blocker = undefined
    },
    tell(key) {
      if (keys.has(key)) tell(key)
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
