import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { readBalance } from '#shared/money/read.ts'
import { endWaiting } from '#shared/money/waiting.ts'
import { confirmPicture } from '#shop/pictures/confirm.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import { awaitPictureMoney } from '#shop/pictures/waiting.ts'
import { eventually } from '../lib/eventually.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

describe('a picture that ends while its money is taken', () => {
  let shop: WalletShop
  beforeAll(async () => {
    shop = await openWalletShop()
  })
  afterAll(() => shop.close())

  async function drafted(id: number) {
    const personId = await shop.person(id)
    await shop.pay(personId, 5n)
    const orderId = newId()
    const model = { provider: 'kie', model: 'z-image', aspect: '1:1', price: 5n, prompt: 'кит' }
    await createDraft(shop.db, { orderId, personId, bot: 'shop', ...model })
    return { orderId, personId }
  }

  /** The other transaction commits only when the confirmation waits for the row of the order. */
  async function confirmedWhile(
    { orderId, personId }: { orderId: string; personId: bigint },
    other: (tx: Sql) => Promise<unknown>,
  ) {
    let confirmed: Promise<unknown> | undefined
    await shop.db.tx(async (tx) => {
      await other(tx)
      confirmed = confirmPicture(shop.db, orderId, personId, {
        price: 5n,
        limits: { atOnce: 2, waiting: 10, perDay: 10, freePerDay: 0 },
        refusedWords: [],
      })
      confirmed.catch(() => undefined)
      const waits = q`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await eventually(async () => (await shop.db.rows(waits)).length > 0, { what: 'it waits for the order' })
    })
    return confirmed
  }

  async function isUntouched({ orderId, personId }: { orderId: string; personId: bigint }) {
    expect(await readBalance(shop.db, personId, 'TOK')).toMatchObject({ available: 5n, held: 0n })
    expect(await shop.db.rows(q`select stage from generations where order_id = ${orderId}`)).toEqual([
      { stage: 'draft' },
    ])
  }

  test('F60 whoever gives up a picture at the moment at which its money has come is charged nothing', async () => {
    const picture = await drafted(1)
    await shop.db.tx((tx) => awaitPictureMoney(tx, picture.orderId, 0n, 'person:1'))
    const ended = confirmedWhile(picture, (tx) => endWaiting(tx, picture.orderId, 'person:1'))
    await expect(ended).rejects.toMatchObject({ code: 'image.gone' })
    await isUntouched(picture)
  })

  test('F60 a draft that runs out of its day at the moment of the press is charged nothing', async () => {
    const picture = await drafted(2)
    const ended = confirmedWhile(picture, (tx) =>
      moveOrder(tx, picture.orderId, 'expired', { actor: 'upkeep' }),
    )
    await expect(ended).rejects.toMatchObject({ code: 'image.gone' })
    await isUntouched(picture)
  })
})
