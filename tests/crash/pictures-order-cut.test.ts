import { expect, test } from 'vitest'
import { post, transfer } from '#shared/money/ledger.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'

test.skipIf(!redisAvailable())(
  'a press that orders a picture and loses the database half way is one press away from it when the database is back, and the picture is paid once',
  async () => {
    const shop = await openShop({ workers: ['bot'] })
    const buyer = await shop.person()
    await buyer.say('/generate a cat')
    await buyer.key('Draw')
    const gift = { reference: 'gift', kind: 'adjustment' as const }
    const tokens = { asset: 'TOK' as const, amount: 50n }
    await post(shop.db, transfer({ system: 'adjustments' }, { person: BigInt(buyer.id) }, tokens, gift))
    // These words begin the transaction that pays. The message has been edited already, so the person sees a
    // change.
    shop.proxy.cutOn('for no key update', 'before', { next: 'down' })
    expect(await buyer.press('Draw')).toMatchObject({ answered: true, show_alert: true })
    expect(shop.proxy.cuts()).toBe(1)
    await buyer.hears('Taking your order')
    shop.proxy.be('up')

    await buyer.press('To the picture')
    await buyer.press('Draw')
    const orders = await shop.db.rows<{ state: string }>({ text: `select state from orders`, values: [] })
    expect(orders).toEqual([{ state: 'reserved' }])
    expect(await buyer.press('To the picture')).toMatchObject({
      answered: true,
      text: expect.any(String) as string,
    })
  },
)
