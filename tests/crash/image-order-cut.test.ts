import { expect, test } from 'vitest'
import { post, transfer } from '../../src/shared/ledger/ledger.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'

test.skipIf(!redisAvailable())(
  'a picture whose tap lost the database in the middle is one tap away when it is back, and is paid once',
  async () => {
    const shop = await openShop({ workers: ['bot'] })
    const buyer = await shop.person()
    await buyer.say('/generate a cat')
    await buyer.sees('Draw')
    const gift = { reference: 'gift', kind: 'adjustment' as const }
    const tokens = { asset: 'TOK' as const, amount: 50n }
    await post(shop.db, transfer({ system: 'adjustments' }, { person: BigInt(buyer.id) }, tokens, gift))
    await shop.fault({ on: 'call', method: 'editMessageText', do: { delay_ms: 700 } })
    const pressing = buyer.press('Draw')
    await buyer.hears('Taking your order')
    shop.proxy.be('down')
    expect(await pressing).toMatchObject({ answered: true, show_alert: true })
    shop.proxy.be('up')

    await buyer.press('To the picture')
    await eventually(async () => {
      await buyer.press('Draw')
      const orders = await shop.db.rows<{ state: string }>({
        text: `select state from orders where state = 'reserved'`,
        values: [],
      })
      return orders.length === 1
    })
    expect(await buyer.press('To the picture')).toMatchObject({
      answered: true,
      text: expect.any(String) as string,
    })
  },
)
