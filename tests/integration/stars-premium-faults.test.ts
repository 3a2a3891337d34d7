import { sql as q } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Misfortune } from '../../sandbox/fragment/faults.ts'
import { units } from '../../sandbox/fragment/state.ts'
import { orderToken } from '#shop/stars-premium/callback-token.ts'
import { type SaleDetails, subOrders } from '#shop/stars-premium/orders.ts'
import { saleStops } from '#shop/stars-premium/sale-stops.ts'
import { orderStory, readOrder } from '#shared/money/orders.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('a reseller that loses replies and misbehaves', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_REVIEW_AFTER_MS: '600000', FRAGMENT_TIMEOUT_MS: '5000' })
    await Promise.all([kit.gateway(), kit.worker()])
  })
  afterAll(() => kit.close())
  // A purchase that works comes in between, because five lost replies in a row would stop the sale.
  let calm = 0
  afterEach(async () => {
    kit.simulator.state.faults.length = 0
    await kit.until((await order(`calm_${(calm += 1)}`)).id, 'delivered')
  })

  const price = 9_000n
  const ADMIN = { by: 1n, bot: 'main', reason: 'seen on fragment.com' }
  const order = (username: string, ...faults: Misfortune[]) => kit.order(username, ...faults)
  const charged = async (person: bigint) => price - (await kit.money(person)).available
  /** Reads the wallet, whatever is under way. */
  async function readWalletNow() {
    const count = async () => (await kit.db.rows(q`select id from wallet_readings`)).length
    const before = await count()
    await kit.watchNow()
    await eventually(async () => (await count()) > before)
  }
  const once = (username: string) => {
    expect(kit.posts(username)).toHaveLength(1)
    expect(kit.deliveries(username)).toHaveLength(1)
  }

  const lost: [string, Misfortune][] = [
    ['the connection drops', { kind: 'drop-after' }],
    ['502 with HTML comes', { kind: 'status-after', status: 502, html: true }],
    ['500 comes', { kind: 'status-after', status: 500 }],
    ['no answer comes', { kind: 'silent-after' }],
    ['half an answer comes', { kind: 'garbage-after' }],
  ]
  test.each(lost)(
    'F2 F3 after the purchase %s: the callback settles it, one POST, one charge',
    async (words, what) => {
      const name = `lost_${lost.findIndex(([one]) => one === words)}`
      const { person, id } = await order(name, what)
      await kit.until(id, 'delivered')
      once(name)
      expect(await charged(person)).toBe(price)
    },
  )

  test('F3 reply and callback lost: the buyer reads that it is checked, then a human decides with the facts', async () => {
    const { person, id } = await order(
      'never_told',
      { kind: 'drop-after' },
      { kind: 'callback', mode: 'never' },
    )
    await kit.until(id, 'unknown')
    expect((await kit.notices('fragment-checking')).map(({ key }) => key)).toContain(
      `notice-fragment-checking-${id}`,
    )
    const reviewed = await kit.givenUp(id)
    expect(reviewed.details.facts).toMatchObject({ missing: '395000000', doubtful: 1 })
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: price })
    once('never_told')
    // The purchase in doubt blocks nobody else.
    const other = await order('somebody_else')
    await kit.until(other.id, 'delivered')
    await expect(kit.decide(id, 'retry', ADMIN)).rejects.toMatchObject({ code: 'retry.unsafe' })
    await kit.decide(id, 'delivered', ADMIN)
    await expect(kit.decide(id, 'failed', ADMIN)).rejects.toMatchObject({ code: 'order.moved' })
    expect(await kit.state(id)).toBe('delivered')
    expect(await charged(person)).toBe(price)
  })

  test('F3 refused before it was bought, reply lost: nothing is missing in the wallet, and an admin gives the money back', async () => {
    await kit.quietReading()
    const { person, id } = await order('not_executed', { kind: 'status-before', status: 500 })
    await kit.until(id, 'unknown')
    const reviewed = await kit.givenUp(id)
    expect(reviewed.details.facts).toMatchObject({ missing: '0', doubtful: 1 })
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: price })
    await expect(kit.decide(id, 'retry', ADMIN)).rejects.toMatchObject({ code: 'retry.unsafe' })
    await kit.decide(id, 'failed', ADMIN)
    expect(await charged(person)).toBe(0n)
    expect(kit.posts('not_executed')).toHaveLength(1)
    expect(await kit.notices('fragment-not-executed')).toHaveLength(1)
  })

  test('F3 a reseller that books late: nothing is missing for now, nothing is given back, the late callback delivers', async () => {
    await kit.quietReading()
    const { person, id } = await order('late_booking', { kind: 'status-before', status: 500 })
    await kit.until(id, 'unknown')
    const reviewed = await kit.givenUp(id)
    expect(reviewed.details.facts).toMatchObject({ missing: '0' })
    expect(await kit.money(person)).toMatchObject({ held: price })
    await kit.carryOut('late_booking', 500)
    await kit.until(id, 'delivered')
    once('late_booking')
    expect(await charged(person)).toBe(price)
    expect(await kit.alerts('fragment-alert-late')).toEqual([])
  })

  test('F3 a wallet topped up by exactly the price of a purchase in doubt proves nothing', async () => {
    await kit.quietReading()
    const cost = units('0.395')
    const lost = [{ kind: 'drop-after' }, { kind: 'callback', mode: 'never' }] as const
    const { person, id } = await order('topped_up', ...lost)
    await kit.until(id, 'unknown')
    kit.simulator.state.wallet.ton += cost
    await kit.givenUp(id)
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: price })
    once('topped_up')
    await kit.decide(id, 'delivered', ADMIN)

    // A reading saw the money before it came back, so the top-up is visible.
    await kit.quietReading()
    const seen = await order('topped_up_later', ...lost)
    await kit.until(seen.id, 'unknown')
    await readWalletNow()
    kit.simulator.state.wallet.ton += cost
    await readWalletNow()
    const reviewed = await kit.givenUp(seen.id)
    expect(reviewed.details.facts).toEqual({ why: 'filled' })
    await kit.decide(seen.id, 'delivered', ADMIN)
  })

  test('a callback before the reply, doubled, or missing delivers once', async () => {
    const cases = ['before-reply', 'twice', 'never', 'late'] as const
    const placed = await Promise.all(
      cases.map((mode) => order(`cb_${mode.replace('-', '_')}`, { kind: 'callback', mode, delayMs: 600 })),
    )
    for (const [index, { person, id }] of placed.entries()) {
      await kit.until(id, 'delivered')
      once(`cb_${cases[index]!.replace('-', '_')}`)
      expect(await charged(person)).toBe(price)
    }
  })

  test('F17 a callback with a forged token is refused, and a lying one settles nothing', async () => {
    const victim = await order('victim', { kind: 'stuck', at: 'PENDING' })
    const unsure = await order('unsure', { kind: 'drop-after' }, { kind: 'callback', mode: 'never' })
    const bought = await eventually(() => kit.bought('victim'))
    const call = (token: string, body: object) =>
      fetch(`${kit.environment.FRAGMENT_CALLBACK_URL}/webhooks/fragment/${token}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
    const lie = { id: bought.id, status: 'COMPLETED', success: true }
    expect((await call(`${victim.id}.1.${'A'.repeat(22)}`, lie)).status).toBe(401)
    expect((await call(orderToken(kit.secrets, victim.id, 1), lie)).status).toBe(200)
    // The token of this callback is genuine, but the purchase that it names is another person's.
    expect((await call(orderToken(kit.secrets, unsure.id, 1), lie)).status).toBe(200)
    await eventually(async () => (await kit.deadLetters('fragment.callback')).length === 1)
    expect(await kit.state(victim.id)).toBe('fulfilling')
    expect(await kit.state(unsure.id)).not.toBe('delivered')
    await kit.finish(bought.id, 'COMPLETED')
    await kit.until(victim.id, 'delivered')
    // A body that PostgreSQL would not store as it came (a NUL, half of an emoji) is kept in a storable form, and
    // settles nothing.
    const odd = `no json \u0000 ${'x'.repeat(489)}😀`
    const door = `${kit.environment.FRAGMENT_CALLBACK_URL}/webhooks/fragment/`
    const token = orderToken(kit.secrets, unsure.id, 1)
    expect((await fetch(door + token, { method: 'POST', body: odd })).status).toBe(200)
    await eventually(async () => {
      const [kept] = await kit.db.rows(q<{ text: string }>`
        select a::text as text from attempts a where order_id = ${unsure.id}`)
      return kept!.text.includes('no json \ufffd xxx')
    })
    // The true callback settles the order, although the reply was lost and the first callback never came.
    await call(orderToken(kit.secrets, unsure.id, 1), { id: kit.bought('unsure')!.id })
    await kit.until(unsure.id, 'delivered')
  })

  test('F4 three of five recipients: the delivered stay delivered, the others get their money back', async () => {
    const person = await kit.person(price * 5n)
    const names = ['five_a', 'five_b', 'five_c', 'five_d', 'five_e']
    const id = await kit.draft(person, names)
    for (const username of ['five_b', 'five_d']) {
      kit.simulator.state.faults.push({
        on: 'order',
        username,
        what: { kind: 'coded', code: '20', error: 'gone' },
      })
    }
    kit.simulator.state.faults.push({ on: 'order', username: 'five_e', what: { kind: 'drop-after' } })
    await kit.place(id, person)
    // The worker has begun already, so the test looks at all that was ever held, not at what is held now.
    const [held] = await kit.db.rows(
      q<{ sum: bigint }>`select sum(amount)::bigint as sum from holds where person_id = ${person}`,
    )
    expect(held!.sum).toBe(price * 5n)
    await kit.until(id, 'delivered')
    const parts = await subOrders(kit.db, id)
    // The orders stand in the sequence in which the recipients were named.
    expect(
      parts.map(({ state, details }) => [(details as unknown as SaleDetails).recipients[0]!.username, state]),
    ).toEqual([
      ['five_a', 'delivered'],
      ['five_b', 'failed'],
      ['five_c', 'delivered'],
      ['five_d', 'failed'],
      ['five_e', 'delivered'],
    ])
    expect(await kit.money(person)).toMatchObject({ available: price * 2n, held: 0n })
    for (const name of ['five_a', 'five_c', 'five_e']) expect(kit.deliveries(name)).toHaveLength(1)
  })

  test('F55 F56 a purchase that fails later, before or after the money left, is released with its reason', async () => {
    const early = await order('fails_early', { kind: 'fail-later' })
    const sent = await order('fails_sent', { kind: 'fail-later', afterSent: true })
    for (const { id, person } of [early, sent]) {
      expect((await kit.until(id, 'failed')).details.reason).toBe('fragment-supplier-failed')
      expect(await charged(person)).toBe(0n)
    }
    // The admins see what the reseller said, with its id.
    expect((await orderStory(kit.db, sent.id)).at(-1)!.reason).toMatch(/Transaction was not executed/)
    const [attempt] = await kit.db.rows(q<{ ref: string; state: string }>`
      select supplier_ref as ref, state from attempts where order_id = ${sent.id}`)
    expect(attempt).toEqual({ ref: kit.bought('fails_sent')!.id, state: 'refused' })
    expect(kit.deliveries('fails_sent')).toHaveLength(0)
  })

  test('a purchase that fails in its first answer keeps the id it had there', async () => {
    const { id, person } = await order('fails_at_once', { kind: 'success-false', status: 'FAILED' })
    expect((await kit.until(id, 'failed')).details.reason).toBe('fragment-supplier-failed')
    expect(await charged(person)).toBe(0n)
    const [attempt] = await kit.db.rows(q<{ ref: string }>`
      select supplier_ref as ref from attempts where order_id = ${id}`)
    expect(attempt!.ref).toBe(kit.bought('fails_at_once')!.id)
  })

  test('F3 a reseller that contradicts what an admin decided is heard: by its callback, or because it is asked on', async () => {
    const lost = await order('called_done', { kind: 'drop-after' }, { kind: 'stuck', at: 'PENDING' })
    const stuck = await order('given_back', { kind: 'stuck', at: 'PENDING' })
    const right = await order('called_right', { kind: 'drop-after' }, { kind: 'stuck', at: 'PENDING' })
    // An order that is given up before its reply has come would have no id for a look-up.
    await eventually(async () => (await readOrder(kit.db, stuck.id))?.details.stage === 'accepted')
    await kit.until(lost.id, 'unknown')
    await kit.until(right.id, 'unknown')
    for (const { id } of [lost, stuck, right]) await kit.givenUp(id)
    await kit.decide(lost.id, 'delivered', ADMIN)
    await kit.decide(right.id, 'delivered', ADMIN)
    await kit.decide(stuck.id, 'failed', ADMIN)
    await kit.finish(kit.bought('called_done')!.id, 'FAILED')
    await kit.finish(kit.bought('called_right')!.id, 'COMPLETED')
    await kit.finish(kit.bought('given_back')!.id, 'COMPLETED', false)
    const told = async (topic: string, id: string) =>
      (await kit.alerts(topic)).filter(({ key }) => key.includes(id)).length
    await eventually(async () => (await told('fragment-alert-contradicted', lost.id)) === 1)
    await eventually(
      async () => {
        await kit.hurry()
        return (await told('fragment-alert-late', stuck.id)) === 1
      },
      { everyMs: 100 },
    )
    expect((await orderStory(kit.db, lost.id)).at(-1)!.reason).toMatch(/called delivered.*not executed/)
    // Nothing moved by itself, because a refund is the admin's decision.
    expect(await charged(lost.person)).toBe(price)
    await kit.decide(lost.id, 'refund', ADMIN)
    expect(await charged(lost.person)).toBe(0n)
    // The order that was decided rightly has its cost and its trace now.
    await eventually(async () => {
      const [row] = await kit.db.rows(q<{ cost: bigint | null }>`
        select cost from attempts where order_id = ${right.id} and supplier_ref = ${kit.bought('called_right')!.id}`)
      return row?.cost === 395_000_000n
    })
    expect(await told('fragment-alert-contradicted', right.id)).toBe(0)
    expect(await kit.state(right.id)).toBe('delivered')
  })

  test('F56 money that has left is not yet delivered: only COMPLETED captures', async () => {
    const { person, id } = await order('on_chain', { kind: 'stuck', at: 'BLOCKCHAIN_SENT' })
    await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'confirming')
    expect(await kit.money(person)).toMatchObject({ held: price })
    await kit.givenUp(id)
    await kit.finish(kit.bought('on_chain')!.id, 'COMPLETED')
    await kit.until(id, 'delivered')
    expect(await charged(person)).toBe(price)
  })

  test('after a 429 the shop waits as long as it was told, and then buys once', async () => {
    const { id } = await order('throttled', { kind: 'throttle', retryAfter: '1' })
    await kit.until(id, 'delivered')
    const [refused, bought] = kit.posts('throttled')
    expect([refused?.status, bought?.status]).toEqual([429, 200])
    expect(Date.parse(bought!.at) - Date.parse(refused!.at)).toBeGreaterThanOrEqual(1_000)
    expect(kit.deliveries('throttled')).toHaveLength(1)
  })

  test('a reply lost at the second try, without a callback, is found out all the same', async () => {
    const person = await kit.person(price)
    const id = await kit.draft(person, ['second_try'])
    const on = { on: 'order' as const, username: 'second_try' }
    kit.simulator.state.faults.push(
      { ...on, what: { kind: 'throttle', retryAfter: '1' } },
      { ...on, skip: 1, what: { kind: 'callback', mode: 'never' } },
    )
    await kit.place(id, person)
    await kit.until(id, 'delivered')
    expect(kit.posts('second_try').map(({ status }) => status)).toEqual([429, 200])
    expect(await charged(person)).toBe(price)
  })

  test('F1 orders whose jobs were lost for good, with or without their rows, are taken up again by their bot', async () => {
    const names = ['forgotten', 'forgotten_row']
    const orders = await Promise.all(names.map((name) => order(name, { kind: 'stuck', at: 'PENDING' })))
    for (const [index, { id }] of orders.entries()) {
      await eventually(async () => (await readOrder(kit.db, id))?.details.stage === 'accepted')
      await kit.forgetJobs(id)
      await kit.finish(kit.bought(names[index]!)!.id, 'COMPLETED', false)
    }
    const ids = orders.map(({ id }) => id)
    await kit.db.rows(q`delete from outbox where key = ${`check-${ids[1]}-1`}`)
    await kit.db.rows(q`update orders set updated_at = now() - interval '3 minutes' where id = any(${ids})`)
    // One look may fail as a whole, on a connection that took too long; the look of the next minute does the same.
    await eventually(
      async () => {
        await kit.watchNow()
        return (await Promise.all(ids.map((id) => kit.state(id)))).every((state) => state === 'delivered')
      },
      { everyMs: 1_000 },
    )
    const jobs = await kit.db.rows(q`
      select bot from outbox where key = any(${ids.map((id) => `check-${id}-1`)})`)
    expect(jobs).toEqual([{ bot: 'main' }, { bot: 'main' }])
  })

  test('F53 an empty wallet stops the sale, paid orders wait and go on when it is filled', async () => {
    const person = await kit.person(price)
    const id = await kit.draft(person, ['poor_us'])
    const late = await kit.draft(await kit.person(price), ['too_late'])
    const before = kit.simulator.state.wallet.ton
    kit.simulator.state.wallet.ton = units('0.001')
    await kit.place(id, person)
    await eventually(async () => (await saleStops(kit.db)).some(({ reason }) => reason === 'wallet'))
    expect(await kit.alerts('fragment-alert-wallet')).toHaveLength(1)
    await expect(kit.place(late, (await readOrder(kit.db, late))!.personId)).rejects.toMatchObject({
      code: 'sale.stopped',
    })
    expect(await kit.state(late)).toBe('draft')
    expect(await kit.state(id)).toBe('reserved')
    expect(await kit.money(person)).toMatchObject({ held: price })
    kit.simulator.state.wallet.ton = before
    await kit.watchNow()
    await eventually(async () => (await saleStops(kit.db)).length === 0)
    await eventually(async () => {
      await kit.hurry()
      return (await kit.state(id)) === 'delivered'
    })
    expect(kit.deliveries('poor_us')).toHaveLength(1)
  })
})
