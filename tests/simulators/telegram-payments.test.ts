import { Bot } from 'grammy'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ANNA, expectRefusal, telegramFor, TOKEN, until, type Message } from './telegram-kit.ts'

type Kit = Awaited<ReturnType<typeof telegramFor>>

const price = [{ label: 'Пакет', amount: 50 }]

/** A bot that answers every pre-checkout in the same way and notes what it was paid. */
function cashier(kit: Kit, answer: { ok: true } | { ok: false; why: string } | 'silence') {
  const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
  const payments: { telegram_payment_charge_id: string; invoice_payload: string }[] = []
  const queries: string[] = []
  bot.on('pre_checkout_query', async (context) => {
    queries.push(context.preCheckoutQuery.id)
    if (answer !== 'silence')
      await context.answerPreCheckoutQuery(answer.ok, answer.ok ? undefined : { error_message: answer.why })
  })
  bot.on('message:successful_payment', (context) => void payments.push(context.message.successful_payment))
  void bot.start()
  onTestFinished(() => bot.stop())
  return { payments, queries }
}

const pay = (kit: Kit, body: object) =>
  kit.control<{ outcome: string; charge_id: string; error_message?: string; approved?: boolean }>(
    'POST',
    `/chats/shop_bot/${ANNA}/payments`,
    body,
  )

const invoice = async (kit: Kit) => {
  const sent = await kit.api.sendInvoice(ANNA, 'Токены', '10 токенов', 'pack-10', 'XTR', price)
  return sent.message_id
}

describe('invoices in Stars', () => {
  test('a payment goes through pre-checkout and ends in successful_payment and the ledger', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const message_id = await invoice(kit)
    const { outcome, charge_id } = await pay(kit, { message_id })
    expect(outcome).toBe('paid')
    await until(() => payments.length === 1)
    expect(payments[0]).toMatchObject({
      currency: 'XTR',
      total_amount: 50,
      invoice_payload: 'pack-10',
      telegram_payment_charge_id: charge_id,
    })
    const { transactions } = await kit.api.getStarTransactions()
    expect(transactions).toMatchObject([
      {
        id: charge_id,
        amount: 50,
        source: {
          type: 'user',
          transaction_type: 'invoice_payment',
          user: { id: ANNA },
          invoice_payload: 'pack-10',
        },
      },
    ])
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 150 })
  })

  test('one invoice can be paid twice, each time under a new charge id (F24)', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const message_id = await invoice(kit)
    const first = await pay(kit, { message_id })
    const second = await pay(kit, { message_id })
    expect(first.charge_id).not.toBe(second.charge_id)
    await until(() => payments.length === 2)
    const shown = (await kit.chat()).find((message) => message.message_id === message_id)
    expect(shown).toMatchObject({ invoice: { paid: 2, total_amount: 50 } })
  })

  test('a refused pre-checkout shows its reason and charges nothing', async () => {
    const kit = await telegramFor()
    cashier(kit, { ok: false, why: 'Распродано' })
    expect(await pay(kit, { message_id: await invoice(kit) })).toEqual({
      outcome: 'refused',
      error_message: 'Распродано',
    })
    expect((await kit.api.getStarTransactions()).transactions).toEqual([])
  })

  test('an affiliate gets a part of what a person pays whom they referred, and a refund takes it back', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    await kit.control('PATCH', `/people/${ANNA}`, { affiliate: { user: ANNA, per_mille: 75 } })
    await expect(
      kit.control('PATCH', `/people/${ANNA}`, { affiliate: { user: ANNA, per_mille: 1000 } }),
    ).rejects.toThrow('affiliate is')
    await pay(kit, { message_id: await invoice(kit) })
    await until(() => payments.length === 1)
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 146, nanostar_amount: 250_000_000 })
    const [paid] = (await kit.api.getStarTransactions()).transactions
    expect(paid).toMatchObject({
      amount: 46,
      nanostar_amount: 250_000_000,
      source: { affiliate: { commission_per_mille: 75, amount: 3, nanostar_amount: 750_000_000 } },
    })
    await kit.api.refundStarPayment(ANNA, payments[0]!.telegram_payment_charge_id)
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 100 })
    expect((await kit.api.getStarTransactions()).transactions[1]).toMatchObject({
      amount: 46,
      receiver: { affiliate: { amount: -3, nanostar_amount: -750_000_000 } },
    })
  })

  test('a pre-checkout that nobody answers in 10 s cancels the payment, and an answer after that is too late (F25)', async () => {
    const kit = await telegramFor()
    const { queries } = cashier(kit, 'silence')
    const paying = pay(kit, { message_id: await invoice(kit) })
    await until(() => queries.length === 1)
    await kit.control('PUT', '/clock', { advance_ms: 10_000 })
    expect(await paying).toEqual({ outcome: 'timeout' })
    await expectRefusal(
      kit.api.answerPreCheckoutQuery(queries[0]!, true),
      400,
      'Bad Request: query is too old and response timeout expired or query ID is invalid',
    )
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 100 })
  })

  test('a person may close the window before paying, or leave after the bot agreed', async () => {
    const kit = await telegramFor()
    const { queries } = cashier(kit, { ok: true })
    const message_id = await invoice(kit)
    expect(await pay(kit, { message_id, decision: 'decline' })).toEqual({ outcome: 'declined' })
    expect(queries).toEqual([])
    expect(await pay(kit, { message_id, decision: 'leave' })).toEqual({ outcome: 'left', approved: true })
    expect((await kit.api.getStarTransactions()).transactions).toEqual([])
  })

  test.each([
    [{ prices: [price[0], price[0]] }, 'STARS_INVOICE_INVALID'],
    [{ provider_token: 'abc' }, 'STARS_INVOICE_INVALID'],
    [{ prices: [] }, 'there must be at least one price'],
    [{ prices: [{ label: 'x', amount: 0 }] }, 'CURRENCY_TOTAL_AMOUNT_INVALID'],
    [{ payload: 'я'.repeat(65) }, 'INVOICE_PAYLOAD_INVALID'],
    [{ title: 'x'.repeat(33) }, 'INVOICE_TITLE_INVALID'],
    [{ title: '' }, 'parameter "title" is required'],
    [{ currency: 'RUB' }, 'PAYMENT_PROVIDER_INVALID'],
    [{ subscription_period: 2592000 }, 'SUBSCRIPTION_PERIOD_INVALID'],
    [{ reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] } }, 'REPLY_MARKUP_BUY_EMPTY'],
    [
      { reply_markup: { inline_keyboard: [[{ text: 'Pay', pay: true }], [{ text: 'Pay', pay: true }]] } },
      'BUTTON_POS_INVALID',
    ],
  ])('an invoice with %j is refused', async (change, why) => {
    const { raw } = await telegramFor()
    const good = { chat_id: ANNA, title: 'T', description: 'D', payload: 'p', currency: 'XTR', prices: price }
    expect((await raw('sendInvoice', good)).status).toBe(200)
    const answer = (await (await raw('sendInvoice', { ...good, ...change })).json()) as {
      description: string
    }
    expect(answer.description).toBe(`Bad Request: ${why}`)
  })
})

describe('refunds', () => {
  test('a refund works once; its repeat is CHARGE_ALREADY_REFUNDED', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const { charge_id } = await pay(kit, { message_id: await invoice(kit) })
    await until(() => payments.length === 1)
    expect(await kit.api.refundStarPayment(ANNA, charge_id)).toBe(true)
    await expectRefusal(
      kit.api.refundStarPayment(ANNA, charge_id),
      400,
      'Bad Request: CHARGE_ALREADY_REFUNDED',
    )
    await expectRefusal(kit.api.refundStarPayment(8, charge_id), 400, 'Bad Request: CHARGE_NOT_FOUND')
    const { transactions } = await kit.api.getStarTransactions()
    expect(transactions.map(({ id }) => id)).toEqual([charge_id, charge_id])
    expect(transactions[1]).toMatchObject({ receiver: { type: 'user', user: { id: ANNA } } })
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 100 })
  })

  test('a refund from outside reaches the bot as refunded_payment', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const { charge_id } = await pay(kit, { message_id: await invoice(kit) })
    await until(() => payments.length === 1)
    await kit.control('POST', `/chats/shop_bot/${ANNA}/refunds`, { charge_id })
    const last = (await kit.chat()).at(-1)
    expect(last).toMatchObject({
      from: 'service',
      refunded_payment: { telegram_payment_charge_id: charge_id },
    })
    expect(await kit.control('GET', '/payments')).toMatchObject([{ charge_id, refunded: true }])
  })

  test('getStarTransactions pages from the oldest on', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const message_id = await invoice(kit)
    const ids: string[] = []
    for (let n = 0; n < 3; n++) ids.push((await pay(kit, { message_id })).charge_id)
    await until(() => payments.length === 3)
    const page = await kit.api.getStarTransactions({ offset: 1, limit: 1 })
    expect(page.transactions.map(({ id }) => id)).toEqual([ids[1]])
    const whole = await kit.api.getStarTransactions()
    expect(await kit.api.getStarTransactions({ limit: 101, offset: -1 })).toEqual(whole)
  })
})

describe('subscriptions', () => {
  test('a link is subscribed to, renewed under a new charge id, cancelled and reported', async () => {
    const kit = await telegramFor()
    const { payments } = cashier(kit, { ok: true })
    const other = { provider_token: '', currency: 'XTR', prices: price }
    const link = await kit.api.createInvoiceLink('Клуб', 'Месяц', 'club', '', 'XTR', price, {
      subscription_period: 2592000,
    })
    const { charge_id } = await pay(kit, { slug: link })
    await until(() => payments.length === 1)
    expect(payments[0]).toMatchObject({ is_recurring: true, is_first_recurring: true })
    await expect(pay(kit, { slug: link })).rejects.toThrow('409')
    const renewals = `/chats/shop_bot/${ANNA}/renewals`
    const renewed = await kit.control<{ charge_id: string; subscription_expiration_date: number }>(
      'POST',
      renewals,
      {
        charge_id,
      },
    )
    await until(() => payments.length === 2)
    expect(payments[1]).toMatchObject({ is_recurring: true, telegram_payment_charge_id: renewed.charge_id })
    expect(payments[1]).not.toHaveProperty('is_first_recurring')
    const [first, second] = payments as unknown as { subscription_expiration_date: number }[]
    expect(second!.subscription_expiration_date - first!.subscription_expiration_date).toBe(2592000)
    await kit.api.editUserStarSubscription(ANNA, charge_id, true)
    await expect(kit.control('POST', renewals, { charge_id })).rejects.toThrow('canceled')
    const bad = await kit.raw('createInvoiceLink', {
      ...other,
      title: 'T',
      description: 'D',
      payload: 'p',
      subscription_period: 86400,
    })
    expect(bad.status).toBe(400)
  })

  test('a failed renewal comes as a subscription update', async () => {
    const kit = await telegramFor()
    const link = await kit.api.createInvoiceLink('Клуб', 'Месяц', 'club', '', 'XTR', price, {
      subscription_period: 2592000,
    })
    const paying = pay(kit, { slug: link })
    const [query] = await until(async () => {
      const found = await kit.api.getUpdates()
      return found.length > 0 && found
    })
    await kit.api.answerPreCheckoutQuery(query!.pre_checkout_query!.id, true)
    const { charge_id } = await paying
    await kit.control('POST', `/chats/shop_bot/${ANNA}/renewals`, { charge_id, outcome: 'failed' })
    const updates = await kit.api.getUpdates({ offset: query!.update_id + 2 })
    expect(updates).toMatchObject([
      { subscription: { user: { id: ANNA }, invoice_payload: 'club', state: 'failed' } },
    ])
  })
})

describe('what a bot buys', () => {
  test('Premium costs its fixed Stars, and a gift its own; too little is BALANCE_TOO_LOW', async () => {
    const kit = await telegramFor()
    await expectRefusal(kit.api.giftPremiumSubscription(ANNA, 3, 1000), 400, 'Bad Request: BALANCE_TOO_LOW')
    await kit.control('PATCH', '/bots/shop_bot', { stars: 1115 })
    await expectRefusal(
      kit.api.giftPremiumSubscription(ANNA, 6, 1000),
      400,
      'Bad Request: STARS_AMOUNT_INVALID',
    )
    await kit.api.giftPremiumSubscription(ANNA, 3, 1000)
    const { gifts } = await kit.api.getAvailableGifts()
    const dear = gifts.find(({ star_count }) => star_count === 100)!
    await kit.api.sendGift(ANNA, dear.id, { text: 'С праздником' })
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 15 })
    await expectRefusal(kit.api.sendGift(ANNA, dear.id), 400, 'Bad Request: BALANCE_TOO_LOW')
    await expectRefusal(kit.api.sendGift(ANNA, '1'), 400, 'Bad Request: STARGIFT_INVALID')
    const person = await kit.control<{ gifts: Message[] }>('GET', `/people/${ANNA}`)
    expect(person).toMatchObject({ is_premium: true, gifts: [{ star_count: 100 }] })
    const { transactions } = await kit.api.getStarTransactions()
    expect(transactions).toMatchObject([
      { amount: 1000, receiver: { transaction_type: 'premium_purchase', premium_subscription_duration: 3 } },
      { amount: 100, receiver: { transaction_type: 'gift_purchase', gift: { id: dear.id } } },
    ])
  })

  test('of a limited gift one more than there are is refused and costs nothing, and so is one that nobody wants', async () => {
    const kit = await telegramFor()
    await kit.control('PATCH', '/bots/shop_bot', { stars: 100 })
    const { id } = (await kit.api.getAvailableGifts()).gifts[0]!
    const limits = async () => (await kit.api.getAvailableGifts()).gifts[0]
    expect(await limits()).not.toHaveProperty('remaining_count')
    await kit.control('PUT', `/gifts/${id}`, { total: 10, per_bot: 1 })
    await kit.api.sendGift(ANNA, id)
    expect(await limits()).toMatchObject({
      total_count: 10,
      remaining_count: 9,
      personal_total_count: 1,
      personal_remaining_count: 0,
    })
    await expectRefusal(kit.api.sendGift(ANNA, id), 400, 'Bad Request: STARGIFT_USER_USAGE_LIMITED')
    await kit.control('PUT', `/gifts/${id}`, { total: 10, left: 0 })
    await expectRefusal(kit.api.sendGift(ANNA, id), 400, 'Bad Request: STARGIFT_USAGE_LIMITED')
    await kit.control('PUT', `/gifts/${id}`, { total: 10 })
    const accepted_gift_types = { limited_gifts: false }
    await kit.control('PATCH', `/people/${ANNA}`, { profile: { accepted_gift_types } })
    await expectRefusal(kit.api.sendGift(ANNA, id), 400, 'Bad Request: USER_DISALLOWED_STARGIFTS')
    expect(await kit.api.getMyStarBalance()).toEqual({ amount: 85 })
    expect(await limits()).toMatchObject({ remaining_count: 10 })
    await expect(kit.control('PUT', '/gifts/1', { total: 1 })).rejects.toThrow('no such gift')
    await expect(kit.control('PUT', `/gifts/${id}`, { total: -1 })).rejects.toThrow('counts')
  })
})

test('through a provider a buyer says where to, chooses a delivery, gives a tip, and no Stars move', async () => {
  const kit = await telegramFor()
  const { api, control } = kit
  const goods = {
    title: 'Book',
    description: 'Paper',
    payload: 'book',
    provider_token: '1:TEST:x',
    currency: 'EUR',
    prices: [{ label: 'Book', amount: 1000 }],
    need_name: true,
    is_flexible: true,
    max_tip_amount: 100,
  }
  const refused = (more: object, why: string) =>
    expectRefusal(api.raw.createInvoiceLink({ ...goods, ...more }), 400, `Bad Request: ${why}`)
  await refused({ provider_token: '' }, 'PAYMENT_PROVIDER_INVALID')
  await refused({ currency: 'EUX' }, 'CURRENCY_INVALID')
  await refused({ suggested_tip_amounts: [101] }, "suggested tip amount can't be bigger than max_tip_amount")
  const link = await api.raw.createInvoiceLink(goods)
  const heard: Record<string, unknown>[] = []
  const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
  let delivers = true
  bot.on('shipping_query', async (ctx) => {
    heard.push({ ...ctx.shippingQuery })
    const option = (id: string, amount: number) => ({ id, title: id, prices: [{ label: id, amount }] })
    await (delivers
      ? ctx.answerShippingQuery(true, { shipping_options: [option('slow', 200), option('fast', 500)] })
      : ctx.answerShippingQuery(false, { error_message: 'Too far' }))
  })
  bot.on('pre_checkout_query', async (ctx) => {
    heard.push({ ...ctx.preCheckoutQuery })
    await ctx.answerPreCheckoutQuery(true)
  })
  bot.on('message:successful_payment', (ctx) => void heard.push({ ...ctx.message.successful_payment }))
  void bot.start()
  onTestFinished(() => bot.stop())
  const buys = (more = {}) =>
    control<{ outcome: string; charge_id: string }>('POST', `/chats/shop_bot/${ANNA}/payments`, {
      slug: link,
      ...more,
    })
  await expect(buys({ tip_amount: 101 })).rejects.toThrow('the tip is more')
  const address = { country_code: 'FR', city: 'Paris' }
  const paid = await buys({
    tip_amount: 100,
    shipping_option_id: 'fast',
    order_info: { shipping_address: address },
  })
  await until(() => heard.length === 3)
  const order = { name: 'Анна', shipping_address: address }
  const total = { currency: 'EUR', total_amount: 1600, shipping_option_id: 'fast', order_info: order }
  expect(heard).toMatchObject([{ invoice_payload: 'book', shipping_address: address }, total, total])
  expect(await api.getMyStarBalance()).toEqual({ amount: 100 })
  await expectRefusal(api.refundStarPayment(ANNA, paid.charge_id), 400, 'Bad Request: CHARGE_NOT_FOUND')
  delivers = false
  expect(await buys()).toEqual({ outcome: 'refused', error_message: 'Too far' })
})
