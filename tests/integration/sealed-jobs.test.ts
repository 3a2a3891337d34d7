import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import type { Envelope } from '#shared/queue/job.ts'
import { starsArrived, starsPaid, starsRefunded } from '#shared/queue/jobs/stars.ts'
import type { StarsCharge } from '#shared/queue/jobs/stars.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramCheckout, telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { isSealed, sealOf } from '#shared/queue/seal.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import { readConfig } from '#shop/config.ts'
import { catalogue } from '#shop/jobs.ts'
import { paymentWebhook } from '#shop/payments/jobs.ts'
import { paymentByRef } from '#shop/payments/payments.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { paymentReference } from '#shop/payments/reference.ts'
import { confirmAbove, starsWaitAbove } from '#shop/payments/settings.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { openPaymentShop } from '../lib/payment-shop.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'billing'] })
  // The setting is written before anybody reads it, because a process keeps what it read for two seconds.
  const settings = createSettings(shop.db, shop.config)
  await settings.set(shop.db, starsWaitAbove, { value: '40', bot: 'second', by: 1n })
})

const billing = () => shop.shared.producer.queues.get('billing')![0]!
let jobs = 0

/** Puts a job on the queue as somebody does who can write to Redis and has none of the shop's keys. */
async function put(name: string, payload: object, more: Partial<Envelope> = {}, ageMs = 0): Promise<string> {
  const id = `by-hand-${++jobs}`
  const timestamp = Date.now() - ageMs
  await billing().add(name, { v: 1, payload, ...more }, { jobId: id, timestamp, attempts: 12 })
  return id
}
const state = async (id: string) => await (await billing().getJob(id))?.getState()
const becomes = (id: string, wanted: string) =>
  eventually(async () => (await state(id)) === wanted, { what: `${id} is ${wanted}` })
const slugOf = (link: string) => link.split('/').at(-1)!
const chargeOf = (person: Customer, chargeId: string, more: Partial<StarsCharge> = {}): StarsCharge => ({
  bot: 'main',
  personId: String(person.id),
  chargeId,
  stars: 50,
  payload: 'elsewhere',
  ...more,
})
const dead = () => shop.db.rows(q`select 1 from outbox where state = 'dead'`)
const alerts = async (topic: string) => {
  const rows = await shop.db.rows(
    q<{ params: Record<string, unknown> }>`select params from alerts where topic = ${topic} order by id`,
  )
  return rows.map(({ params }) => params)
}
/** Reads Telegram's list now, as upkeep does every minute. */
const readList = () =>
  readOn(shop.db, serveBot(shop.config.bots[0]!, { ...shop.config.telegram, ...shop.shared }))
/** A payment that was made, and of which no update has told. */
async function paidUnheard(tokens: number) {
  const anna = await shop.person()
  await shop.fault({ on: 'update', kind: 'successful_payment', person: anna.id, do: { lose: true } })
  const { charge_id } = await anna.pay(slugOf(await anna.order(tokens)))
  return { anna, charge: charge_id }
}

test('F79 a seal holds for what a jsonb column gives back: the PostgreSQL queue keeps its jobs in one', async () => {
  const { db, config } = shop
  const secrets = secretsFrom(config)
  const payload = chargeOf(await shop.person(), 'stxSealed', { updateId: 7 })
  const kept = async (text: string) => {
    const [row] = await db.rows(q<{ data: Envelope }>`select ${text}::jsonb as data`)
    return row!.data
  }
  const seal = sealOf(secrets, starsPaid.name, { payload })
  const job = await kept(JSON.stringify({ v: 1, payload, seal }))
  expect(Object.keys(job.payload as object)).not.toEqual(Object.keys(payload))
  expect(await isSealed({ db, secrets }, starsPaid.name, job)).toBe(true)
  const changed = { ...job, payload: { ...payload, stars: 51 } }
  expect(await isSealed({ db, secrets }, starsPaid.name, changed)).toBe(false)
})

test('F79 a payment in Stars that somebody puts on the queue is not credited, whatever seal it bears', async () => {
  const anna = await shop.person()
  await anna.start()
  const charge = chargeOf(anna, 'stxForged')
  // A genuine seal of the shop, made for another job.
  const { charge_id } = await (await shop.person()).buy(1)
  const stolen = await eventually(async () => {
    const done = await billing().getJobs(['completed'])
    return done.find(({ data }) => JSON.stringify(data).includes(charge_id))?.data.seal
  })
  const ids = [
    await put(starsPaid.name, charge),
    await put(starsPaid.name, { ...charge, updateId: 7 }),
    await put(starsPaid.name, charge, { seal: stolen }),
    await put(starsPaid.name, charge, { seal: 'x'.repeat(43) }),
    // The job pretends that the database owed it.
    await put(starsPaid.name, charge, { outboxKey: starsPaid.id(charge) }),
  ]
  for (const id of ids) await becomes(id, 'delayed')
  expect([await anna.tokens(), await paymentByRef(shop.db, 'stars', 'stxForged')]).toEqual([0n, undefined])
  await readList()
  expect(await anna.tokens()).toBe(0n)
})

test('F79 a forged payment ends with a word to the admins and leaves no dead letter that a replay would seal', async () => {
  const anna = await shop.person()
  await anna.start()
  const ids = [
    await put(starsPaid.name, chargeOf(anna, 'stxForgedOld', { stars: 777 }), {}, 16 * 60_000),
    await put(starsRefunded.name, chargeOf(anna, 'stxForgedOld', { stars: 777 }), {}, 16 * 60_000),
  ]
  for (const id of ids) await becomes(id, 'completed')
  for (const what of ['paid', 'refunded']) {
    expect(await alerts(`alert-stars-not-listed-${what}`)).toMatchObject([
      {
        bot: 'main',
        person: String(anna.id),
        stars: { amount: '777', asset: 'XTR' },
        charge: 'stxForgedOld',
      },
    ])
  }
  expect([await anna.tokens(), await dead()]).toEqual([0n, []])
})

test('F79 a refund that somebody puts on the queue takes nothing from anybody', async () => {
  const anna = await shop.person()
  const { charge_id } = await anna.buy(10)
  const id = await put(starsRefunded.name, chargeOf(anna, charge_id))
  await becomes(id, 'delayed')
  expect([await anna.tokens(), (await paymentByRef(shop.db, 'stars', charge_id))?.state]).toEqual([
    10n,
    'paid',
  ])
})

test('F13 F79 a payment that a release without seals left on the queue is credited, once, when Telegram’s list has it', async () => {
  const { anna, charge } = await paidUnheard(10)
  const [payment] = await shop.db.rows(
    q<{ id: string }>`select id from payments where person_id = ${anna.id}`,
  )
  const id = await put(starsPaid.name, chargeOf(anna, charge, { payload: payment!.id, updateId: 41 }))
  await becomes(id, 'delayed')
  expect(await anna.tokens()).toBe(0n)
  await readList()
  await anna.hears('10 tokens credited')
  await (await billing().getJob(id))!.promote()
  await becomes(id, 'completed')
  expect(await anna.tokens()).toBe(10n)
})

test('F13 F79 a press, a message, a charge and a last question that no door of ours has sealed do nothing, and who asked is asked to do it once more', async () => {
  // What somebody with access to Redis puts on the queue, and what a release without seals has left there.
  const forger = openProducer(shop.shared.backend, catalogue)
  const [anna, boris] = [await shop.person(), await shop.person()]
  await anna.start()
  const [invoice] = await Promise.all([anna.order(5), boris.start()])
  const number = slugOf(invoice)
  const [payment] = await shop.db.rows(
    q<{ id: string; details: object }>`select id, details from payments where person_id = ${anna.id}`,
  )
  const from = { id: boris.id, is_bot: false, first_name: 'Boris', language_code: 'en' }
  const chat = { id: boris.id, type: 'private' as const, first_name: 'Boris' }
  const date = Math.floor(Date.now() / 1000)
  const message = { message_id: 900_001, date, chat, from, text: '/promo FORGED' }
  // The bot writes what it remembers of a chat after it has answered.
  const seen = await eventually(
    async () => {
      const rows = await shop.db.rows(q`
        select * from bot_sessions where person_id = ${boris.id} and session_data <> '{}'`)
      return rows.length > 0 && rows
    },
    { what: 'the session after the start' },
  )
  await forger.add(telegramUpdate, { bot: 'main', update: { update_id: 910_001, message } } as never)
  await boris.hears('Please repeat it: nothing was charged')
  const press = { id: '77', chat_instance: '1', from, message, data: 'menu-open' }
  await forger.add(telegramUpdate, {
    bot: 'main',
    update: { update_id: 910_002, callback_query: press },
  } as never)
  await eventually(
    async () =>
      (await shop.calls('answerCallbackQuery')).some(({ params }) => params['callback_query_id'] === '77'),
    {
      what: 'the answer to the press',
    },
  )
  expect(await shop.db.rows(q`select * from bot_sessions where person_id = ${boris.id}`)).toEqual(seen)
  expect(await shop.db.rows(q`select 1 from handled_updates where update_id in (910001, 910002)`)).toEqual([])

  // Anna's invoice still takes her payment, and the forged question is answered with no.
  await forger.add(starsArrived, chargeOf(anna, 'stxNever', { payload: payment!.id, stars: 25 }))
  const query = {
    id: '78',
    from: { ...from, id: anna.id },
    currency: 'XTR',
    total_amount: 25,
    invoice_payload: payment!.id,
  }
  await forger.add(telegramCheckout, {
    bot: 'main',
    update: { update_id: 910_003, pre_checkout_query: query },
  } as never)
  const answer = await eventually(
    async () =>
      (await shop.calls('answerPreCheckoutQuery')).find(
        ({ params }) => params['pre_checkout_query_id'] === '78',
      ),
    { what: 'the answer to the forged question' },
  )
  expect(answer.params['ok']).toBe(false)
  const notice = { key: 'forged', bot: 'main', personId: String(boris.id), text: 'slow-down', params: {} }
  await forger.add(sendNotice, notice)
  const notices = shop.shared.producer.queues.get('notices')![0]!
  await eventually(async () => (await (await notices.getJob('notice-forged'))?.getState()) === 'completed', {
    what: 'the forged message is taken',
  })
  // What a release without seals owed is told all the same, because the database says so.
  const owed = { ...notice, key: 'owed', text: 'banned' }
  await shop.db.rows(q`
    insert into outbox (key, job, payload, state, enqueued)
    values ('notice-owed', 'notice.send', ${JSON.stringify(owed)}::jsonb, 'queued', 1)`)
  await forger.add(sendNotice, owed, { outboxKey: 'notice-owed' })
  await boris.hears('Access to the bot is closed')
  const texts = (await shop.calls('sendMessage')).map(({ params }) => String(params['text']))
  expect(texts.filter((text) => text.includes('too fast'))).toEqual([])
  expect((await anna.pay(number)).outcome).toBe('paid')
  await anna.hears('5 tokens credited')
  expect(await dead()).toEqual([])
})

test('F13 F79 what a release without seals owed is believed, because the database says the same', async () => {
  const { anna, charge } = await paidUnheard(10)
  const job = chargeOf(anna, charge)
  const outboxKey = starsPaid.id(job)
  await shop.db.rows(q`
    insert into outbox (key, job, payload, state, enqueued)
    values (${outboxKey}, 'stars.paid', ${JSON.stringify(job)}::jsonb, 'queued', 1)`)
  const other = await put(starsPaid.name, { ...job, stars: 5_000 }, { outboxKey })
  await becomes(other, 'delayed')
  expect(await anna.tokens()).toBe(0n)
  await put(starsPaid.name, job, { outboxKey })
  await eventually(async () => (await anna.tokens()) === 10n, { what: 'the credit' })
})

test('F118 above the setting a payment waits until Telegram’s list has it', async () => {
  const away = { status: 502, description: 'Bad Gateway' }
  await shop.fault({ on: 'call', method: 'getStarTransactions', times: 0, do: away })
  const anna = await shop.person({ bot: 'second_bot' })
  await (await shop.person({ bot: 'second_bot' })).buy(5)
  const link = slugOf(await anna.order(10))
  expect((await anna.pay(link)).outcome).toBe('paid')
  await anna.hears('Payment received')
  await eventually(async () => (await shop.calls('getStarTransactions')).some(({ ok }) => !ok), {
    what: 'a look at the list',
  })
  expect(await anna.tokens()).toBe(0n)
  await shop.control('PUT', '/faults', [])
  await anna.hears('10 tokens credited')
  expect(await anna.tokens()).toBe(10n)
})

test('F79 an event that somebody puts on the queue is asked about, also where signed ones are believed', async () => {
  const vendors = await openPaymentShop({ vendors: ['cryptopay'] })
  try {
    const settings = createSettings(vendors.db, readConfig(vendors.env))
    await settings.set(vendors.db, confirmAbove, { value: '999999999', by: 1n })
    const [paid, open, other] = [
      await vendors.begin('cryptopay'),
      await vendors.begin('cryptopay'),
      await vendors.begin('cryptopay'),
    ]
    await vendors.vendors['cryptopay']!.vendor.pay(paid.providerRef ?? '', 'exact', {})
    const { body } = vendors.vendors['cryptopay']!.deliveries.at(-1)!
    const about = (payment: typeof paid) =>
      body
        .replaceAll(paymentReference(paid), paymentReference(payment))
        .replaceAll(`"invoice_id":${paid.providerRef}`, `"invoice_id":${payment.providerRef}`)
    const [queue] = vendors.producer.queues.get('billing')!
    const payload = { provider: 'cryptopay', key: 'forged', body: about(open) }
    await queue!.add('payment.webhook', { v: 1, payload }, { jobId: 'forged-event' })
    await eventually(async () => (await (await queue!.getJob('forged-event'))?.getState()) === 'completed')
    expect((await vendors.payment(open.id)).state).toBe('pending')
    // The same event from the shop's own door is believed, as the setting says.
    await vendors.producer.add(paymentWebhook, { ...payload, key: 'ours', body: about(other) })
    await eventually(async () => (await vendors.payment(other.id)).state === 'paid', {
      what: 'it is believed',
    })
  } finally {
    await vendors.close()
  }
})
