import { expect, test } from 'vitest'
import { STUCK_AFTER_MS, createProgress } from '#shared/progress.ts'

test('F38: a worker is stuck when jobs wait and none ends, and healthy while idle or getting on', () => {
  let now = 0
  const progress = createProgress(() => now)
  const waiting = (count: number) => new Map([['billing', count]])
  now += 10 * STUCK_AFTER_MS
  expect(progress.problem(waiting(0)), 'idle for hours').toBeUndefined()
  expect(progress.problem(waiting(5)), 'work has only just come').toBeUndefined()
  now += STUCK_AFTER_MS - 1
  expect(progress.problem(waiting(5))).toBeUndefined()
  now += 1
  expect(progress.problem(waiting(5))).toContain('5 jobs wait on billing and none has ended for 120 s')
  progress.made('billing')
  expect(progress.problem(waiting(5)), 'a job ended').toBeUndefined()
})

test('F38: one silent partition is noticed while the others go on, and taken for healthy again when it is empty', () => {
  let now = 0
  const progress = createProgress(() => now)
  const look = (silent: number) =>
    progress.problem(
      new Map([
        ['updates-0', 3],
        ['updates-1', silent],
        ['checkout', 0],
      ]),
    )
  for (let step = 0; step < 8; step++) {
    expect(look(2)).toBeUndefined()
    now += STUCK_AFTER_MS / 8
    progress.made('updates-0')
  }
  expect(look(2)).toContain('2 jobs wait on updates-1')
  expect(look(0), 'somebody else took them').toBeUndefined()
  expect(look(2), 'new ones').toBeUndefined()
})
