import { afterAll, beforeAll, expect, test } from 'vitest'
import { inBatches } from '#shared/queue/batches.ts'
import { readProgress } from '#shop/loyalty/levels/progress.ts'
import { countStatements } from '../lib/count-statements.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'

let shop: Awaited<ReturnType<typeof openWalletShop>>
beforeAll(async () => void (shop = await openWalletShop()))
afterAll(() => shop.close())

async function followed(persons: number[]): Promise<string[]> {
  for (const id of persons) await shop.pay(await shop.person(id), 1n)
  // Whether settings are fresh must not decide how many statements there are.
  shop.settings.forget()
  const counter = countStatements('wallet-test')
  try {
    await shop.follow()
    return counter.take().statements
  } finally {
    counter.stop()
  }
}

test('following the payments of sixty people costs as many statements as following the payment of one', async () => {
  // The first look at a badge also begins somebody's sums, for all of a batch at once.
  await followed([1])
  const one = await followed([2])
  const many = await followed(Array.from({ length: 60 }, (_, at) => 100 + at))
  expect(many.length).toBe(one.length)
  expect(one.length).toBeLessThan(30)
  expect((await readProgress(shop.db, shop.settings, 159n)).xp).toBe(10)
})

test('work that comes as fast as it is done is left to the next run when the time is up', async () => {
  let done = 0
  const endless = async () => ++done > 0
  expect(await inBatches(endless, 0)).toBe(true)
  expect(done).toBe(1)
  expect(await inBatches(async () => ++done < 5)).toBe(false)
  expect(done).toBe(5)
})
