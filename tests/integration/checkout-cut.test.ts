import { expect, test } from 'vitest'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'

test.skipIf(!redisAvailable())(
  'F25 the answer to the last question before a payment is said again while Telegram is not reached',
  async () => {
    const shop = await openShop()
    const buyer = await shop.person()
    const link = await buyer.order(5)
    await shop.fault({ on: 'call', method: 'answerPreCheckoutQuery', times: 2, do: { drop: 'before' } })
    expect(await buyer.pay(link)).toMatchObject({ outcome: 'paid' })
    const dead = await shop.db.rows({ text: `select key from outbox where state = 'dead'`, values: [] })
    expect(dead).toEqual([])
  },
)
