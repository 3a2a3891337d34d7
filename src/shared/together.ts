import { AsyncLocalStorage } from 'node:async_hooks'
import { databaseIsDown } from './db/errors.ts'
import { outsideTraces } from './trace/trace.ts'

/** One of the calls that are done together. */
export interface Call<One> {
  one: One
  /** Runs something as part of the job that called, for its trace. */
  within: <T>(work: () => T) => T
}

interface Waiting<One> extends Call<One> {
  resolve: () => void
  reject: (error: unknown) => void
}

export interface Together<One> {
  /**
   * Does the calls in one transaction and says which of them are done. It waits for no lock that one of them meets: that
   * one is left out.
   */
  all: (calls: readonly Call<One>[]) => Promise<ReadonlySet<One>>
  /** Does one call by itself: one that was left out, or each of those that could not be done together. */
  alone: (one: One) => Promise<void>
  /** Of calls with the same key, each is done after the one before. */
  key: (one: One) => string
}

/** A transaction of so many is as cheap for each as a longer one, and nobody waits long for the others. */
const MOST = 50

/**
 * Calls that come while others are under way are done together, in one transaction with one wait for the disk. Nobody
 * waits for others to come: the first is done at once. Each call ends as it would by itself: one that cannot be done takes
 * no other with it, because after an error each is done alone. So whatever is done must bear being done again.
 */
export function together<One>({ all, alone, key }: Together<One>): (one: One) => Promise<void> {
  let waiting: Waiting<One>[] = []
  let running = false

  /** The first of each key, up to MOST. */
  function take(): Waiting<One>[] {
    const taken = new Map<string, Waiting<One>>()
    const left: Waiting<One>[] = []
    for (const call of waiting) {
      const name = key(call.one)
      if (taken.size < MOST && !taken.has(name)) taken.set(name, call)
      else left.push(call)
    }
    waiting = left
    return [...taken.values()]
  }

  const doAlone = ({ one, within, resolve, reject }: Waiting<One>) =>
    void within(() => alone(one)).then(resolve, reject)

  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      // What comes with one answer of the queue comes within one turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
      const calls = take()
      try {
        const done = await all(calls)
        for (const call of calls) {
          if (done.has(call.one)) call.resolve()
          else doAlone(call)
        }
      } catch (error) {
        for (const call of calls) {
          if (databaseIsDown(error)) call.reject(error)
          else doAlone(call)
        }
      }
    }
    running = false
  }

  return (one) =>
    new Promise((resolve, reject) => {
      waiting.push({ one, within: AsyncLocalStorage.snapshot(), resolve, reject })
      if (!running) void outsideTraces(run)
    })
}
