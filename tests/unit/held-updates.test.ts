import type { Update } from 'grammy/types'
import { describe, expect, test } from 'vitest'
import { createHeld } from '#gateway/held-updates.ts'

const updates = (...ids: number[]) => ids.map((update_id) => ({ update_id }) as Update)

describe('F121 updates that one poller holds', () => {
  const away = async () => {
    throw new Error('away')
  }
  const there = async () => {}

  test('stay at Telegram together with all later ones, which are taken once; a held chat is not overtaken', async () => {
    const held = createHeld()
    const [one, two, three, four] = updates(1, 2, 3, 4)
    held.begin()
    await held.unlessHeld(one!, 'a', there)
    await expect(held.unlessHeld(two!, 'b', away)).rejects.toThrow('away')
    await held.unlessHeld(three!, 'a', there)
    await expect(held.unlessHeld(four!, 'b', there)).rejects.toThrow('an earlier update of its chat')
    expect([held.offsetAfter(4), held.holds(), held.isIdle()]).toEqual([2, true, false])
    expect(held.without(updates(2, 3, 4, 5))).toEqual(updates(2, 4, 5))

    held.begin()
    await expect(held.unlessHeld(two!, 'b', away)).rejects.toThrow('away')
    expect([held.offsetAfter(4), held.isIdle()]).toEqual([2, true])

    held.begin()
    for (const update of updates(2, 4)) await held.unlessHeld(update, 'b', there)
    expect([held.offsetAfter(4), held.holds(), held.isIdle()]).toEqual([5, false, false])
    expect(held.without(updates(5))).toEqual(updates(5))
  })
})
