import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { units } from '../../sandbox/fragment/state.ts'
import { saleStops } from '#shop/stars-premium/sale-stops.ts'
import { readOrder } from '#shared/money/orders.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('orders that are paid for and have to wait', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit()
    await kit.gateway()
  })
  afterAll(() => kit.close())

  const price = 9_000n
  async function paid(username: string, fault?: Misfortune, quantity = 50) {
    const person = await kit.person(BigInt(quantity) * 180n)
    const id = await kit.draft(person, [username], { kind: 'stars', quantity })
    if (fault) kit.simulator.state.faults.push({ on: 'order', username, what: fault })
    await kit.place(id, person)
    return { person, id }
  }
  const reasons = async () => (await saleStops(kit.db)).map(({ reason }) => reason)
  const throttled = { kind: 'throttle', retryAfter: '600' } as const
  const tried = (id: string) =>
    eventually(
      async () =>
        (await kit.db.rows(q`select from attempts where order_id = ${id} and state = 'refused'`)).length > 0,
    )

  /** Ends the pause of the order early, also when its job is put aside only after the test has looked. */
  const goesOn = (id: string) =>
    eventually(
      async () => {
        await kit.hurry()
        return (await kit.state(id)) === 'delivered'
      },
      { everyMs: 100, what: `order ${id} is delivered` },
    )

  test('F53 an order that the wallet cannot pay for says that it waits, before anything is tried', async () => {
    const full = kit.simulator.state.wallet.ton
    kit.simulator.state.wallet.ton = units('0.1')
    const { person, id } = await paid('waits_first')
    await kit.db.rows(q`
      insert into wallet_readings (supplier, asset, balance, quiet) values ('fragment', 'TON', 100000000, true)`)
    await kit.worker()
    await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'waiting')
    expect((await readOrder(kit.db, id))?.details.reason).toBe('fragment-wait-supplier')
    expect(kit.posts('waits_first')).toHaveLength(0)
    expect(await kit.money(person)).toMatchObject({ held: price })
    kit.simulator.state.wallet.ton = full
    await kit.quietReading()
    await goesOn(id)
  })

  test('F53 what the wallet cannot buy is refused before payment, and what is paid for counts as spent', async () => {
    const full = kit.simulator.state.wallet.ton
    kit.simulator.state.wallet.ton = units('20')
    await kit.quietReading()
    await eventually(async () => (await reasons()).length === 0)
    const rich = await kit.person(10_000_000n)
    const draft = (quantity: number) => kit.draft(rich, ['too_much'], { kind: 'stars', quantity })
    // 10,000 Stars cost 75 TON.
    const most = await draft(10_000)
    await expect(kit.place(most, rich)).rejects.toMatchObject({ code: 'sale.too-large' })
    expect(await kit.state(most)).toBe('draft')
    expect(await kit.money(rich)).toMatchObject({ available: 10_000_000n, held: 0n })

    // 1,000 Stars for 7.5 TON are paid for and wait; without them 2,000 Stars for 15 TON would be accepted.
    const { id } = await paid('in_the_way', throttled, 1_000)
    await tried(id)
    await expect(kit.place(await draft(2_000), rich)).rejects.toMatchObject({ code: 'sale.too-large' })

    // 10 TON are enough for the next purchase only if 7.5 of them are not spoken for.
    kit.simulator.state.wallet.ton = units('10')
    await kit.watchNow()
    await eventually(async () => (await reasons()).includes('wallet'))
    expect((await saleStops(kit.db))[0]!.details).toEqual({
      ru: 'В кошельке 10\u00A0TON, из них 7.5\u00A0TON нужны на оплаченные заказы.',
      en: '10\u00A0TON in the wallet, 7.5\u00A0TON of it are needed for paid orders.',
    })
    kit.simulator.state.wallet.ton = full
    await kit.watchNow()
    await eventually(async () => (await reasons()).length === 0)
    await goesOn(id)
  })

  test('a day without a try gives the money back, counted from the payment and not from the draft', async () => {
    const person = await kit.person(price)
    const old = await kit.draft(person, ['long_wait'])
    // A draft may have waited for its money for a day before it was paid.
    await kit.db.rows(q`update orders set created_at = now() - interval '25 hours' where id = ${old}`)
    kit.simulator.state.faults.push({ on: 'order', username: 'long_wait', what: throttled })
    await kit.place(old, person)
    await tried(old)
    const forgotten = await paid('too_long', throttled)
    await tried(forgotten.id)
    await kit.db.tx(async (tx) => {
      await tx.rows(q`set local session_replication_role = replica`)
      await tx.rows(q`update orders set created_at = now() - interval '25 hours' where id = ${forgotten.id}`)
      await tx.rows(q`
        update order_events set at = now() - interval '25 hours'
        where order_id = ${forgotten.id} and from_state <> 'fulfilling'`)
    })
    await kit.watchNow()
    expect((await kit.until(forgotten.id, 'failed')).details.reason).toBe('fragment-too-late')
    expect(await kit.money(forgotten.person)).toMatchObject({ available: price, held: 0n })
    expect(await kit.state(old)).toBe('reserved')
    await goesOn(old)
  })

  test('documents that the reseller wants stop the sale, and a paid order that goes through ends that', async () => {
    const { id } = await paid('papers', { kind: 'coded', code: '11', error: 'KYC needed' })
    await eventually(async () => (await reasons()).includes('kyc'))
    expect(await kit.state(id)).toBe('reserved')
    await goesOn(id)
    await eventually(async () => (await reasons()).length === 0)
  })
})
