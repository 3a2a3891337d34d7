import { AsyncLocalStorage } from 'node:async_hooks'
import { databaseIsDown } from './db/errors.ts'
import { outsideTraces } from './trace/trace.ts'

/** One call that may be done together with others. */
export interface Call<One> {
  one: One
  /** Runs work as part of the job that made the call, so that it belongs to the job's trace. */
  within: <T>(work: () => T) => T
}

interface Waiting<One> extends Call<One> {
  resolve: () => void
  reject: (error: unknown) => void
}

export interface Together<One> {
  /**
   * Does the calls in one transaction and returns those that were done. It does not wait for locks: a call that meets
   * a locked row is left out.
   */
  all: (calls: readonly Call<One>[]) => Promise<ReadonlySet<One>>
  /** Does one call alone, if the common transaction left it out or failed. */
  alone: (one: One) => Promise<void>
  /** Calls with the same key are done one after another. */
  key: (one: One) => string
}

/** A larger transaction would make no call cheaper, and would let the others wait longer. */
const MOST = 50

/**
 * Calls that arrive while others are running are done together in one transaction with one wait for the disk. No call
 * waits for others to arrive: the first is done at once. Each call ends as it would alone: after an error each is done
 * by itself, so a call that fails takes no other with it. Therefore the work must bear being done again.
 */
export function together<One>({ all, alone, key }: Together<One>): (one: One) => Promise<void> {
  let waiting: Waiting<One>[] = []
  let running = false
  /** Keys of the calls that are being done alone: a later call with such a key waits. */
  const busy = new Set<string>()

  /** The first call of each key, at most MOST. */
  function take(): Waiting<One>[] {
    const taken = new Map<string, Waiting<One>>()
    const left: Waiting<One>[] = []
    for (const call of waiting) {
      const name = key(call.one)
      if (taken.size < MOST && !taken.has(name) && !busy.has(name)) taken.set(name, call)
      else left.push(call)
    }
    waiting = left
    return [...taken.values()]
  }

  function doAlone({ one, within, resolve, reject }: Waiting<One>): void {
    const name = key(one)
    busy.add(name)
    const over = () => {
      busy.delete(name)
      start()
    }
    void within(() => alone(one))
      .then(resolve, reject)
      .then(over)
  }

  const start = () => {
    if (!running && waiting.length > 0) void outsideTraces(run)
  }

  async function run(): Promise<void> {
    running = true
    for (;;) {
      // Calls from one answer of the queue arrive within one turn of the event loop, so one turn is waited for.
      await new Promise((resolve) => setImmediate(resolve))
      const calls = take()
      if (calls.length === 0) break
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
      start()
    })
}
