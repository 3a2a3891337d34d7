import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { walletEvidence } from '#shop/stars-premium/wallet.ts'
import { orderStory, readOrder } from '#shared/money/orders.ts'
import { storyOf, storyText } from '#shop/admin/story/story.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('an order for Stars or Premium', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_REVIEW_AFTER_MS: '600000', FRAGMENT_TIMEOUT_MS: '5000' })
    await kit.gateway()
  })
  afterAll(() => kit.close())
  afterEach(() => void (kit.simulator.state.faults.length = 0))

  const price = 9_000n
  const ADMIN = { by: 1n, bot: 'main', reason: 'seen on fragment.com' }
  const charged = async (person: bigint) => price - (await kit.money(person)).available
  const once = (username: string) => {
    expect(kit.posts(username)).toHaveLength(1)
    expect(kit.deliveries(username)).toHaveLength(1)
  }

  test('is reserved, bought once, delivered by callback and captured', async () => {
    const person = await kit.person(50_000n)
    const id = await kit.draft(person, ['alice_w'])
    expect((await kit.place(id, person)).outcome).toBe('reserved')
    expect(await kit.money(person)).toMatchObject({ available: 41_000n, held: 9_000n })
    await kit.worker()
    await kit.until(id, 'delivered')
    expect(await kit.money(person)).toMatchObject({ available: 41_000n, held: 0n })
    expect(kit.deliveries('alice_w')).toMatchObject([{ type: 'STARS', quantity: 50 }])
    expect(kit.posts('alice_w')).toHaveLength(1)
    expect(await kit.notices('fragment-done-stars')).toHaveLength(1)
  })

  describe('a purchase that was refused for certain is carried out all the same', () => {
    const refusals = [{ kind: 'throttle', retryAfter: '1' }] as const
    const attempts = (id: string) =>
      kit.db.rows(q<{ state: string; ref: string | null; cost: bigint | null }>`
        select state, supplier_ref as ref, cost from attempts where order_id = ${id} order by number`)
    const told = async (id: string) =>
      (await kit.alerts('fragment-alert-twice')).filter(({ key }) => key.includes(id))

    test('F3 after the next one was delivered: its cost is kept, the story tells it, and the admins are told once', async () => {
      const { person, id } = await kit.order('twice', ...refusals)
      await kit.until(id, 'delivered')
      const second = kit.bought('twice')!
      await kit.quietReading()
      const [base] = await kit.db.rows(q<{ id: bigint }>`select max(id) as id from wallet_readings`)
      const first = await kit.carryOut('twice')
      await eventually(async () => (await told(id)).length > 0)
      expect(kit.deliveries('twice')).toHaveLength(2)
      expect(await attempts(id)).toEqual([
        { state: 'refused', ref: first.id, cost: 395_000_000n },
        { state: 'done', ref: second.id, cost: 395_000_000n },
      ])
      // A callback that repeats what is known, in whatever words, is no news.
      const again = { method: 'POST', body: JSON.stringify({ id: first.id, again: true }) }
      expect((await fetch(first.responseUrl!, again)).status).toBe(200)
      await kit.until((await kit.order('after_twice')).id, 'delivered')
      const notes = (await orderStory(kit.db, id)).filter(({ reason }) => reason.includes('paid twice'))
      expect(notes).toMatchObject([
        { fromState: 'delivered', toState: 'delivered', actor: 'supplier:callback', details: { attempt: 1 } },
      ])
      expect(await told(id)).toHaveLength(1)
      expect(await charged(person)).toBe(price)
      expect(storyText((await storyOf(kit.db, id))!)).toContain('noted by supplier:callback — attempt 1')

      // What this purchase took from the wallet is not held against a purchase in doubt.
      const doubtful = await kit.order(
        'doubtful',
        { kind: 'drop-after' },
        { kind: 'callback', mode: 'never' },
      )
      await kit.until(doubtful.id, 'unknown')
      // The reading from before the purchase becomes the newest one, also when the worker has read the wallet in
      // between.
      await kit.db.rows(q`delete from wallet_readings where id > ${base!.id}`)
      const { facts } = await walletEvidence(kit.db, { asset: 'TON', amount: 1n })
      expect(facts).toEqual({ why: 'murky', count: 1 })
      await kit.decide(doubtful.id, 'delivered', ADMIN)
    })

    test('F3 or fails for good while the next one is under way: the next one decides', async () => {
      const { person, id } = await kit.order('fails_again', ...refusals)
      const stuck = { kind: 'stuck', at: 'PENDING' } as const
      kit.simulator.state.faults.push({ on: 'order', username: 'fails_again', skip: 1, what: stuck })
      await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'accepted')
      const next = kit.bought('fails_again')!
      await kit.carryOut('fails_again', 429, 'FAILED')
      await kit.until((await kit.order('after_fails_again')).id, 'delivered')
      expect(await kit.money(person)).toMatchObject({ held: price })
      await kit.finish(next.id, 'COMPLETED')
      await kit.until(id, 'delivered')
      expect(await charged(person)).toBe(price)
    })

    test('F3 while the next one is under way: it delivers the order, and the next one is asked about until it is known', async () => {
      const { person, id } = await kit.order('next_known', ...refusals)
      kit.simulator.state.faults.push({
        on: 'order',
        username: 'next_known',
        skip: 1,
        what: { kind: 'stuck', at: 'PENDING' },
      })
      await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'accepted')
      const next = kit.bought('next_known')!
      await kit.carryOut('next_known')
      await kit.until(id, 'delivered')
      expect(await told(id)).toEqual([])
      await kit.finish(next.id, 'COMPLETED', false)
      await eventually(async () => (await told(id)).length === 1)
      expect(await attempts(id)).toMatchObject([{ state: 'refused' }, { state: 'done', ref: next.id }])
      expect(await charged(person)).toBe(price)
    })

    test('F3 while the next one is in doubt: the admins hear that it was perhaps bought twice', async () => {
      // The second purchase is in doubt: a check is still to come (unknown), or the checks have ended (review).
      const inDoubt = async (name: string, state: 'unknown' | 'review') => {
        const { person, id } = await kit.order(name, ...refusals)
        const lost: Misfortune[] = [{ kind: 'drop-after' }, { kind: 'callback', mode: 'never' }]
        for (const what of lost)
          kit.simulator.state.faults.push({ on: 'order', username: name, skip: 1, what })
        await kit.until(id, 'unknown')
        if (state === 'review') await kit.givenUp(id)
        await kit.carryOut(name)
        await kit.until(id, 'delivered')
        expect(await charged(person)).toBe(price)
        if (state === 'unknown') await kit.timePasses()
        await eventually(async () => {
          await kit.hurry()
          return (await kit.alerts('fragment-alert-twice-perhaps')).some(({ key }) => key.includes(id))
        })
        expect((await orderStory(kit.db, id)).at(-1)!.reason).toContain('attempt 2 is in doubt')
        expect((await attempts(id)).map((one) => one.state)).toEqual(['refused', 'refused'])
        expect(await told(id)).toEqual([])
      }
      await inDoubt('doubt_soon', 'unknown')
      await inDoubt('doubt_later', 'review')
    })

    test('F3 before the next one is sent: it delivers the order, and there is no next one', async () => {
      const { person, id } = await kit.order('once_late', { kind: 'throttle', retryAfter: '60' })
      await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'waiting')
      await kit.carryOut('once_late')
      await kit.until(id, 'delivered')
      await kit.hurry()
      await kit.until((await kit.order('after_once_late')).id, 'delivered')
      once('once_late')
      expect(await told(id)).toEqual([])
      expect(await charged(person)).toBe(price)
    })
  })
})
