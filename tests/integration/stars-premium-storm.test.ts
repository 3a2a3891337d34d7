import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireTokens } from '../../sandbox/fragment/control.ts'
import { openDb } from '#shared/db/db.ts'
import { resellerConnection } from '#shop/stars-premium/connection.ts'
import { draftOrder } from '#shop/stars-premium/orders.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { supplierPrices } from '#shop/stars-premium/prices.ts'
import { lookUpRecipients } from '#shop/stars-premium/recipients.ts'
import { saleStops } from '#shop/stars-premium/sale-stops.ts'
import { starPrice } from '#shared/settings/economy.ts'
import { coinRates } from '#shop/stars-premium/settings.ts'
import { readOrder } from '#shared/money/orders.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('many orders on three workers', () => {
  let kit: Kit
  beforeAll(async () => {
    kit = await openKit()
    await Promise.all([kit.gateway(), kit.worker(), kit.worker(), kit.worker()])
  })
  afterAll(() => kit.close())

  const price = 9_000n
  /** Makes drafts without asking the reseller about each recipient, so that only purchases are counted. */
  async function drafts(count: number, prefix: string) {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const person = await kit.person(price)
        return { person, id: await kit.draft(person, [`${prefix}_${index}`]) }
      }),
    )
  }
  const deliveredAll = (ids: string[]) =>
    eventually(
      async () => {
        await kit.hurry()
        const [row] = await kit.db.rows(q<{ open: bigint }>`
          select count(*) as open from orders where id = any(${ids}) and state <> 'delivered'`)
        return row!.open === 0n
      },
      { timeoutMs: 60_000, everyMs: 100, what: `${ids.length} orders delivered` },
    )

  /**
   * Orders that are paid for, and that a reseller which asks to wait has refused once: no purchase happens before
   * the test hurries them.
   */
  async function placeAndWait(placed: { person: bigint; id: string }[]) {
    const what = { kind: 'throttle', retryAfter: '600' } as const
    kit.simulator.state.faults.push({ on: 'order', times: placed.length, what })
    await Promise.all(placed.map(({ id, person }) => kit.place(id, person)))
    const ids = placed.map(({ id }) => id)
    await eventually(async () => {
      const waiting = await kit.db.rows(q`
        select from orders where id = any(${ids}) and state = 'reserved' and details ->> 'stage' = 'waiting'`)
      return waiting.length === ids.length
    })
  }

  test('F51 fifty orders at once with an expired token make exactly one login and are delivered once each', async () => {
    const placed = await drafts(50, 'storm')
    const { settings } = kit.simulator.state
    settings.loginMs = 300
    // Confirming an order asks for the recipient with the token, so the token expires only when all orders are
    // paid for and none is bought.
    await placeAndWait(placed)
    const before = kit.simulator.state.logins
    expireTokens(kit.simulator.state)
    await deliveredAll(placed.map(({ id }) => id))
    expect(kit.simulator.state.logins - before).toBe(1)
    expect(kit.simulator.state.deliveries).toHaveLength(50)
    settings.loginMs = 0
  })

  test('F51 thirty people who are looked up at once with an expired token wait for one login on one connection', async () => {
    const { config, secrets, settings, simulator } = kit
    const db = await openDb(kit.environment.DATABASE_URL!, { max: 10, name: 'taps' })
    simulator.state.settings.loginMs = 1_000
    const before = simulator.state.logins
    expireTokens(simulator.state)
    // Every tap in a bot has a client of its own, and there are more taps than connections.
    const taps = Array.from({ length: 30 }, (_, index) =>
      lookUpRecipients(resellerConnection({ db, config, secrets, settings }), [`tap_${index}`]),
    )
    await eventually(async () => simulator.state.logins > before)
    const [locks] = await kit.db.rows(q<{ count: number }>`
      select count(*)::int as count from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and a.application_name = 'telekassa-taps'`)
    expect(locks!.count).toBeLessThanOrEqual(1)
    const names = (await Promise.all(taps)).map(([one]) => one!.username)
    expect(names).toEqual(names.map((_, index) => `tap_${index}`))
    expect(simulator.state.logins - before).toBe(1)
    simulator.state.settings.loginMs = 0
    await db.close()
  })

  test('F52 a login that fails pauses the sale, tells admins once and keeps paid orders waiting', async () => {
    const placed = await drafts(12, 'paused')
    const late = await kit.draft(await kit.person(price), ['not_now'])
    const { settings } = kit.simulator.state
    await placeAndWait(placed)
    const { apiKey } = settings
    settings.apiKey = 'changed over there'
    const before = kit.simulator.state.logins
    expireTokens(kit.simulator.state)
    await kit.hurry()
    await eventually(async () => (await saleStops(kit.db)).some(({ reason }) => reason === 'login'))
    await expect(kit.place(late, (await readOrder(kit.db, late))!.personId)).rejects.toMatchObject({
      code: 'sale.stopped',
    })
    // Each order has met the stop: an order that hears of the failed login later would stop the sale anew.
    await kit.resting()
    for (const { id } of placed) expect(await kit.state(id)).toBe('reserved')
    expect(kit.simulator.state.logins - before).toBe(1)
    expect(await kit.alerts('fragment-alert-login')).toHaveLength(1)
    for (const { person } of placed)
      expect(await kit.money(person)).toMatchObject({ held: price, available: 0n })

    settings.apiKey = apiKey
    await kit.letLoginTry()
    await kit.watchNow()
    await eventually(async () => (await saleStops(kit.db)).length === 0)
    await kit.hurry()
    await deliveredAll(placed.map(({ id }) => id))
    expect(kit.simulator.state.deliveries).toHaveLength(62)
  })

  test('F60 one draft confirmed ten times at once is one order, one hold and one purchase', async () => {
    const person = await kit.person(price * 10n)
    const id = await kit.draft(person, ['ten_taps'])
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => kit.place(id, person)))
    expect(outcomes.filter(({ outcome }) => outcome === 'reserved')).toHaveLength(1)
    await kit.until(id, 'delivered')
    expect(kit.deliveries('ten_taps')).toHaveLength(1)
    expect(await kit.money(person)).toMatchObject({ available: price * 9n, held: 0n })
  })

  test('F61 five orders race for money that is enough for one: one wins, the others wait for a top-up', async () => {
    const person = await kit.person(price)
    const ids = await Promise.all(
      Array.from({ length: 5 }, (_, index) => kit.draft(person, [`race_${index}`])),
    )
    const outcomes = await Promise.all(ids.map((id) => kit.place(id, person)))
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      'reserved',
      'short',
      'short',
      'short',
      'short',
    ])
    await eventually(async () => (await kit.money(person)).held === 0n)
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
    expect(kit.simulator.state.deliveries.filter((one) => one.receiver.startsWith('race_'))).toHaveLength(1)
  })

  test('an order that waits goes on by itself when its money comes, for just the difference', async () => {
    const person = await kit.person(5_000n)
    const id = await kit.draft(person, ['topped_up'])
    const placed = await kit.place(id, person)
    expect(placed).toMatchObject({ outcome: 'short', missing: 4_000n, currency: 'RUB' })
    await kit.give(person, 4_000n)
    await kit.resumeNow()
    await kit.until(id, 'delivered')
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
  })

  test('an order that waits goes on when its sum comes by a way that names no order', async () => {
    const person = await kit.person(100n)
    const ids = [await kit.draft(person, ['same_one']), await kit.draft(person, ['same_two'])]
    for (const id of ids) await kit.place(id, person)
    for (const held of [1, 2]) {
      await kit.give(person, held === 1 ? price - 100n : price)
      await kit.resumeNow()
      await eventually(async () => {
        const states = await Promise.all(ids.map((id) => kit.state(id)))
        return states.filter((state) => state === 'delivered').length === held
      })
    }
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
  })

  test('F65 an order belongs to the person who drafted it', async () => {
    const owner = await kit.person(price)
    const thief = await kit.person(price)
    const id = await kit.draft(owner, ['owned'])
    await expect(kit.place(id, thief)).rejects.toMatchObject({ code: 'order.stale' })
    expect(await kit.state(id)).toBe('draft')
  })

  test('F54 a price that moved, a quote that expired and a sale below cost charge nobody', async () => {
    const person = await kit.person(price)
    const stale = await kit.draft(person, ['stale_quote'])
    await kit.db.rows(q`update orders set expires_at = now() - interval '1 second' where id = ${stale}`)
    await expect(kit.place(stale, person)).rejects.toMatchObject({ code: 'order.expired' })

    const moved = await kit.draft(person, ['moved_price'])
    await kit.settings.set(kit.db, starPrice, { value: '2', by: 1n })
    await expect(kit.place(moved, person)).rejects.toMatchObject({ code: 'price.changed' })
    await kit.settings.set(kit.db, starPrice, { value: undefined, by: 1n })

    const dear = await kit.draft(person, ['dear_coin'])
    await kit.settings.set(kit.db, coinRates, { value: { TON: '400', USDT: '80' }, by: 1n })
    await expect(kit.place(dear, person)).rejects.toMatchObject({ code: 'sale.below-cost' })
    await expect(kit.draft(person, ['dear_coin'])).rejects.toMatchObject({ code: 'sale.below-cost' })
    await kit.settings.set(kit.db, coinRates, { value: undefined, by: 1n })
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
  })

  test('F55 a recipient whose name changed hands between quote and payment is not charged for', async () => {
    const person = await kit.person(price)
    const profiles = kit.simulator.state.profiles
    const changed = await kit.draft(person, ['handed_on'])
    profiles.set('handed_on', { exists: true, name: 'Somebody Else', hasPremium: false })
    await expect(kit.place(changed, person)).rejects.toMatchObject({ code: 'recipient.changed' })
    const gone = await kit.draft(person, ['given_up'])
    profiles.set('given_up', { exists: false, name: null, hasPremium: false })
    await expect(kit.place(gone, person)).rejects.toMatchObject({ code: 'recipient.unknown' })
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
  })

  test('a draft made twice under one number is one order', async () => {
    const person = await kit.person(price)
    const q1 = await quote(kit.settings, await supplierPrices(kit.db, kit.context.client), 'main', {
      kind: 'stars',
      quantity: 50,
    })
    const recipients = [{ username: 'same', name: 'Same', photo: null, hasPremium: null, telegramId: null }]
    const draft = { id: 'samesamesamesame', personId: person, bot: 'main', quote: q1, recipients }
    await Promise.all([draftOrder(kit.db, draft), draftOrder(kit.db, draft)])
    const rows = await kit.db.rows(q`select id from orders where id = 'samesamesamesame'`)
    expect(rows).toHaveLength(1)
  })
})
