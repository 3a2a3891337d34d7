import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'

/** Counts requests in a thread of its own, which goes on counting when the test's thread stands still. */
export async function startCounter() {
  const worker = new Worker(new URL(import.meta.url))
  const [port] = (await once(worker, 'message')) as [number]
  return {
    url: `http://127.0.0.1:${port}`,
    /** Stops the thread; resolves with the time of each request, in ms. */
    async stop(): Promise<number[]> {
      worker.postMessage('stop')
      const [times] = (await once(worker, 'message')) as [number[]]
      await worker.terminate()
      return times
    },
  }
}

/** The largest number of requests within one second, wherever that second begins. */
export function mostInASecond(times: number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  let most = 0
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last]! - sorted[first]! >= 1_000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

if (!isMainThread) {
  const times: number[] = []
  const server = createServer((request, response) => {
    times.push(performance.now())
    request.resume()
    void sleep(20).then(() => response.end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  parentPort!.postMessage((server.address() as AddressInfo).port)
  parentPort!.once('message', () => parentPort!.postMessage(times))
}
