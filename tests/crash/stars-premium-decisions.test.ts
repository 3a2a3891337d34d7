import pg from 'pg'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordDecision } from '#shop/stars-premium/decisions.ts'
import { delivered } from '#shop/stars-premium/endings.ts'
import { lastAttempt } from '#shared/money/attempts.ts'
import { orderStory } from '#shared/money/orders.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())(
  'a decision about a purchase in doubt, and workers that are killed',
  () => {
    let kit: Kit
    let locker: pg.Client
    let worker: TestProcess
    beforeAll(async () => {
      kit = await openKit({ FRAGMENT_TIMEOUT_MS: '4000', FRAGMENT_REVIEW_AFTER_MS: '600000' })
      await kit.gateway()
      locker = new pg.Client({ connectionString: kit.environment.DATABASE_URL })
      await locker.connect()
    })
    afterAll(async () => {
      await locker.end()
      await kit.close()
    })

    const price = 9_000n
    const first = { by: 1n, bot: 'main', reason: 'seen there' }
    const second = { by: 2n, bot: 'main', reason: 'not seen there' }

    /** Brings an order into review and stops the worker. */
    async function inReview(username: string) {
      worker = await kit.worker()
      const person = await kit.person(price)
      const id = await kit.draft(person, [username])
      for (const what of [{ kind: 'drop-after' }, { kind: 'callback', mode: 'never' }] as const) {
        kit.simulator.state.faults.push({ on: 'order', username, what })
      }
      await kit.place(id, person)
      await kit.until(id, 'unknown')
      await kit.givenUp(id)
      await worker.kill('SIGKILL')
      return { id, person }
    }
    const decisions = (id: string) =>
      kit.db.rows(q<{ decision: string; state: string; admin: bigint }>`
      select decision, state, admin_id as admin from order_decisions where order_id = ${id} order by created_at`)
    const postings = (id: string) =>
      kit.db.rows(q`select id from postings where kind = 'stars' and reference like ${`%${id}%`}`)
    const isWaitedFor = () =>
      eventually(
        async () => {
          // Another connection than the one with the lock looks, because within a transaction this view stands
          // still.
          const rows = await kit.db.rows(q`
          select pid from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '%orders%for update%'`)
          return rows.length > 0
        },
        { what: 'a worker carries the decision out and waits for the order' },
      )

    test('F1 F60 is written once, whoever presses again, and a worker that is killed half way leaves it to the next one', async () => {
      const { id, person } = await inReview('decided_once')
      const presses = await Promise.allSettled([
        recordDecision(kit.context, id, 'delivered', first),
        recordDecision(kit.context, id, 'delivered', first),
        recordDecision(kit.context, id, 'failed', second),
      ])
      expect(presses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const press of presses) {
        if (press.status === 'rejected') expect(press.reason).toMatchObject({ code: 'order.decided' })
      }
      const [written, ...more] = await decisions(id)
      expect(more).toEqual([])
      // Nothing has moved yet, because the screen only writes the decision down and the worker carries it out.
      expect(await kit.state(id)).toBe('review')
      expect(await kit.money(person)).toMatchObject({ available: 0n, held: price })

      await locker.query('begin')
      await locker.query('select 1 from orders where id = $1 for update', [id])
      const killed = await kit.worker()
      await isWaitedFor()
      await killed.kill('SIGKILL')
      await locker.query('rollback')
      expect(await decisions(id)).toMatchObject([{ state: 'asked' }])

      worker = await kit.worker()
      const isDelivered = written!.decision === 'delivered'
      await eventually(async () => (await decisions(id))[0]?.state === 'done', {
        timeoutMs: 120_000,
        everyMs: 250,
        what: 'the next worker carries the decision out',
      })
      expect(await decisions(id)).toEqual([{ ...written, state: 'done' }])
      expect(await kit.state(id)).toBe(isDelivered ? 'delivered' : 'failed')
      expect(await kit.money(person)).toMatchObject({ available: isDelivered ? 0n : price, held: 0n })
      expect(await postings(id)).toHaveLength(isDelivered ? 1 : 0)
      expect((await orderStory(kit.db, id)).at(-1)!.actor).toBe(`admin:${written!.admin}`)
      await worker.kill('SIGTERM')
    })

    test('F3 is refused, and its admin told, when the supplier has answered before a worker took the decision up', async () => {
      const { id, person } = await inReview('spoken_first')
      await recordDecision(kit.context, id, 'failed', second)
      const attempt = (await lastAttempt(kit.db, id))!
      const supply = { id: 'late-1', cost: null, reference: null }
      await kit.db.tx((tx) =>
        delivered(tx, kit.context.bots, attempt, supply, { actor: 'supplier:callback' }),
      )
      worker = await kit.worker()
      await eventually(async () => (await decisions(id))[0]?.state === 'refused', {
        what: 'the worker refuses the decision',
      })
      expect(await kit.state(id)).toBe('delivered')
      expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
      expect(await kit.notices('fadmin-decision-order-moved')).toMatchObject([
        { payload: { personId: String(second.by), params: { number: id } } },
      ])
      // The refused decision holds up no later one.
      await kit.decide(id, 'refund', first)
      expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
      await worker.kill('SIGTERM')
    })
  },
)
