import { newId } from '../ids.ts'
import type { Left, Pass, Passed, Place } from './budget-store.ts'

/** Gives the place back: its message was answered, or no answer will come any more. */
export type Leave = () => void

export interface Window {
  /**
   * Takes a place for messages that are sent now, as soon as one is free.
   * @returns undefined when none was free within `patienceMs`
   */
  enter(count: number, patienceMs: number): Promise<Leave | undefined>
  /** Whether too many messages of this process wait for a place, so that no further one should be started. */
  crowded(): boolean
}

interface Waiter extends Place {
  giveUpAt: number
  resolve: (leave: Leave | undefined) => void
  reject: (error: unknown) => void
}

/**
 * A place that was given longer ago is returned unused: while the process stood still, it may have been given to
 * another.
 */
const USE_WITHIN_MS = 1_000
/** How often the places of running calls are renewed; those of a dead process become free after `HELD_MS`. */
const RENEW_MS = 1_000
/** At most this many requests go to the store in one question. */
const AT_ONCE = 100
/** The longest pause between two questions while a message waits, ms. */
const ASK_AGAIN_MS = 50
const AWAY_MS = 200

/**
 * One process's use of the places of a mailing's messages. A message takes its place when everything else is ready, so
 * a slow process delays only its own messages, and leaves it when Telegram has answered. Whenever in between Telegram
 * counted the message, those of the next second come later. All waiting requests go to the store in one question.
 * @param places how many messages may have one at the same time
 */
export function createWindow(
  places: number,
  store: (what: Pick<Pass, 'asked' | 'left' | 'held'>) => Promise<Passed>,
): Window {
  const name = newId()
  const held = new Map<string, Place>()
  let named = 0
  let waiting: Waiter[] = []
  let left: (Omit<Left, 'agoMs'> & { at: number })[] = []
  let running = false
  let renewal: NodeJS.Timeout | undefined

  const run = async (): Promise<void> => {
    running = true
    while (waiting.length > 0 || left.length > 0) {
      const asked = waiting.slice(0, AT_ONCE)
      const told = left
      left = []
      const askedAt = performance.now()
      const answer = await store({
        asked: asked.map(({ id, count }) => ({ id, count })),
        left: told.map(({ at, ...one }) => ({ ...one, agoMs: askedAt - at })),
        held: [],
      }).catch((error: unknown) => {
        left = [...told, ...left]
        return { error }
      })
      if ('error' in answer) await refused(answer.error)
      else {
        give(waiting.splice(0, answer.granted), askedAt)
        if (answer.granted < asked.length) await pause(Math.min(answer.waitMs, ASK_AGAIN_MS))
      }
      dropImpatient()
    }
    running = false
  }

  /** While the store is away no message passes; any other error of the store is a bug and is thrown. */
  const refused = async (error: unknown): Promise<void> => {
    if (error instanceof StoreAway) return await pause(AWAY_MS)
    left = []
    for (const one of waiting.splice(0)) one.reject(error)
  }

  const give = (granted: Waiter[], askedAt: number): void => {
    const grantedAt = performance.now()
    if (grantedAt - askedAt > USE_WITHIN_MS) {
      left.push(...granted.map(({ id, count }) => ({ id, count, at: grantedAt, tookMs: undefined })))
      waiting = [...granted.map((one) => ({ ...one, id: nextId() })), ...waiting]
      return
    }
    for (const { id, count, resolve } of granted) {
      held.set(id, { id, count })
      renewal ??= setInterval(renew, RENEW_MS).unref()
      resolve(() => {
        if (!held.delete(id)) return
        if (held.size === 0) {
          clearInterval(renewal)
          renewal = undefined
        }
        const at = performance.now()
        left.push({ id, count, at, tookMs: at - grantedAt })
        if (!running) void run()
      })
    }
  }

  const renew = () => void store({ asked: [], left: [], held: [...held.values()] }).catch(() => {})

  const dropImpatient = (): void => {
    const now = performance.now()
    for (const one of waiting) if (one.giveUpAt <= now) one.resolve(undefined)
    waiting = waiting.filter(({ giveUpAt }) => giveUpAt > now)
  }

  const nextId = () => `${name}-${++named}`
  return {
    crowded: () => waiting.length >= Math.max(2, places / 10),
    enter: (count, patienceMs) =>
      new Promise((resolve, reject) => {
        waiting.push({ id: nextId(), count, giveUpAt: performance.now() + patienceMs, resolve, reject })
        if (!running) void run()
      }),
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(1, Math.ceil(ms))))

/** The store of the window cannot be reached or takes no writes: places are given again when it is back. */
export class StoreAway extends Error {}
