import { HttpError } from 'grammy'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createLog } from '#shared/log.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { readBalance } from '#shared/money/read.ts'
import { markCalled, openCall } from '#shop/pictures/attempts.ts'
import { confirmPicture } from '#shop/pictures/confirm.ts'
import { createDraft } from '#shop/pictures/pictures.ts'
import type { Parts } from '#shop/pictures/worker/parts.ts'
import { startTask } from '#shop/pictures/worker/start.ts'
import { stepPicture } from '#shop/pictures/worker/watch.ts'
import { eventually } from '../lib/eventually.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

/*
 * A worker reads the person's photos before it asks the provider. When that takes longer than a start may take, the picture
 * goes back to the queue, and another worker begins a further attempt.
 */

describe('F11 a worker that is slow to start a picture', () => {
  let shop: WalletShop
  beforeAll(async () => {
    shop = await openWalletShop()
  })
  afterAll(() => shop.close())

  const provider = { name: 'kie', remembersTasks: true }
  const partsWith = (bots: object) =>
    ({
      app: { ...shop, bots, log: createLog({ level: 'silent', name: 'test' }) },
      providers: new Map([['kie', provider]]),
      times: { lost: 1_000, late: 1_000 },
    }) as unknown as Parts
  const away = () => Promise.reject(new HttpError('no answer', new Error('ECONNREFUSED')))

  /** A picture from a photo, which a worker has claimed. */
  async function claimed(id: number) {
    const personId = await shop.person(id)
    await shop.pay(personId, 5n)
    const orderId = newId()
    const model = { provider: 'kie', model: 'z-image', aspect: '1:1', price: 5n, prompt: 'кит' }
    await createDraft(shop.db, { orderId, personId, bot: 'shop', ...model, photos: ['photo'] })
    const limits = { atOnce: 2, waiting: 10, perDay: 10, freePerDay: 0 }
    await confirmPicture(shop.db, orderId, personId, { price: 5n, limits, refusedWords: [] })
    const claim = (attempt: number) =>
      shop.db.tx(async (tx) => {
        await moveOrder(tx, orderId, 'fulfilling', { actor: 'worker:images' })
        await openCall(tx, { orderId, attempt, provider: 'kie', token: `${orderId}-${attempt}` })
      })
    await claim(1)
    const attempts = () =>
      shop.db.rows(q<{ number: number; state: string }>`
        select number, state from attempts where order_id = ${orderId} order by number`)
    const state = async () => (await readOrder(shop.db, orderId))!.state
    return { orderId, personId, claim, attempts, state }
  }
  const watch = (orderId: string) =>
    stepPicture(partsWith(new Map()), { orderId, attempt: 1, why: 'started' })

  test.each([
    ['cannot be read now', { api: { getFile: away } }],
    ['are refused', undefined],
  ])('ends nothing of the attempt after its own, when its photos %s in the end', async (_, bot) => {
    const { orderId, personId, claim, attempts, state } = await claimed(bot ? 1 : 2)
    await watch(orderId)
    await claim(2)
    await markCalled(shop.db, { orderId, attempt: 2 })
    const parts = partsWith(new Map(bot ? [['shop', bot]] : []))
    await startTask(parts, { is: 'claimed', orderId, attempt: 1, token: `${orderId}-1` })
    expect(await attempts()).toEqual([
      { number: 1, state: 'refused' },
      { number: 2, state: 'sent' },
    ])
    expect(await state()).toBe('fulfilling')
    expect(await readBalance(shop.db, personId, 'TOK')).toMatchObject({ available: 0n, held: 5n })
  })

  test('is not followed by another one when it asks the provider at the very moment at which it counts as lost', async () => {
    const { orderId, attempts, state } = await claimed(3)
    let look: Promise<unknown> | undefined
    await shop.db.tx(async (tx) => {
      await readOrder(tx, orderId, true)
      look = watch(orderId)
      const waits = q`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await eventually(async () => (await shop.db.rows(waits)).length > 0, {
        what: 'the look waits for the order',
      })
      await markCalled(tx, { orderId, attempt: 1 })
    })
    expect(await look).toMatchObject({ verdict: 'later' })
    expect(await attempts()).toEqual([{ number: 1, state: 'sent' }])
    expect(await state()).toBe('fulfilling')
  })
})
