import { sql as q } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Transient, UnknownOutcome } from '#shared/errors.ts'
import type { Supplier } from '#shop/stars-premium/supplier.ts'
import type { Run } from '#shared/queue/executor.ts'
import { openDecision, readDecision, recordDecision } from '#shop/stars-premium/decisions.ts'
import { decideOrder } from '#shop/stars-premium/jobs.ts'
import { carryOut, takeUpDecisions } from '#shop/stars-premium/worker/decide.ts'
import { createBreaker } from '#shop/stars-premium/worker/breaker.ts'
import { openAttempt } from '#shared/money/attempts.ts'
import { moveOrder, readOrder } from '#shared/money/orders.ts'
import { callback } from '#shop/stars-premium/worker/callback.ts'
import type { SalesContext } from '#shop/stars-premium/worker/context.ts'
import { fulfil } from '#shop/stars-premium/worker/fulfil.ts'
import { notExecuted } from '#shop/stars-premium/worker/progress.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * Only the handlers run here, with a supplier that does exactly as told, because a worker process would take too
 * long to start.
 */
describe.skipIf(!redisAvailable())('the steps of a purchase', () => {
  let kit: Kit
  beforeAll(async () => void (kit = await openKit()))
  afterAll(() => kit.close())

  const run = { log: pino({ enabled: false }), lastTry: false } as unknown as Run
  function contextWith(supplier: Partial<Supplier>, changed: (works: boolean) => void = () => {}) {
    const { db, config, settings, secrets } = kit
    return {
      db,
      config,
      settings,
      secrets,
      bots: new Map(),
      log: run.log,
      relay: { kick: () => {} },
      client: kit.context.client,
      breaker: createBreaker(changed, 1),
      standing: { isAway: async () => false },
      wallet: { read: async () => ({ balances: [], address: null }), refresh: async () => {} },
      supplier: async () => ({ name: 'fragment', ...supplier }),
    } as unknown as SalesContext
  }
  async function reserved(username: string) {
    const person = await kit.person(9_000n)
    const id = await kit.draft(person, [username])
    await kit.place(id, person)
    return id
  }

  test('F1 an order whose attempt ends between the two looks of another worker is tried on, and does not lose its job', async () => {
    const id = await reserved('ends_between')
    const attempt = await kit.db.tx(async (tx) => {
      await moveOrder(tx, id, 'fulfilling', { actor: 'worker:fragment' })
      return openAttempt(tx, { orderId: id, number: 1, supplier: 'fragment', token: 'between', run: 'r' })
    })
    const order = (await readOrder(kit.db, id))!
    const delivers = contextWith({
      deliver: async () =>
        ({ state: 'delivered', id: 'x', cost: null, reference: null, error: null }) as never,
    })
    // The first statement reads the order. After it, the worker that has the order writes down that nothing was
    // bought.
    let statements = 0
    const rows = async (...statement: Parameters<typeof kit.db.rows>) => {
      const read = await kit.db.rows(...statement)
      if (++statements === 1) await notExecuted(delivers, order, attempt, 'held up', 'fragment-wait-supplier')
      return read
    }
    const db = new Proxy(kit.db, { get: (of, name) => (name === 'rows' ? rows : Reflect.get(of, name)) })
    expect(await fulfil({ ...delivers, db }, { orderId: id, round: 1 }, run)).toMatchObject({
      verdict: 'later',
    })
    await fulfil(delivers, { orderId: id, round: 1 }, run)
    expect(await kit.state(id)).toBe('delivered')
  })

  describe('an admin’s decision', () => {
    const who = { by: 5n, bot: 'main', reason: 'seen there' }
    const keyOf = (decisionId: string) => decideOrder.id({ decisionId })
    async function decided(username: string) {
      const orderId = await reserved(username)
      await recordDecision(kit.context, orderId, 'failed', who)
      const { id } = (await openDecision(kit.db, orderId))!
      await kit.db.rows(
        q`update order_decisions set created_at = now() - interval '3 minutes' where id = ${id}`,
      )
      return { orderId, id }
    }

    test('F1 whose job was given up is closed, its admin is told, and the order can be decided again', async () => {
      const { orderId, id } = await decided('dead_decision')
      await kit.db.rows(q`update outbox set state = 'dead' where key = ${keyOf(id)}`)
      await takeUpDecisions(contextWith({}))
      expect(await readDecision(kit.db, id)).toMatchObject({ state: 'refused' })
      expect((await readOrder(kit.db, orderId))!.state).toBe('reserved')
      expect(await kit.notices('fadmin-decision-gave-up')).toMatchObject([
        { payload: { personId: '5', params: { number: orderId } } },
      ])
      await recordDecision(kit.context, orderId, 'failed', who)
      const again = (await openDecision(kit.db, orderId))!
      await carryOut(contextWith({}), { decisionId: again.id })
      expect((await readOrder(kit.db, orderId))!.state).toBe('failed')
    })

    test('F84 is never about the admin’s own order, and money back after a purchase in doubt takes two admins from the limit on', async () => {
      const buy = async (username: string) => {
        const person = await kit.person(9_000_000n)
        const id = await kit.draft(person, [username], { kind: 'stars', quantity: 10_000 })
        await kit.place(id, person)
        return { id, person }
      }
      const [unsent, doubtful] = [await buy('large_unsent'), await buy('large_doubtful')]
      await kit.db.tx((tx) =>
        openAttempt(tx, { orderId: doubtful.id, number: 1, supplier: 'fragment', token: 't', run: 'r' }),
      )
      for (const decision of ['delivered', 'failed'] as const)
        await expect(
          recordDecision(kit.context, doubtful.id, decision, { ...who, by: doubtful.person }),
        ).rejects.toMatchObject({ code: 'admin.own-money' })
      expect(await recordDecision(kit.context, unsent.id, 'failed', who)).toBe('asked')
      expect(await recordDecision(kit.context, doubtful.id, 'failed', who)).toBe('second-needed')
      expect(await openDecision(kit.db, doubtful.id)).toBeUndefined()
      expect(await recordDecision(kit.context, doubtful.id, 'failed', { ...who, by: 6n })).toBe('asked')
    })

    test('F1 whose job was lost gets it again, and one whose job waits is left alone', async () => {
      const lost = await decided('lost_decision')
      const waiting = await decided('waiting_decision')
      await kit.db.rows(q`delete from outbox where key = ${keyOf(lost.id)}`)
      await takeUpDecisions(contextWith({}))
      const jobs = await kit.db.rows(q`select key from outbox where key = ${keyOf(lost.id)}`)
      expect(jobs).toHaveLength(1)
      expect(await readDecision(kit.db, waiting.id)).toMatchObject({ state: 'asked' })
    })
  })

  test('a reseller that answers look-ups and loses purchases gets one purchase to prove itself, not five more', async () => {
    let posts = 0
    const lost = async () => {
      posts += 1
      throw new UnknownOutcome('502')
    }
    const context = contextWith({ deliver: lost })
    for (let order = 1; order <= 5; order++) {
      await fulfil(context, { orderId: await reserved(`lost_${order}`), round: 1 }, run)
    }
    const stopped = () => context.breaker.isOpen() || context.breaker.isProbing()
    expect(stopped()).toBe(true)
    while (context.breaker.isOpen()) await new Promise((resolve) => setTimeout(resolve, 5))
    const orderId = await reserved('prober')
    await fulfil(context, { orderId, round: 1 }, run)
    expect(posts).toBe(6)
    expect(await kit.state(orderId)).toBe('unknown')
    expect(stopped()).toBe(true)
  })

  test('F55 an order that waited is sent only to who stood on its screen: a name that changed hands gives the money back', async () => {
    const sent: string[] = []
    const context = contextWith({
      async deliver({ recipient }) {
        sent.push(recipient.username!)
        throw new UnknownOutcome('whatever')
      },
    })
    const { profiles, faults } = kit.simulator.state
    const waited = async (name: string, minutes = 20) => {
      const id = await reserved(name)
      await kit.db.rows(q`
        update orders set created_at = now() - ${minutes} * interval '1 minute' where id = ${id}`)
      return { id, go: () => fulfil(context, { orderId: id, round: 1 }, run) }
    }
    const [sold, same, gone, away] = [
      await waited('sold_name'),
      await waited('same_name'),
      await waited('gone_name'),
      await waited('away_name'),
    ]
    profiles.set('sold_name', { exists: true, name: 'Somebody Else', hasPremium: false })
    profiles.set('gone_name', { exists: false, name: null, hasPremium: false })
    await Promise.all([sold.go(), same.go(), gone.go()])
    expect(sent).toEqual(['same_name'])
    for (const [{ id }, reason] of [
      [sold, 'error-recipient-changed'],
      [gone, 'error-recipient-unknown'],
    ] as const) {
      const order = (await readOrder(kit.db, id))!
      expect(order).toMatchObject({ state: 'failed', details: { reason } })
      expect(await kit.money(order.personId)).toMatchObject({ available: 9_000n, held: 0n })
    }
    // A reseller that cannot be asked about the name is no reason to send, nor to give up.
    faults.push({ on: 'user', username: 'away_name', times: -1, what: { kind: 'drop-before' } })
    expect(await away.go()).toMatchObject({ verdict: 'later' })
    expect(await kit.state(away.id)).toBe('reserved')
    expect(sent).toEqual(['same_name'])
    faults.length = 0
  })

  test('a callback whose reseller is away is kept for when it is back, and not for ever', async () => {
    const id = await reserved('called_back')
    const lost = async () => {
      throw new UnknownOutcome('reset')
    }
    const away = async () => {
      throw new Transient('away')
    }
    const context = contextWith({ deliver: lost, lookup: away })
    await fulfil(context, { orderId: id, round: 1 }, run)
    const job = { orderId: id, attempt: 1, body: JSON.stringify({ id: 'f00d' }) }
    expect(await callback(context, job, run)).toMatchObject({ verdict: 'later' })
    const unknown = contextWith({ lookup: async () => undefined })
    expect(await callback(unknown, job, run)).toMatchObject({ verdict: 'later' })
    await kit.db.rows(q`update attempts set created_at = now() - interval '31 days' where order_id = ${id}`)
    expect(await callback(unknown, job, run)).toMatchObject({ verdict: 'reject' })
  })
})
