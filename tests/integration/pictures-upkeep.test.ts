import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { picturesPaused } from '#shop/pictures/settings.ts'
import { release } from '#shared/money/holds.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { checkPictures } from '#shop/pictures/jobs.ts'
import { oweLost, relay } from '#shared/queue/outbox.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { ADMIN, type ImageShop, openImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('pictures that stand still', () => {
  let shop: ImageShop
  let person = 5000
  let checks = 0
  const check = () => shop.shared.producer.add(checkPictures, { at: `test-${checks++}` })
  const pause = (value: boolean) =>
    createSettings(shop.db, shop.config).set(shop.db, picturesPaused, { value, by: BigInt(ADMIN) })

  beforeAll(async () => {
    shop = await openImageShop({ workers: ['images'], times: { queue: 60_000 } })
    await shop.person(ADMIN, 0n)
  })
  beforeEach(async () => {
    person++
    await shop.person(person, 5n)
    await shop.provider('POST', '/reset')
  })
  afterAll(() => shop.close())

  test('F26, F27: an emptied Redis costs time only: the jobs are owed again from their rows', async () => {
    await shop.provider('PUT', '/settings', { fates: [{ prompt: 'маяк', drawMs: 3_600_000, callbacks: 0 }] })
    await shop.order(person, 'маяк')
    await eventually(async () => (await shop.orders(person))[0]?.stage === 'drawing')
    const redis = new Redis(shop.env.REDIS_URL!)
    await redis.flushdb()
    await redis.quit()
    await shop.provider('PUT', '/clock', { advance_ms: 3_600_000 })
    // Upkeep does this every 30 s; the test does it in a hurry.
    await eventually(
      async () => {
        await oweLost(shop.db, 500)
        await relay(shop.db, shop.shared.producer, shop.shared.log)
        return (await shop.orders(person))[0]?.state === 'delivered'
      },
      { everyMs: 300 },
    )
    expect(await shop.tokens(person)).toMatchObject({ available: 4n, held: 0n })
    expect(await shop.tasks()).toHaveLength(1)
  })

  describe('while pictures are paused', () => {
    beforeAll(async () => {
      await pause(true)
      // The worker reads its settings again after at most 2 s.
      await new Promise((resolve) => setTimeout(resolve, 2100))
    })

    test('what waited too long for its start gives the tokens back and says so', async () => {
      const order = await shop.order(person, 'очередь')
      await shop.message(person, ({ text }) => text?.includes('Место в очереди: 1'))
      await shop.db.rows(
        q`update generations set queued_at = now() - interval '61 seconds' where order_id = ${order}`,
      )
      await check()
      expect(await shop.is(order, 'failed')).toMatchObject({ reason: 'queue' })
      await shop.message(person, ({ text }) => text?.includes('Очередь была слишком длинной'))
      expect(await shop.tokens(person)).toMatchObject({ available: 5n, held: 0n })
    })

    test('an order that an admin ended by hand does not stand in the way of the others', async () => {
      const ended = await shop.order(person, 'первая')
      const next = await shop.order(person, 'вторая')
      await shop.db.tx(async (tx) => {
        await moveOrder(tx, ended, 'failed', { actor: `admin:${ADMIN}`, from: ['reserved'] })
        await release(tx, ended, 'by hand')
      })
      await pause(false)
      await shop.is(next, 'delivered')
      expect(await shop.tokens(person)).toMatchObject({ available: 4n, held: 0n })
      expect((await shop.tasks()).map(({ prompt }) => prompt)).toEqual(['вторая'])
    })
  })

  test('admins are told once an hour that a provider’s credits run low', async () => {
    await shop.provider('PUT', '/settings', { credits: 7 })
    await check()
    await check()
    const alerts = () =>
      shop.db.rows(q<{ params: Record<string, unknown> }>`
        select params from alerts where topic = 'image-alert-credits'`)
    const left = () => shop.shared.producer.queues.get('images')![0]!.getJobCountByTypes('wait', 'active')
    await eventually(async () => (await alerts()).length > 0 && (await left()) === 0)
    expect(await alerts()).toMatchObject([{ params: { provider: 'kie', credits: 7, least: 100 } }])
  })
})
