import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import { createBreaker } from '#shop/stars-premium/worker/breaker.ts'

const PAUSE_MS = 30_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

const lost = () => Promise.reject(new UnknownOutcome('502'))

test('F52 a reseller that is well again after an hour of lost purchases gets the next one within half a minute', async () => {
  const changes: boolean[] = []
  const breaker = createBreaker((works) => changes.push(works), PAUSE_MS)
  for (let time = 0; time < 5; time++) await expect(breaker.run(lost)).rejects.toThrow('502')
  let trials = 0
  for (let second = 0; second < 3_600; second++) {
    if (!breaker.isOpen()) {
      trials++
      await expect(breaker.run(lost)).rejects.toThrow('502')
    }
    vi.advanceTimersByTime(1_000)
  }
  expect(trials, 'one order in doubt for each pause, no more').toBeLessThanOrEqual(3_600_000 / PAUSE_MS)
  let waited = 0
  for (; breaker.isOpen(); waited += 1_000) vi.advanceTimersByTime(1_000)
  expect(waited).toBeLessThanOrEqual(PAUSE_MS)
  expect(await breaker.run(() => Promise.resolve('bought'))).toBe('bought')
  expect(changes.at(-1)).toBe(true)
})

test('F52 whoever asks while purchases are stopped is told when the pause is over, and comes back then', async () => {
  const breaker = createBreaker(() => {}, PAUSE_MS)
  for (let time = 0; time < 5; time++) await breaker.run(lost).catch(() => {})
  vi.advanceTimersByTime(PAUSE_MS - 4_000)
  const refused: unknown = await breaker.run(() => Promise.resolve('bought')).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Transient)
  expect((refused as Transient).retryAfterMs).toBe(4_000)
  vi.advanceTimersByTime(4_000)
  expect(breaker.isOpen()).toBe(false)
  expect(await breaker.run(() => Promise.resolve('bought'))).toBe('bought')
})
