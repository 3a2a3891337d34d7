import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/image-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

const WINDOW_MS = 10_000
const RATE = 20
const PICTURES = 28

describe.skipIf(!redisAvailable())('the provider’s rate limit', () => {
  let shop: ImageShop
  beforeAll(async () => {
    shop = await openImageShop({
      workers: [],
      kie: {
        settings: {
          startLimit: { tasks: RATE, perMs: WINDOW_MS },
          fate: { waitMs: 50, queueMs: 50, drawMs: 100, file: 'plain' },
        },
      },
    })
  })
  afterAll(() => shop.close())

  test(
    'is shared by two workers: never more than 20 starts in 10 s, none of them lost, none of them twice',
    { timeout: 120_000 },
    async () => {
      const people = Array.from({ length: PICTURES }, (_, index) => 3000 + index)
      await Promise.all(people.map((person) => shop.person(person, 2n)))
      await Promise.all([shop.process(), shop.process()])
      await Promise.all(people.map((person) => shop.order(person, `picture for ${person}`)))
      await eventually(async () => (await shop.orders()).every(({ state }) => state === 'delivered'), {
        timeoutMs: 90_000,
        everyMs: 300,
      })
      // By the workers' own record, in the order in which they took their turns: how long a call is on its way to the
      // provider, and whether it is refused there because of that and repeated, is the network's affair.
      const starts = (
        await shop.db.rows(q<{ at: Date }>`select created_at as at from attempts order by created_at`)
      ).map(({ at }) => at.getTime())
      expect(starts.length).toBeGreaterThanOrEqual(PICTURES)
      for (const [index, at] of starts.slice(RATE).entries())
        expect(at - starts[index]!).toBeGreaterThanOrEqual(WINDOW_MS)
      expect(await shop.tasks()).toHaveLength(PICTURES)
    },
  )
})
