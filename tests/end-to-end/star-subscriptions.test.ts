import { goods } from '#shop/goods.ts'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { starsPaid } from '#shared/queue/jobs/stars.ts'
import { refundStars } from '#shop/payments/jobs.ts'
import { owe } from '#shared/queue/outbox.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import type { Subscription } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { expireUnpaid } from '#shop/payments/worker/expire.ts'
import { eventually } from '../lib/eventually.ts'
import { BOT, openPaymentShop } from '../lib/payment-shop.ts'
import type { PaymentShop } from '../lib/payment-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { visit } from '../lib/phone.ts'
import type { Phone } from '../lib/phone.ts'

const DAY_MS = 86_400_000

describe.skipIf(!redisAvailable())('subscriptions that Telegram renews', () => {
  let shop: PaymentShop
  beforeAll(async () => {
    shop = await openPaymentShop({ vendors: [], telegram: true })
  })
  afterAll(() => shop.close())

  async function control<T>(method: string, path: string, body?: object): Promise<T> {
    const reply = await fetch(`${shop.telegramUrl}/control${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`)
    return (await reply.json()) as T
  }
  const chat = (id: number, what: string) => `/chats/main_bot/${id}/${what}`
  const current = async (id: number) => {
    const [row] = await shop.db.rows(q<
      Pick<Subscription, 'id' | 'state' | 'renews' | 'period' | 'expiresAt'>
    >`
      select id, state, renews, period, expires_at as "expiresAt" from subscriptions where person_id = ${id}`)
    return row!
  }
  const becomes = (id: number, wanted: Partial<Subscription>) =>
    eventually(
      async () => {
        const row = await current(id)
        const fits = row && Object.entries(wanted).every(([name, value]) => row[name as 'state'] === value)
        return fits ? row : undefined
      },
      { what: `the subscription of ${id} is ${JSON.stringify(wanted)}` },
    )
  const later = (id: number, days: number) =>
    shop.db.rows(
      q`update subscriptions set expires_at = now() - ${days} * interval '1 day' where person_id = ${id}`,
    )

  /**
   * Opens a plan in the bot.
   * @returns the link of the newest screen
   */
  async function openPlan(who: Phone): Promise<string> {
    await who.say('/subscription')
    await who.press(/^(Плюс|Plus) ·/)
    await who.press(/^(Оформить|Subscribe) · 150/)
    return eventually(
      async () => {
        for (const { inline_keyboard: keys } of (await who.messages()).toReversed()) {
          const url = keys?.flat().find((key) => /150/.test(key.text) && key.url)?.url
          if (url) return url
        }
        return undefined
      },
      { what: 'a button to subscribe for Stars' },
    )
  }
  const pay = (id: number, slug: string) =>
    control<{ outcome: string; charge_id: string; error_message?: string }>('POST', chat(id, 'payments'), {
      slug,
    })
  const payments = (id: number) =>
    shop.db.rows(q<{ id: string; state: string }>`
      select id, state from payments where person_id = ${id} order by created_at`)

  /** Opens a plan in the bot and pays its link. @returns the charge of the first payment */
  async function subscribe(id: number, language = 'ru'): Promise<{ who: Phone; charge: string }> {
    const person = { id, first_name: `П${id}`, language_code: language }
    const who = await visit(shop.telegramUrl, 'main_bot', person)
    const paid = await pay(id, await openPlan(who))
    expect(paid.outcome).toBe('paid')
    await becomes(id, { state: 'active', period: 1, renews: true })
    return { who, charge: paid.charge_id }
  }

  test('the first payment starts the plan by its name, each renewal adds one period, and a renewal that is told again adds none', async () => {
    const { who, charge } = await subscribe(3_001)
    await who.hears(/Подписка Плюс \(150\s?⭐.*действует до/)
    expect(await shop.has(3_001n, 'TOK')).toBe(0n)
    const first = await current(3_001)
    expect(first.expiresAt.getTime() - Date.now()).toBeGreaterThan(29.9 * DAY_MS)
    // The price in tokens rises meanwhile, but the subscription goes on for the sum in Stars that was agreed to.
    await shop.db.rows(q`update plans set price_tokens = 45 where code = 'plus'`)
    const renewed = await control<{ charge_id: string }>('POST', chat(3_001, 'renewals'), {
      charge_id: charge,
    })
    const second = await becomes(3_001, { period: 2 })
    await shop.db.rows(q`update plans set price_tokens = 30 where code = 'plus'`)
    expect(second.expiresAt.getTime() - first.expiresAt.getTime()).toBe(30 * DAY_MS)
    await who.hears(/Подписка Плюс продлена за 150/)
    const [{ payload }] = (await shop.db.rows(q<{ payload: string }>`
      select payload ->> 'payload' as payload from payment_events where event_id = ${`paid-${BOT.name}-${charge}`}`)) as [
      { payload: string },
    ]
    // Telegram tells of the renewal once more, as after a lost answer. The next charge is booked after this
    // repeat, so when it is there, the repeat was handled.
    const again = { bot: BOT.name, personId: '3001', chargeId: renewed.charge_id, stars: 150, payload }
    await shop.db.tx((tx) => owe(tx, starsPaid, again))
    await control('POST', chat(3_001, 'renewals'), { charge_id: charge })
    await becomes(3_001, { period: 3 })
    expect(await shop.db.rows(q`select 1 from subscription_periods`)).toHaveLength(3)
    // Each of the three payments is one message, which says what was bought and not that tokens came.
    const notices = await eventually(async () => {
      const told = (await who.messages())
        .map(({ text = '' }) => text)
        .filter((text) => /Плюс.*(действует|продлена)/.test(text))
      return told.length >= 3 && told
    })
    expect(notices).toHaveLength(3)
    expect((await who.messages()).filter(({ text }) => /Зачислено|Пополнение/.test(text ?? ''))).toEqual([])
    expect(await shop.has(3_001n, 'TOK')).toBe(0n)
    // No second subscription begins at Telegram beside the running one.
    await who.say('/subscription')
    await who.press(/^Плюс ·/)
    const screen = await who.hears(/Плюс на 30 дн/)
    expect(screen.inline_keyboard!.flat().filter(({ text }) => /150/.test(text))).toEqual([])
    // One event has one message: no message tells of credited tokens that paid for the period at once.
    expect((await who.messages()).filter(({ text }) => /Зачислено/.test(text ?? ''))).toEqual([])
  })

  test('looking at a plan leaves no payment behind', async () => {
    const who = await visit(shop.telegramUrl, 'main_bot', { id: 3_020, first_name: 'П', language_code: 'ru' })
    await who.say('/subscription')
    await who.press(/^Плюс ·/)
    await who.hears(/Плюс на 30 дн/)
    expect(await payments(3_020)).toEqual([])
    await who.press(/^Оформить · 150/)
    await who.hears(/Плюс за 150\s?⭐ в месяц/)
    expect(await payments(3_020)).toHaveLength(1)
  })

  test('a subscription that is stopped or resumed at Telegram is so in the shop, and stopping it in the shop stops it at Telegram', async () => {
    const { who, charge } = await subscribe(3_002)
    const change = (outcome: string) =>
      control('POST', chat(3_002, 'renewals'), { charge_id: charge, outcome })
    await change('canceled')
    await becomes(3_002, { renews: false, state: 'active' })
    await change('active')
    await becomes(3_002, { renews: true })
    await who.say('/subscription')
    await who.press(/Не продлевать Плюс/)
    await becomes(3_002, { renews: false })
    await expect(control('POST', chat(3_002, 'renewals'), { charge_id: charge })).rejects.toThrow('canceled')
    await later(3_002, 1)
    await renewDue(shop.db)
    await becomes(3_002, { state: 'ended' })
    await who.hears(/Подписка Плюс закончилась/)
  })

  test('two links that were open at once are one subscription: the second is refused, and nobody is charged twice a month', async () => {
    const id = 3_008
    const who = await visit(shop.telegramUrl, 'main_bot', { id, first_name: 'П', language_code: 'ru' })
    const first = await openPlan(who)
    await shop.db.rows(q`update plans set price_tokens = 31 where code = 'plus'`)
    await who.say('/subscription')
    await who.press(/^Плюс · 31/)
    await who.press(/^Оформить · 150/)
    const second = await eventually(
      async () => {
        const links = (await who.messages()).flatMap(({ inline_keyboard: keys = [] }) => keys.flat())
        return links.find(({ text, url }) => /150/.test(text) && url && url !== first)?.url
      },
      { what: 'a link at the new price' },
    )
    await shop.db.rows(q`update plans set price_tokens = 30 where code = 'plus'`)
    expect(await pay(id, first)).toMatchObject({ outcome: 'paid' })
    await becomes(id, { state: 'active', period: 1 })
    const refused = await pay(id, second)
    expect(refused).toMatchObject({ outcome: 'refused' })
    expect(refused.error_message).toMatch(/уже есть.*Ничего не списано/)
  })

  test('news of a subscription that was given up for another does not stop the other one', async () => {
    const { who, charge } = await subscribe(3_009)
    const told = () => control('POST', chat(3_009, 'renewals'), { charge_id: charge, outcome: 'canceled' })
    await told()
    await becomes(3_009, { renews: false })
    const again = await pay(3_009, await openPlan(who))
    expect(again.outcome).toBe('paid')
    await becomes(3_009, { renews: true, period: 2 })
    const handled = async () => (await shop.db.rows(q`select 1 from handled_updates`)).length
    const before = await handled()
    await told()
    await eventually(async () => (await handled()) > before, { what: 'the word is handled' })
    expect((await current(3_009)).renews).toBe(true)
    await control('POST', chat(3_009, 'renewals'), { charge_id: again.charge_id, outcome: 'canceled' })
    await becomes(3_009, { renews: false, period: 2 })
  })

  test('a subscription that was paid in a bot of another deployment is not stopped in vain: the person learns where to stop it', async () => {
    const { who } = await subscribe(3_007)
    await shop.db.rows(q`insert into bots (name) values ('far-bot')`)
    await shop.db.rows(q`update subscriptions set bot = 'far-bot' where person_id = 3007`)
    await who.say('/subscription')
    expect((await who.press(/Не продлевать Плюс/)).text).toMatch(/оплачена в боте far-bot/)
    expect((await current(3_007)).renews).toBe(true)
  })

  test('a renewal that Telegram cannot charge is told in the reader’s language, kept in grace, and ends', async () => {
    const { who, charge } = await subscribe(3_003, 'en')
    await later(3_003, 0)
    await renewDue(shop.db)
    expect((await current(3_003)).state).toBe('active')
    await control('POST', chat(3_003, 'renewals'), { charge_id: charge, outcome: 'failed' })
    await who.hears(/Telegram could not charge 150 .*for Plus/)
    await later(3_003, 2)
    await Promise.all([renewDue(shop.db), renewDue(shop.db)])
    expect((await current(3_003)).state).toBe('grace')
    await control('POST', chat(3_003, 'renewals'), { charge_id: charge, outcome: 'active' })
    await control('POST', chat(3_003, 'renewals'), { charge_id: charge })
    await becomes(3_003, { state: 'active', period: 2 })
    await later(3_003, 4)
    await renewDue(shop.db)
    await who.hears(/plan Plus has ended/)
    const told = (await who.messages()).filter(({ text }) => text?.includes('could not charge'))
    expect(told).toHaveLength(1)
  })

  test('refunded Stars take the period back, cost nobody tokens, and are not charged again', async () => {
    const { who, charge } = await subscribe(3_004)
    const [payment] = await shop.db.rows(
      q<{ id: string }>`select id from payments where provider_ref = ${charge}`,
    )
    // The admin reads beforehand what the refund does: the period ends, and nothing is taken from a balance.
    const boss = await visit(shop.telegramUrl, 'main_bot', { id: 77, first_name: 'Б', language_code: 'ru' })
    await boss.say(`/payments ${payment!.id}`)
    await boss.press(/Вернуть деньги/)
    const asked = await boss.hears(/Вернуть 150.*период подписки закончится сразу/s)
    expect(asked.text).toContain('С баланса ничего не спишется')
    expect(asked.text).not.toMatch(/потрачено|спишется 0/)
    await shop.db.tx((tx) => owe(tx, refundStars, { paymentId: payment!.id }))
    await becomes(3_004, { state: 'ended', renews: false })
    await who.hears(/верн|возвра/i)
    await expect(control('POST', chat(3_004, 'renewals'), { charge_id: charge })).rejects.toThrow('canceled')
    expect(await shop.has(3_004n, 'TOK')).toBe(0n)
    const [loss] = await shop.db.rows(q<{ sum: bigint }>`
      select coalesce(sum(e.amount), 0)::bigint as sum from entries e join postings p on p.id = e.posting_id
      where e.system = 'shortfall' and p.details ->> 'payment' = ${payment!.id}`)
    expect(loss!.sum).toBe(0n)
    // Telegram itself refunds a person who has other tokens, and those tokens stay.
    const other = await subscribe(3_005)
    await post(
      shop.db,
      transfer(
        { system: 'promo' },
        { person: 3_005n },
        { asset: 'TOK', amount: 37n },
        { reference: 'gift-3005', kind: 'promo' },
      ),
    )
    await control('POST', chat(3_005, 'refunds'), { charge_id: other.charge })
    await becomes(3_005, { state: 'ended', renews: false })
    expect(await shop.has(3_005n, 'TOK')).toBe(37n)
  })

  test('looking at a plan again makes no second payment, a link that expired charges nobody, and a charge that comes after that still pays for the plan', async () => {
    const id = 3_006
    const who = await visit(shop.telegramUrl, 'main_bot', { id, first_name: 'П', language_code: 'ru' })
    const link = await openPlan(who)
    const [first, ...more] = await payments(id)
    expect(more).toEqual([])
    const linksMade = async () =>
      (
        await control<{ params: { payload: string } }[]>(
          'GET',
          '/requests?method=createInvoiceLink&limit=1000',
        )
      ).filter(({ params }) => params.payload === first!.id).length
    for (const times of [2, 3, 4]) {
      await openPlan(who)
      await eventually(async () => (await linksMade()) === times, { what: `link ${times} for one payment` })
    }
    expect(await payments(id)).toEqual([{ id: first!.id, state: 'created' }])
    // A plan with another price is another payment.
    await shop.db.rows(q`update plans set price_tokens = 31 where code = 'plus'`)
    await openPlan(who)
    await eventually(async () => (await payments(id)).length === 2)
    await shop.db.rows(q`update plans set price_tokens = 30 where code = 'plus'`)

    // Both links expire, together with a payment that an earlier version made without an end.
    await shop.db.rows(q`
      insert into payments (id, person_id, bot, provider, asset, amount, credit_asset, credit_amount, details)
      values ('endless', ${id}, ${BOT.name}, 'stars', 'XTR', 150, 'TOK', 30, '{"plan": "plus"}')`)
    await shop.db.rows(q`
      update payments set created_at = created_at - interval '2 days', expires_at = expires_at - interval '2 days'
      where person_id = ${id}`)
    await expireUnpaid({ ...shop, goods })
    expect((await payments(id)).map(({ state }) => state)).toEqual(['expired', 'expired', 'expired'])
    expect(await pay(id, link)).toMatchObject({ outcome: 'refused' })
    // Telegram took the money before the link expired, and tells so only now.
    const charge = {
      bot: BOT.name,
      personId: String(id),
      chargeId: 'late-3006',
      stars: 150,
      payload: first!.id,
    }
    await shop.db.tx((tx) => owe(tx, starsPaid, charge))
    await becomes(id, { state: 'active', period: 1, renews: true })
    expect(await shop.payment(first!.id)).toMatchObject({ state: 'paid', providerRef: 'late-3006' })
    expect(await shop.has(BigInt(id), 'TOK')).toBe(0n)
    await who.hears(/Подписка Плюс \(150\s?⭐.*действует до/)
  })
})
