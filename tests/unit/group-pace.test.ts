import { expect, test } from 'vitest'
import { createBudget } from '#shared/telegram/budget.ts'
import { memoryStore } from '#shared/telegram/budget-memory.ts'

test('twenty-five alerts at once for a group go in their order, five and then one each 4.05 s, so that no minute has more than 20', async () => {
  let now = 0
  const budget = createBudget(
    { redis: undefined, key: String },
    '1',
    { sendRate: 30, chatRate: 1 },
    memoryStore(() => now),
  )
  // A job that gets no slot is put aside for as long as it is told, behind those that are due before.
  let waiting = Array.from({ length: 25 }, (_, number) => ({ number, at: 0 }))
  const sent: { number: number; at: number }[] = []
  while (waiting.length > 0) {
    const [job, ...others] = waiting.toSorted((a, b) => a.at - b.at)
    now = Math.max(now, job!.at)
    const { granted, waitMs } = await budget.ask('notices', -1_001, 1)
    if (granted) sent.push({ number: job!.number, at: now + waitMs })
    waiting = granted ? others : [...others, { ...job!, at: now + waitMs }]
  }
  expect(sent.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, number) => number))
  for (const { at } of sent)
    expect(sent.filter((one) => one.at >= at && one.at < at + 60_000).length).toBeLessThanOrEqual(20)
  expect(sent[4]!.at).toBeLessThan(1_000)
  expect(sent.at(-1)!.at).toBeLessThan(20 * 4_050 + 1_000)
})
