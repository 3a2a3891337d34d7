import { expect, it } from 'vitest'
import { STUCK_AFTER_MS, createProgress } from '../../src/shared/progress.ts'

it('F38: a worker is stuck when jobs wait and none ends, and healthy while idle or getting on', () => {
  let now = 0
  const progress = createProgress(() => now)
  now += 10 * STUCK_AFTER_MS
  expect(progress.problem(0), 'idle for hours').toBeUndefined()
  expect(progress.problem(5), 'work has only just come').toBeUndefined()
  now += STUCK_AFTER_MS - 1
  expect(progress.problem(5)).toBeUndefined()
  now += 1
  expect(progress.problem(5)).toContain('5 jobs wait and none has ended for 120 s')
  progress.made()
  expect(progress.problem(5), 'a job ended').toBeUndefined()
})
