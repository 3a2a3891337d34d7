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

test('F38: a job in hand hangs when a step takes two minutes longer than it may while the server of its queue answers', async () => {
  let now = 0
  let away = false
  const progress = createProgress(() => now)
  const look = () => progress.hanging((queue) => Promise.resolve(!(away && queue === 'updates-3')))
  const hand = progress.took('updates-3', 'update-main-7')
  hand.begins('run', 60_000)
  now += 60_000 + STUCK_AFTER_MS - 1
  expect(await look()).toBeUndefined()
  now += 1
  expect(await look()).toBe('the job update-main-7 of updates-3 has been in the step "run" for 180 s')
  hand.begins('settle')
  expect(await look(), 'it went on').toBeUndefined()

  away = true
  now += 10 * STUCK_AFTER_MS
  expect(await look(), 'it waits for its server').toBeUndefined()
  away = false
  now += STUCK_AFTER_MS - 1
  expect(await look(), 'the server is back').toBeUndefined()
  now += 1
  expect(await look()).toContain('"settle"')
  hand.over()
  expect(await look()).toBeUndefined()
})
