import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placeInQueue } from '#shop/pictures/turns.ts'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/picture-shop.ts'
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
    'is shared by two workers: never more than 20 starts in 10 s, none of them lost, none of them twice; F106 a bot of which many wait delays another by one',
    { timeout: 120_000 },
    async () => {
      const people = Array.from({ length: PICTURES }, (_, index) => 3000 + index)
      await Promise.all(people.map((person) => shop.person(person, 2n)))
      const [alone, ...crowd] = people
      await Promise.all(crowd.map((person) => shop.order(person, `picture for ${person}`)))
      const last = await shop.order(alone!, `picture for ${alone}`, 'z-image', [], undefined, 'other')
      expect(await placeInQueue(shop.db, last)).toMatchObject({ place: 2 })
      await Promise.all([shop.process(), shop.process()])
      await eventually(async () => (await shop.orders()).every(({ state }) => state === 'delivered'), {
        timeoutMs: 90_000,
        everyMs: 300,
      })
      // By the workers' own record, in the order in which they took their turns. How long a call is on its way to
      // the provider, and whether the provider refuses it because of that and it is repeated, depends on the
      // network.
      const attempts = await shop.db.rows(
        q<{
          at: Date
          order: string
        }>`select created_at as at, order_id as "order" from attempts order by created_at`,
      )
      expect(attempts.slice(0, 2).map(({ order }) => order)).toContain(last)
      const starts = attempts.map(({ at }) => at.getTime())
      expect(starts.length).toBeGreaterThanOrEqual(PICTURES)
      for (const [index, at] of starts.slice(RATE).entries())
        expect(at - starts[index]!).toBeGreaterThanOrEqual(WINDOW_MS)
      expect(await shop.tasks()).toHaveLength(PICTURES)
    },
  )
})
