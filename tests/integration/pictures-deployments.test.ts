import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkPictures, nextPicture } from '#shop/pictures/jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { eventually } from '../lib/eventually.ts'
import { type ImageShop, openImageShop } from '../lib/picture-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

/** One bot is served here and the other in a second deployment: one database, no common queue. No upkeep runs. */
describe.skipIf(!redisAvailable())('the pictures of one person in two deployments', () => {
  let shop: ImageShop
  let person = 6100
  const stagesOf = async () => (await shop.orders(person)).map(({ stage }) => stage)
  const order = (prompt: string, bot: string) => shop.order(person, prompt, 'z-image', [], undefined, bot)
  const isOver = async () => {
    const jobs = await shop.db.rows(q`
      select 1 from outbox where job = ${nextPicture.name} and state in ('owed', 'queued')`)
    return jobs.length === 0
  }

  beforeAll(async () => {
    shop = await openImageShop({ workers: ['images'], bots: ['shop'] })
    await shop.db.rows(q`
      insert into bots (name, telegram_id) values ('other', 200) on conflict (name) do nothing`)
    await shop.deployBeside('other')
  })
  beforeEach(async () => {
    person++
    await shop.person(person, 9n)
    await shop.provider('POST', '/reset')
    await shop.provider('PUT', '/settings', {
      fates: [{ prompt: 'долгая', drawMs: 3_600_000, callbacks: 0 }],
    })
  })
  afterAll(() => shop.close())

  /** Two pictures that are drawn for as long as the test likes, which are all that the settings allow at once. */
  async function fill(bot: string): Promise<void> {
    await order('долгая', bot)
    await order('долгая', bot)
    await eventually(async () => (await stagesOf()).filter((one) => one === 'drawing').length === 2)
  }
  const finish = () => shop.provider('PUT', '/clock', { advance_ms: 3_600_000 })

  test.each([
    ['shop', 'other'],
    ['other', 'shop'],
  ])('a place that became free in %s is taken by what waits in %s', async (here, there) => {
    await fill(here)
    const waiting = [await order('первая', there), await order('вторая', there)]
    // Both jobs have looked for a free place and found none.
    await eventually(isOver, { what: 'their jobs are over' })
    expect((await stagesOf()).filter((one) => one === 'queued')).toHaveLength(2)
    await finish()
    for (const id of waiting) await shop.is(id, 'delivered')
    await eventually(async () => (await stagesOf()).every((one) => one === 'done'))
    expect(await shop.tasks()).toHaveLength(4)
    expect(await shop.tokens(person)).toMatchObject({ available: 5n, held: 0n })
  })

  test("a job that another deployment's queue holds keeps nobody from looking after what stands still here", async () => {
    await fill('shop')
    const waiting = await order('забытая', 'shop')
    await eventually(isOver, { what: 'its job is over' })
    const elsewhere = await order('там', 'other')
    await shop.db.tx(async (tx) => {
      await owe(tx, nextPicture, { orderId: elsewhere, why: 'held' }, { delayMs: 3_600_000 })
      // The ends of these pictures were lost.
      await tx.rows(q`
        update generations set stage = 'cancelled' where person_id = ${person} and stage = 'drawing'`)
      await tx.rows(q`
        update generations set queued_at = now() - interval '2 minutes' where order_id = ${waiting}`)
    })
    await shop.shared.producer.add(checkPictures, { at: 'beside' })
    await shop.is(waiting, 'delivered')
  })
})
