import { kill } from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { startCutProxy } from '../lib/cut-proxy.ts'
import type { CutProxy } from '../lib/cut-proxy.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * How long the first worker waits for an answer, in tests where its call is to be late. A machine may need longer
 * than that to start the second worker.
 */
const TIMEOUT_MS = 3_000

/** Two worker processes. The first loses its job, not its life, at the worst moments. */
describe.skipIf(!redisAvailable())('F1 F2 two workers with the same order', () => {
  let kit: Kit
  let proxy: CutProxy
  let first: TestProcess
  let second: TestProcess | undefined
  beforeAll(async () => {
    kit = await openKit({
      FRAGMENT_TIMEOUT_MS: '20000',
      FRAGMENT_REVIEW_AFTER_MS: '60000',
    })
    proxy = await startCutProxy(kit.environment.DATABASE_URL!)
    await kit.gateway()
    first = await kit.workerWith({ DATABASE_URL: proxy.url })
  })
  // The first worker has the next order to itself again.
  afterEach(async () => {
    kill(first.pid, 'SIGCONT')
    await second?.kill('SIGTERM')
  })
  afterAll(async () => {
    await kit.close()
    await proxy.close()
  })

  const price = 9_000n
  async function order(username: string) {
    onTestFailed(() => console.log([first, second].flatMap((one) => one?.lines.slice(-40) ?? []).join('\n')))
    const person = await kit.person(price)
    const id = await kit.draft(person, [username])
    return { person, id, job: `fulfil-${id}-1` }
  }
  const hasIntent = async (id: string) =>
    (await kit.db.rows(q`select id from attempts where order_id = ${id}`)).length === 1
  const captures = async (id: string) => {
    const rows = await kit.db.rows(
      q`select id from postings where reference like ${`%${id}%`} and kind = 'stars'`,
    )
    return rows.length
  }
  /**
   * The first worker is stopped. Its job goes to the second, which finds the order under way and leaves the order
   * alone.
   */
  async function handOver(job: string) {
    kill(first.pid, 'SIGSTOP')
    second = await kit.worker()
    await kit.loseLock(job)
    await eventually(() => kit.isLeft(job), { what: 'the second worker has let go of the order' })
  }
  const deliveredOnce = async (name: string, { id, person }: { id: string; person: bigint }) => {
    await kit.until(id, 'delivered').catch(async (error: unknown) => {
      const story = await kit.db.rows(
        q`select to_state, actor, reason from order_events where order_id = ${id} order by id`,
      )
      throw new Error(`${name} was not delivered: ${JSON.stringify(story)}`, { cause: error })
    })
    expect(kit.posts(name)).toHaveLength(1)
    expect(kit.deliveries(name)).toHaveLength(1)
    expect(await captures(id)).toBe(1)
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
  }

  test('when the first worker loses its lock in the middle of the call there is one POST and one capture', async () => {
    const one = await order('lock_lost')
    kit.simulator.state.faults.push({
      on: 'order',
      username: 'lock_lost',
      what: { kind: 'delay-after', ms: 2_500 },
    })
    await kit.place(one.id, one.person)
    await eventually(() => kit.posts('lock_lost').length === 1)
    await handOver(one.job)
    kill(first.pid, 'SIGCONT')
    await deliveredOnce('lock_lost', one)
  })

  test('when the first worker never learns of its commit, it looks for it while the second has the order, and nothing is bought twice', async () => {
    const one = await order('commit_lost')
    proxy.cutOn('commit', 'after', { once: 'insert into attempts', next: 'down' })
    await kit.place(one.id, one.person)
    await eventually(() => hasIntent(one.id))
    await handOver(one.job)
    expect(kit.posts('commit_lost')).toHaveLength(0)
    proxy.be('up')
    kill(first.pid, 'SIGCONT')
    await deliveredOnce('commit_lost', one)
  })

  test('when the first worker comes back after the others have given its call up, it does not call any more', async () => {
    await first.kill('SIGTERM')
    first = await kit.workerWith({ DATABASE_URL: proxy.url, FRAGMENT_TIMEOUT_MS: String(TIMEOUT_MS) })
    const one = await order('too_late')
    proxy.cutOn('commit', 'after', { once: 'insert into attempts', next: 'frozen' })
    await kit.place(one.id, one.person)
    await eventually(() => hasIntent(one.id))
    await handOver(one.job)
    await kit.db.rows(q`
      update attempts set created_at = now() - interval '30 seconds' where order_id = ${one.id}`)
    await kit.until(one.id, 'unknown')
    await sleep(TIMEOUT_MS)
    proxy.be('up')
    kill(first.pid, 'SIGCONT')
    // The first worker works again, which shows that it has had its chance to call.
    await second!.kill('SIGTERM')
    const next = await order('after_it')
    await kit.place(next.id, next.person)
    await deliveredOnce('after_it', next)
    expect(kit.posts('too_late')).toHaveLength(0)
    // The worker that did not call knows that nothing was bought.
    await kit.until(one.id, 'failed')
    expect(await kit.money(one.person)).toMatchObject({ available: price, held: 0n })
  })
})
