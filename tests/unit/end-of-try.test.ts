import { getEventListeners, once } from 'node:events'
import { expect, test } from 'vitest'
import { endOfTry } from '#shared/queue/end-of-try.ts'

test('a try ends when its time is up, when its job is cancelled, and at once when it was cancelled before', async () => {
  const { signal } = endOfTry(1, [])
  // The interval keeps the process running, because nothing else does.
  const held = setInterval(() => {}, 1_000)
  if (!signal.aborted) await once(signal, 'abort')
  clearInterval(held)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })

  const cancelled = new AbortController()
  const one = endOfTry(60_000, [undefined, cancelled.signal])
  expect(one.signal.aborted).toBe(false)
  cancelled.abort('cancelled')
  expect(one.signal.reason).toBe('cancelled')
  expect(endOfTry(60_000, [cancelled.signal]).signal.reason).toBe('cancelled')
})

test('a try that is over leaves nothing behind on the signals of its process', () => {
  const stopping = new AbortController()
  for (let job = 0; job < 100; job++) endOfTry(60_000, [stopping.signal]).letGo()
  expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(0)
})
