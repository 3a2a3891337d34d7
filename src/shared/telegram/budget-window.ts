import { newId } from '../ids.ts'
import type { Left, Pass, Passed, Place } from './budget-store.ts'

/** Leaves the place: the message that was sent in it is answered, or no answer will come any more. */
export type Leave = () => void

export interface Window {
  /**
   * A place for so many messages that are sent now: as soon as there is one.
   * @returns undefined when there was none for `patienceMs`
   */
  enter(count: number, patienceMs: number): Promise<Leave | undefined>
  /** Whether so many messages of this process wait for a place that no further one should come. */
  crowded(): boolean
}

interface Waiter extends Place {
  giveUpAt: number
  resolve: (leave: Leave | undefined) => void
  reject: (error: unknown) => void
}

/** A place that was given so long ago is given back: a process that stood still may find it given to another. */
const USE_WITHIN_MS = 1_000
/** Places are held anew so often while their calls are under way; those of a dead process are free after `HELD_MS`. */
const RENEW_MS = 1_000
/** So many are told to the store in one question at most. */
const AT_ONCE = 100
/** The longest time between two questions while somebody waits. */
const ASK_AGAIN_MS = 50
const AWAY_MS = 200

/**
 * The places of a mailing's messages, as one process uses them. A place is taken when everything else is ready, so that
 * a process that is late only makes its own messages later, and is left when Telegram has answered: whenever between the
 * two the message was counted, those of the next second come after it. What waits is told to the store in one question.
 * @param places so many messages have one at the same time
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

  /** A store that is away lets nobody pass; another fault of it is ours to tell. */
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

/** Where the window is kept cannot be reached or takes no writes: places are given when it can again. */
export class StoreAway extends Error {}
