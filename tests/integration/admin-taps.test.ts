import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { openAttempt, settleAttempt } from '#shared/money/attempts.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { bury } from '#shared/queue/outbox.ts'
import { setRole } from '#shared/roles.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { pack } from '#shared/telegram/buttons.ts'
import { createKey } from '#shop/balance-api/keys.ts'
import { createMailing } from '#shop/mailings/mailings.ts'
import { askRefund, moveRefund, refundOf } from '#shop/payments/refunds.ts'
import { book } from '#shop/payments/book.ts'
import { createPayment, movePayment } from '#shop/payments/payments.ts'
import { acts } from '#shop/acts.ts'
import { features } from '#shop/screens.ts'
import { taps } from '#shop/taps.ts'
import { OWNER, SECOND, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import type { Bubble } from '../lib/phone.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { draftStars } from '../lib/stars-order.ts'

const ANNA = 100
/** Tables and columns that every press writes: where a chat stands, and that a message was handled. */
const NOT_CHANGES =
  /^(bot_sessions|mikro_orm_migrations|updates?_.*|secrets|outbox|handled_.*|persons|totals.*)$/

describe.skipIf(!redisAvailable())('one tap on a key of admins', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({
      workers: ['bot'],
      env: {
        FRAGMENT_API_URL: 'http://127.0.0.1:9',
        CRYPTOMUS_API_KEY: 'k'.repeat(32),
        CRYPTOMUS_MERCHANT_ID: 'm',
        CRYPTOMUS_PAYOUT_KEY: 'p'.repeat(32),
      },
    })
    await shop.control('PATCH', '/bots/main_bot', { can_manage_bots: true })
    await shop.person(ANNA, 'Anna')
    for (const id of [OWNER, SECOND, ANNA]) await shop.say(id, '/start')
    for (const id of [OWNER, SECOND, ANNA]) await shop.sees(id, 'Balance')
  })
  afterAll(() => shop?.close())

  const money = { asset: 'RUB', amount: 10_000n, creditAsset: 'RUB', creditAmount: 10_000n } as const
  async function payment(provider: string, state: 'pending' | 'paid' | 'review', details = {}) {
    const id = newId()
    await createPayment(shop.db, { id, personId: BigInt(ANNA), bot: 'main', provider, ...money, details })
    await shop.db.tx(async (tx) => {
      const moved = await movePayment(tx, id, state, { providerRef: `ref-${id}` })
      if (state === 'paid')
        await book(tx, moved!, { book: money.amount, asset: 'RUB', price: money.amount }, '10000')
    })
    return id
  }

  /**
   * Makes one of everything that a key could decide about.
   * @returns the pages on which the keys stand
   */
  async function everything(): Promise<{ pages: string[]; order: string }> {
    const { db } = shop
    await db.tx((tx) =>
      setRole(tx, { bot: 'main', personId: BigInt(SECOND), role: 'admin', by: BigInt(OWNER) }),
    )
    await payment('manual', 'pending', { method: 'card_ru' })
    const review = await payment('cryptomus', 'review', { review: 'lost' })
    const held = await payment('cryptomus', 'review')
    await db.rows(
      q`update payments set suspended = 100, suspended_asset = 'RUB', booked = 100 where id = ${held}`,
    )
    const unknown = await payment('cryptomus', 'paid')
    await db.tx((tx) => askRefund(tx, { paymentId: unknown, adminId: BigInt(OWNER), reason: 'admin' }))
    await moveRefund(db, (await refundOf(db, unknown))!.id, ['asked'], 'unknown')
    const paid = await payment('cryptomus', 'paid')
    const addressed = await payment('cryptomus', 'paid')
    await db.rows(q`
      insert into payback_addresses (payment_id, asked_by, address, given_at)
      values (${addressed}, ${OWNER}, 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj', now())`)
    const stars = await payment('stars', 'paid')
    const frozen = await payment('stars', 'review')
    await db.rows(
      q`update payments set details = '{"review": "unlisted", "frozen": "100"}', booked = 10000 where id = ${frozen}`,
    )
    const order = newId()
    await draftStars(db, { id: order, personId: BigInt(ANNA) })
    await db.tx(async (tx) => {
      await moveOrder(tx, order, 'reserved', { actor: 'test' })
      await moveOrder(tx, order, 'fulfilling', { actor: 'test' })
      const attempt = await openAttempt(tx, {
        orderId: order,
        number: 1,
        supplier: 'fragment',
        token: 'token-1',
        run: 'run-1',
      })
      await settleAttempt(tx, attempt.id, { from: ['sent'], to: 'unknown' })
      await moveOrder(tx, order, 'unknown', { actor: 'test' })
      await moveOrder(tx, order, 'review', { actor: 'test' })
    })
    await db.rows(q`
      insert into adjustments (id, bot, person_id, asset, amount, reason, state, created_by)
      values (${newId()}, 'main', ${ANNA}, 'TOK', 5000, 'bonus', 'waiting', ${SECOND})`)
    await db.rows(q`
      insert into shelf_items (kind, name, asset, price, created_by)
      values ('stock', '{"ru": "Ключ", "en": "Key"}', 'RUB', 500, ${OWNER})`)
    await db.rows(q`insert into shelf_categories (name) values ('{"ru": "Игры", "en": "Games"}')`)
    await db.rows(q`
      insert into promo_campaigns (name, kind, value, first_purchase_only, created_by)
      values ('HELLO', 'tokens', 10, true, ${OWNER})`)
    await db.rows(q`
      insert into support_messages (id, bot, person_id, text, order_id, waits, read_at)
      values (${newId()}, 'main', ${ANNA}, 'Where is it?', ${order}, true, now())`)
    await createKey(db, { bot: 'main', name: 'site', scopes: ['read'], perMinute: 60 })
    await db.rows(q`insert into bots (name, username, home) values ('third', 'third_bot', 'main')`)
    await db.rows(q`
      insert into settings (bot, key, value) values
        ('', 'payments-manual-requisites', '{"crypto": {"ru": "a", "en": "a"}, "card_ru": {"ru": "b", "en": "b"}, "card_world": {"ru": "c", "en": "c"}}')`)
    await bury(db, { key: 'notice-one', job: 'notice.send', payload: {}, reason: 'gave up after 8 tries: x' })
    for (const [id, state] of Object.entries({ draft: 'draft', running: 'paused', over: 'done' })) {
      await createMailing(db, { id: `mailing-${id}`, bot: 'main', createdBy: BigInt(OWNER) })
      await db.rows(q`
        update broadcasts set state = ${state}, total = 3, sent = 1, uncertain = 1, finished_at = now(),
          contents = '{"": {"text": "Hi", "media": [], "buttons": [], "sources": {"main": {"chatId": 1, "messageIds": [1]}}}}'
        where id = ${`mailing-${id}`}`)
    }
    await shop.say(OWNER, '/admin')
    for (const key of ['Settings', /^🪙 Tokens$/, 'Stars for one token', 'Only main', /^Change/])
      await shop.press(OWNER, key)
    await shop.say(OWNER, '7')
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, 'Now in main: 7')
    const pages = [
      '/admin',
      `/find ${ANNA}`,
      `/find ${order}`,
      '/fragment',
      ...[review, held, unknown, paid, addressed, stars, frozen].map((id) => `/payments ${id}`),
    ]
    return { pages, order }
  }

  /** All that the shop keeps, table by table. */
  async function kept(): Promise<Record<string, string>> {
    const tables = await shop.db.rows(q<{ name: string }>`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace
        and relkind in ('r', 'p') and not relispartition`)
    const sums = tables
      .filter(({ name }) => !NOT_CHANGES.test(name))
      .map(
        ({ name }) =>
          q`select ${name}::text as name, md5(coalesce(string_agg((to_jsonb(t) - 'card')::text, ';' order by to_jsonb(t)), '')) as sum from ${q.table(name)} t`,
      )
    const rows = await shop.db.rows(q<{ name: string; sum: string }>`${q.join(sums, q` union all `)}`)
    return Object.fromEntries(rows.map(({ name, sum }) => [name, sum]))
  }

  test('that changes anything asks first, stands below its question, or is named as light; all others only show', async () => {
    /** Only a few keys of each kind are pressed: a hundred settings are the same screen with other words. */
    const most = (route: string) =>
      /^(payment|payback|a-bot|a-setting|a-set-group|b-page)$/.test(route) ? 9 : 2
    const routeOf = (data = '') => data.split(/[:~]/)[0]!
    const argsOf = (data = '') => data.split('~')[0]!.split(':')
    const { pages, order } = await everything()
    const wrong: string[] = []
    const met = new Set<string>()
    const seen = new Map<string, number>()
    let pressed: string[] = []
    const shown = async () => (await shop.last(OWNER))!
    const look = async (screen: Bubble, by: string): Promise<void> => {
      for (const { text, callback_data: data } of (screen.inline_keyboard ?? []).flat()) {
        const route = routeOf(data)
        if (!data || !(route in acts)) continue
        const tap = taps[route]
        if (tap !== undefined) met.add(route)
        if (typeof tap === 'object' && !tap.below.includes(by)) wrong.push(`${text} (${route}) below ${by}`)
        if (tap === 'typed') wrong.push(`${text} (${route}) was not typed, by ${by}`)
        if ((tap !== undefined && tap !== 'asks') || argsOf(data).at(-1) === 'yes') continue
        const key = argsOf(data).join(':')
        if (seen.has(key) || (seen.get(route) ?? 0) >= most(route)) continue
        seen.set(key, 1)
        seen.set(route, (seen.get(route) ?? 0) + 1)
        const old = JSON.stringify(await shown())
        await shop.pressData(OWNER, (await shown()).message_id, data)
        pressed.push(`${text} (${route})`)
        const next = await shown()
        if (JSON.stringify(next) === old) continue
        const yes = (next.inline_keyboard ?? []).flat().map((one) => argsOf(one.callback_data))
        if (tap === 'asks' && !yes.some((args) => args[0] === route && args.at(-1) === 'yes'))
          wrong.push(`${text} (${route}) asks nothing`)
        await look(next, route)
      }
    }
    for (const page of pages) {
      const old = (await shown()).message_id
      await shop.say(OWNER, page)
      await eventually(async () => (await shown()).message_id > old)
      pressed = []
      const before = await kept()
      await look(await shown(), page)
      const after = await kept()
      const changed = Object.keys(after).filter((name) => after[name] !== before[name])
      if (changed.length > 0) wrong.push(`one of ${pressed.join(', ')} changes ${changed.join(', ')}`)
    }
    // A key that stands on pages of other kinds is pressed with the signature that it would have there.
    const routes = features.flatMap(({ adminButtons }) => Object.keys(adminButtons ?? {}))
    const rest = routes.filter((route) => !(route in taps) && !seen.has(route))
    expect(rest.length).toBeLessThan(15)
    const before = await kept()
    for (const route of rest) {
      const { of } = acts[route] as { of?: string }
      const id = of === 'item' ? '1' : of === 'order' ? order : '0'
      const data = pack(secretsFrom(shop.config), BigInt(OWNER), route, id)
      await shop.pressData(OWNER, (await shown()).message_id, data)
    }
    expect([rest, await kept()]).toEqual([rest, before])
    expect(wrong).toEqual([])
    const asked = Object.keys(taps).filter(
      (route) => taps[route] === 'asks' || typeof taps[route] === 'object',
    )
    expect(asked.filter((route) => !met.has(route))).toEqual([])
    expect(Object.keys(taps).filter((route) => !routes.includes(route))).toEqual([])
  })
})
