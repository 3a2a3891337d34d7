import { sql as q } from 'kysely'
import { afterAll, expect } from 'vitest'
import { queueState } from '#shared/queue/states.ts'
import { startWorker, workerTypes } from '#workers/run.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'

let billing: { stop(graceMs: number): Promise<void> } | undefined
afterAll(() => billing?.stop(3_000))

test('F104: while billing is away a paid invoice says so at once, takes no second payment, and is credited once', async () => {
  const shop = await openShop({ workers: ['bot'] })
  const buyer = await shop.person()
  await buyer.start()
  const link = await buyer.order(5)
  expect(await buyer.pay(link)).toMatchObject({ outcome: 'paid' })

  const card = await buyer.hears('Payment received: 25 ⭐')
  expect(card.inline_keyboard ?? []).toEqual([])
  expect(await buyer.pay(link)).toMatchObject({
    outcome: 'refused',
    error_message: expect.stringContaining('paid already') as string,
  })
  expect(await buyer.tokens()).toBe(0n)

  const type = workerTypes.find(({ name }) => name === 'billing')!
  billing = await startWorker(type, shop.shared, shop.database.url)
  await buyer.hears('5 tokens credited')
  await buyer.hears('Paid: 5 tokens. Number')
  await eventually(async () => (await buyer.tokens()) === 5n)
  const states = await shop.db.rows(
    q<{ state: string }>`select state from payments where person_id = ${buyer.id}`,
  )
  expect(states).toEqual([{ state: 'paid' }])
})

test('a payment that is credited before the bot worker hears of it is not announced as still under way', async () => {
  const shop = await openShop({ workers: ['bot', 'billing'] })
  const buyer = await shop.person()
  await buyer.start()
  for (const pack of [3, 5]) {
    await buyer.buy(pack)
    await buyer.hears(`Paid: ${pack} tokens. Number`)
  }
  await eventually(async () => {
    const { counts } = await queueState(shop.shared, 'checkout')
    return counts.active + counts.wait + counts.delayed === 0
  })
  const texts = (await buyer.messages()).map(({ text }) => text ?? '')
  expect(texts.filter((text) => text.includes('Payment received'))).toEqual([])
})
