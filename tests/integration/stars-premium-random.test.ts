import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireTokens } from '../../sandbox/fragment/control.ts'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Goods } from '#shop/stars-premium/supplier.ts'
import { eventually } from '../lib/eventually.ts'
import { FINAL, type Kit, openKit } from '../lib/stars-premium-kit.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

// FRAGMENT_RANDOM_ORDERS=500 also kills workers on the way; FRAGMENT_RANDOM_SEED repeats a run.
const ORDERS = Number(process.env.FRAGMENT_RANDOM_ORDERS ?? 60)
const SEED = Number(process.env.FRAGMENT_RANDOM_SEED ?? Math.floor(Math.random() * 1e9))
const KILLS = ORDERS >= 200 ? 3 : 0

/** mulberry32: small, and the same everywhere for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const FAULTS: Misfortune[][] = [
  [],
  [],
  [],
  [{ kind: 'drop-after' }],
  [{ kind: 'drop-before' }],
  [{ kind: 'status-after', status: 502, html: true }],
  [{ kind: 'status-after', status: 500 }],
  [{ kind: 'status-before', status: 500 }],
  [{ kind: 'silent-after' }],
  [{ kind: 'books-late', ms: 1_500 }],
  [{ kind: 'garbage-after' }],
  [{ kind: 'delay-before', ms: 400 }],
  [{ kind: 'delay-after', ms: 1_800 }],
  [{ kind: 'throttle', retryAfter: '1' }],
  [{ kind: 'coded', code: '20', error: 'Recipient not found' }],
  [{ kind: 'coded', code: '10', error: 'TON network' }],
  [{ kind: 'coded', code: '12', error: 'TON connection' }],
  [{ kind: 'field', field: 'username', message: 'no' }],
  [{ kind: 'success-false' }],
  [{ kind: 'success-false', status: 'FAILED' }],
  [{ kind: 'fail-later' }],
  [{ kind: 'fail-later', afterSent: true }],
  [{ kind: 'stuck', at: 'PENDING' }],
  [{ kind: 'stuck', at: 'BLOCKCHAIN_SENT' }],
]
const CALLBACKS: (Misfortune | undefined)[] = [
  undefined,
  undefined,
  { kind: 'callback', mode: 'never' },
  { kind: 'callback', mode: 'twice' },
  { kind: 'callback', mode: 'before-reply' },
  { kind: 'callback', mode: 'late', delayMs: 1_000 },
]

describe.skipIf(!redisAvailable())(`${ORDERS} random orders with random faults, seed ${SEED}`, () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit()
    await kit.gateway()
  })
  afterAll(() => kit.close())

  test('F1 F2 F3 delivered by the simulator = charged to people, exactly, and no order ends wrongly', async () => {
    const random = randomNumbers(SEED)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
    const orders: { id: string; person: bigint; username: string; goods: Goods; price: bigint }[] = []
    for (let index = 0; index < ORDERS; index++) {
      const goods: Goods =
        random() < 0.8
          ? { kind: 'stars', quantity: 50 + Math.floor(random() * 951) }
          : { kind: 'premium', months: pick([3, 6, 12] as const) }
      const username = `random_${index}`
      const person = await kit.person(10_000_000n)
      const id = await kit.draft(person, [username], goods)
      const callback = pick(CALLBACKS)
      for (const what of [...pick(FAULTS), ...(callback ? [callback] : [])]) {
        kit.simulator.state.faults.push({ on: 'order', username, what })
      }
      const placed = await kit.place(id, person)
      orders.push({ id, person, username, goods, price: placed.order.price })
    }

    const workers: TestProcess[] = await Promise.all([kit.worker(), kit.worker(), kit.worker()])
    const states = async () => {
      const rows = await kit.db.rows(q<{ state: string; n: number }>`
        select state, count(*)::int as n from orders where good in ('stars', 'premium') group by state`)
      return new Map(rows.map(({ state, n }) => [state, n]))
    }
    let rounds = 0
    await eventually(
      async () => {
        rounds += 1
        if (rounds % 4 === 1) expireTokens(kit.simulator.state)
        if (KILLS && rounds % 5 === 2 && rounds < KILLS * 5) {
          await workers.shift()!.kill('SIGKILL')
          workers.push(await kit.worker())
        }
        await kit.hurry()
        const now = await states()
        return !now.has('reserved') && !now.has('fulfilling') && !now.has('unknown')
      },
      { timeoutMs: 100_000 + ORDERS * 400, everyMs: 500, what: 'every order is final or under review' },
    )
    // Stuck purchases end at last, and an admin settles the rest by what fragment.com shows.
    for (const order of kit.simulator.state.orders.values()) {
      await kit.finish(order.id, random() < 0.5 ? 'COMPLETED' : 'FAILED')
    }
    await eventually(
      async () => {
        await kit.hurry()
        const left = orders.map(async ({ id }) => {
          const order = (await readOrder(kit.db, id))!
          const [attempt] = await kit.db.rows(q<{ ref: string | null }>`
            select supplier_ref as ref from attempts where order_id = ${id} order by number desc limit 1`)
          return FINAL.has(order.state) || attempt?.ref === null
        })
        return (await Promise.all(left)).every(Boolean)
      },
      { timeoutMs: 90_000, everyMs: 250 },
    )
    let byAdmin = 0
    for (const { id, username } of orders) {
      if (FINAL.has(await kit.state(id))) continue
      const arrived = kit.deliveries(username).length > 0
      await kit.decide(id, arrived ? 'delivered' : 'failed', {
        by: 1n,
        bot: 'main',
        reason: 'seen there',
      })
      byAdmin += 1
    }

    let starsCharged = 0
    for (const { id, person, username, goods, price } of orders) {
      const state = await kit.state(id)
      const got = kit.deliveries(username)
      const { available, held } = await kit.money(person)
      const spent = 10_000_000n - available
      expect(got.length, `${username} got it ${got.length} times`).toBeLessThanOrEqual(1)
      expect({ username, state, spent, held }).toEqual({
        username,
        state: got.length === 1 ? 'delivered' : 'failed',
        spent: got.length === 1 ? price : 0n,
        held: 0n,
      })
      if (got.length === 1 && goods.kind === 'stars') starsCharged += goods.quantity
    }
    const stars = kit.simulator.state.deliveries.filter((one) => one.type === 'STARS')
    expect(stars.reduce((sum, one) => sum + one.quantity, 0)).toBe(starsCharged)
    expect(await kit.alerts('fragment-alert-late')).toEqual([])
    console.log(
      `seed ${SEED}: ${stars.length} deliveries of Stars, ${byAdmin} of ${ORDERS} settled by an admin`,
    )
  }, 900_000)
})
