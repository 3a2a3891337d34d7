import pg from 'pg'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { readOrder } from '#shared/money/orders.ts'
import { eventually } from '../lib/eventually.ts'
import { FINAL, type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * One worker is killed with orders at every recovery point at once, then another worker takes over. The second
 * worker goes by the rows; jobs that the dead worker held come back when their locks expire.
 */
describe.skipIf(!redisAvailable())('F1 F2 a Fragment worker killed with -9', () => {
  let kit: Kit
  let locker: pg.Client
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_TIMEOUT_MS: '4000', FRAGMENT_REVIEW_AFTER_MS: '60000' })
    await kit.gateway()
    locker = new pg.Client({ connectionString: kit.environment.DATABASE_URL })
    await locker.connect()
  })
  afterAll(async () => {
    await locker.end()
    await kit.close()
  })

  const price = 9_000n
  const points: Record<string, { faults?: Misfortune[]; reached: (id: string) => Promise<boolean> }> = {
    reserved_only: { reached: async (id) => (await kit.state(id)) === 'reserved' },
    before_the_call: {
      faults: [{ kind: 'delay-before', ms: 2_500 }],
      reached: async () => kit.posts('before_the_call').length === 1,
    },
    before_the_reply: {
      faults: [{ kind: 'silent-after' }],
      reached: async () => kit.deliveries('before_the_reply').length === 1,
    },
    no_reply_no_callback: {
      faults: [{ kind: 'silent-after' }, { kind: 'callback', mode: 'never' }],
      reached: async () => kit.deliveries('no_reply_no_callback').length === 1,
    },
    accepted: {
      faults: [{ kind: 'stuck', at: 'PENDING' }],
      reached: async (id) => (await readOrder(kit.db, id))?.details.stage === 'accepted',
    },
    doubted: {
      faults: [{ kind: 'drop-after' }, { kind: 'callback', mode: 'late', delayMs: 20_000 }],
      reached: async (id) => (await kit.state(id)) === 'unknown',
    },
    delivered: { reached: async (id) => (await kit.state(id)) === 'delivered' },
  }

  test('leaves no order forgotten, bought twice or charged without delivery, at whatever step it was killed', async () => {
    const worker = await kit.worker()
    const ids: Record<string, string> = {}
    const people: Record<string, bigint> = {}
    const prepare = async (name: string) => {
      people[name] = await kit.person(price)
      ids[name] = await kit.draft(people[name], [name])
      for (const what of points[name]?.faults ?? []) {
        kit.simulator.state.faults.push({ on: 'order', username: name, what })
      }
    }
    for (const name of [...Object.keys(points), 'before_the_intent', 'before_the_record']) await prepare(name)

    const place = (name: string) => kit.place(ids[name]!, people[name]!)
    for (const name of ['doubted', 'delivered', 'accepted']) await place(name)
    for (const name of ['doubted', 'delivered', 'accepted']) {
      await eventually(() => points[name]!.reached(ids[name]!), { what: name })
    }
    // The answer for this order has come and cannot be written down, because its row is locked.
    kit.simulator.state.faults.push({
      on: 'order',
      username: 'before_the_record',
      what: { kind: 'delay-before', ms: 2_500 },
    })
    await place('before_the_record')
    await eventually(() => kit.posts('before_the_record').length === 1)
    await locker.query('begin')
    await locker.query('select 1 from orders where id = $1 for update', [ids.before_the_record])
    // The job of this order has begun and cannot write its intent.
    await place('before_the_intent')
    await locker.query('select 1 from orders where id = $1 for update', [ids.before_the_intent])
    for (const name of ['before_the_call', 'before_the_reply', 'no_reply_no_callback']) await place(name)
    for (const name of ['before_the_call', 'before_the_reply', 'no_reply_no_callback']) {
      await eventually(() => points[name]!.reached(ids[name]!), { what: name })
    }
    await eventually(() => kit.deliveries('before_the_record').length === 1)
    await worker.kill('SIGKILL')
    await locker.query('rollback')
    await place('reserved_only')

    await Promise.all([kit.worker(), kit.finish(kit.bought('accepted')!.id, 'COMPLETED')])
    const settled = Object.keys(ids).filter((name) => name !== 'no_reply_no_callback')
    await eventually(
      async () => {
        for (const name of settled) if (!FINAL.has(await kit.state(ids[name]!))) return false
        return true
      },
      { timeoutMs: 150_000, everyMs: 250, what: 'every order ended' },
    )
    await kit.until(ids.no_reply_no_callback!, 'unknown')
    for (const name of Object.keys(ids)) {
      const purchases = kit.deliveries(name).length
      expect(kit.posts(name).length, `${name}: POSTs`).toBeLessThanOrEqual(1)
      expect(purchases, `${name}: purchases`).toBeLessThanOrEqual(1)
      const money = await kit.money(people[name]!)
      const state = await kit.state(ids[name]!)
      if (name === 'no_reply_no_callback') {
        // Nobody can know whether it was bought, so nothing is given back and nothing is bought again.
        expect({ state, ...money }).toMatchObject({ state: 'unknown', held: price, available: 0n })
      } else if (purchases === 1) {
        expect({ name, state, ...money }).toMatchObject({ name, state: 'delivered', held: 0n, available: 0n })
      } else expect({ name, state, ...money }).toMatchObject({ name, held: 0n, available: price })
    }
    // Everything but the order that was never sent has really been delivered.
    expect(kit.simulator.state.deliveries).toHaveLength(Object.keys(ids).length)
    const doubled = await kit.db.rows(q`
      select order_id from attempts where state <> 'refused' group by order_id having count(*) > 1`)
    expect(doubled).toEqual([])
  })
})
