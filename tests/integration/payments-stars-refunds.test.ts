import { sql as q } from 'kysely'
import { beforeAll, describe, expect } from 'vitest'
import { audit } from '#shared/audit.ts'
import { post } from '#shared/money/ledger.ts'
import { reserve } from '#shared/money/holds.ts'
import { owe } from '#shared/queue/outbox.ts'
import { storyOf } from '#shop/admin/story/story.ts'
import { refundStars } from '#shop/payments/jobs.ts'
import { notePayment, paymentByRef } from '#shop/payments/payments.ts'
import { askRefund } from '#shop/payments/refunds.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { settled } from '../lib/settled.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { service, starsOf } from '../lib/star-updates.ts'

let shop: Shop
let admin: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'billing'] })
  admin = await shop.person({ id: ADMIN, first_name: 'Admin' })
})

/** A person who has bought ten tokens for 50 Stars. */
async function buyer() {
  const anna = await shop.person()
  const { charge_id } = await anna.buy(10)
  const payment = (await paymentByRef(shop.db, 'stars', charge_id))!
  return { anna, charge: charge_id, payment, id: payment.id, personId: BigInt(anna.id) }
}
const ask = (paymentId: string, adminId = 77n) =>
  shop.db.tx((tx) => askRefund(tx, { paymentId, adminId, reason: 'test' }))
const refundsOf = (paymentId: string) =>
  shop.db.rows(q<{ state: string; held: bigint; adminId: bigint | null; hold: string | null }>`
    select state, held, admin_id as "adminId", hold from payment_refunds where payment_id = ${paymentId}
    order by created_at`)
const state = async (charge: string) => (await paymentByRef(shop.db, 'stars', charge))?.state
/** Runs jobs that wait for their next try now: how long they wait in production is no matter of these tests. */
async function hurry(): Promise<void> {
  for (const queue of shop.shared.producer.queues.get('billing')!)
    for (const job of await queue.getDelayed()) await job.promote().catch(() => {})
}
const becomes = (charge: string, wanted: string) =>
  eventually(
    async () => {
      await hurry()
      return (await state(charge)) === wanted
    },
    { what: `${charge} is ${wanted}` },
  )
const sent = async (charge: string) =>
  (await shop.calls('refundStarPayment')).filter((one) => one.params['telegram_payment_charge_id'] === charge)
const postingsOf = (id: string) =>
  shop.db.rows(q`select 1 from postings where reference in (${`refund-${id}`}, ${`payment-${id}-refund`})`)
const openHolds = (personId: bigint) =>
  shop.db.rows(q`select 1 from holds where person_id = ${personId} and state = 'open'`)
const spend = (personId: bigint, amount: bigint) =>
  post(shop.db, {
    reference: `spent-${personId}-${amount}`,
    kind: 'generation',
    entries: [
      { owner: { person: personId }, asset: 'TOK', amount: -amount },
      { owner: { system: 'sales' }, asset: 'TOK', amount },
    ],
  })
const loseEcho = (person: Customer) =>
  shop.fault({ on: 'update', kind: 'refunded_payment', person: person.id, do: { lose: true } })

test('an admin returns Stars from the page of the payment, and is told before what goes back and what is lost', async () => {
  const { anna, charge, id, personId } = await buyer()
  await spend(personId, 7n)
  await admin.say(`/find ${id}`)
  await admin.press('Whole story and actions')
  await admin.hears(/Booked: 50.⭐/)
  await admin.press('Return the money')
  const question = (await admin.hears('Telegram itself returns the Stars'))!.text!
  expect(question).toContain('Return 50 ⭐')
  expect(question).toContain('Taken from the balance: 3 tokens')
  expect(question).toContain('7 tokens is spent already: that is your loss')
  await admin.press('Return 50')
  await anna.hears('returned to you by Telegram')
  expect(await refundsOf(id)).toEqual([{ state: 'done', held: 3n, adminId: BigInt(ADMIN), hold: null }])
  expect([await anna.tokens(), await state(charge)]).toEqual([0n, 'refunded'])
  const line = await shop.db.rows(q`
    select 1 from audit_log where action = 'payment.refund' and target = ${`payment ${id}`}`)
  expect(line).toHaveLength(1)
})

test('two admins who return the same Stars at once send one refund (F60)', async () => {
  const { anna, charge, id } = await buyer()
  const outcomes = await Promise.allSettled([ask(id, 71n), ask(id, 72n), ask(id, 73n)])
  expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  await becomes(charge, 'refunded')
  expect(await refundsOf(id)).toHaveLength(1)
  expect(await sent(charge)).toHaveLength(1)
  await expect(ask(id)).rejects.toThrow('refund.not-paid')
  expect(await anna.tokens()).toBe(0n)
})

test('a refund whose answer is lost is looked up in Telegram’s list and not sent again', async () => {
  const { anna, charge, id, personId } = await buyer()
  await loseEcho(anna)
  await shop.control('PUT', '/faults', [
    { on: 'call', method: 'refundStarPayment', do: { drop: 'after' } },
    // The first look at Telegram's list fails as well.
    { on: 'call', method: 'getStarTransactions', do: { status: 502, description: 'Bad Gateway' } },
    { on: 'update', kind: 'refunded_payment', person: anna.id, do: { lose: true } },
  ])
  await ask(id)
  await becomes(charge, 'refunded')
  expect(await sent(charge)).toHaveLength(1)
  expect(await refundsOf(id)).toMatchObject([{ state: 'done', held: 10n }])
  expect([await anna.tokens(), await openHolds(personId)]).toEqual([0n, []])
  await shop.control('PUT', '/faults', [])
})

test('a refund whose call never reached Telegram is looked up, and then sent', async () => {
  const { anna, charge, id } = await buyer()
  await shop.fault({ on: 'call', method: 'refundStarPayment', do: { drop: 'before' } })
  await ask(id)
  await becomes(charge, 'refunded')
  await anna.hears('returned to you by Telegram')
  const calls = await sent(charge)
  expect(calls).toHaveLength(2)
  expect(calls.filter((one) => one.ok)).toHaveLength(1)
})

test('Stars that somebody returned at Telegram meanwhile are no failure of our refund', async () => {
  const { anna, charge, id } = await buyer()
  await loseEcho(anna)
  await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id: charge })
  await ask(id)
  await becomes(charge, 'refunded')
  expect(await refundsOf(id)).toMatchObject([{ state: 'done' }])
  expect(await postingsOf(id)).toHaveLength(1)
})

test('Stars that were returned at Telegram without us are a refund like all others, which nobody here asked for', async () => {
  const { anna, charge, id, personId } = await buyer()
  await spend(personId, 4n)
  await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id: charge })
  await becomes(charge, 'refunded')
  expect(await refundsOf(id)).toEqual([{ state: 'done', held: 6n, adminId: null, hold: null }])
  expect([await anna.tokens(), await openHolds(personId)]).toEqual([0n, []])
  expect(await sent(charge)).toEqual([])
  const story = await storyOf(shop.db, id)
  expect(story!.lines.map(({ text }) => text).join('\n')).toContain('not asked here')
})

test.each([true, false])(
  'F13 a refund that 0.1 owes is carried out, whether it had asked Telegram (%s) or not',
  async (hadAsked) => {
    const { anna, charge, id, personId } = await buyer()
    // Release 0.1 leaves the payment like this when it is stopped half way.
    await shop.db.rows(q`update payments set booked = 0 where id = ${id}`)
    await shop.db.tx(async (tx) => {
      const money = { asset: 'TOK' as const, amount: 10n }
      await reserve(tx, { reference: `refund-${id}`, personId, ...money })
      await notePayment(tx, id, { refundHold: '10' })
      await audit(tx, { actor: BigInt(ADMIN), action: 'refund', target: `payment ${id}`, bot: 'main' })
    })
    if (hadAsked) {
      await loseEcho(anna)
      await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id: charge })
    }
    await shop.db.tx((tx) => owe(tx, refundStars, { paymentId: id, refused: 0 }))
    await becomes(charge, 'refunded')
    const adminId = BigInt(ADMIN)
    expect(await refundsOf(id)).toEqual([{ state: 'done', held: 10n, adminId, hold: `refund-${id}` }])
    expect(await sent(charge)).toHaveLength(hadAsked ? 0 : 1)
    expect([await anna.tokens(), await openHolds(personId), (await postingsOf(id)).length]).toEqual([
      0n,
      [],
      1,
    ])
  },
)

test('F13 a job of 0.1 that runs once more after its refund was refused starts no second one', async () => {
  const { charge, id, anna } = await buyer()
  const [bot] = await shop.control<{ stars: number }[]>('GET', '/bots')
  await shop.control('PATCH', '/bots/main_bot', { stars: 0 })
  await shop.db.tx((tx) => owe(tx, refundStars, { paymentId: id, refused: 0 }))
  await eventually(async () => (await refundsOf(id))[0]?.state === 'refused', { what: 'the refusal' })
  await shop.control('PATCH', '/bots/main_bot', { stars: bot!.stars })
  const before = (await shop.db.rows(q`select 1 from outbox where job = 'payment.refund'`)).length
  const job = { paymentId: id, refused: 0 }
  await shop.shared.producer.add(refundStars, job, { id: 'once-more' })
  const [queue] = shop.shared.producer.queues.get('billing')!
  await eventually(async () => (await queue!.getJob('once-more'))?.finishedOn, { what: 'the job ran' })
  expect(await shop.db.rows(q`select 1 from outbox where job = 'payment.refund'`)).toHaveLength(before)
  expect([await state(charge), await anna.tokens()]).toEqual(['paid', 10n])
})

test('a refund that 0.1 has booked is not booked again by what Telegram tells later', async () => {
  const { anna, charge, id, personId } = await buyer()
  await loseEcho(anna)
  await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id: charge })
  await shop.db.tx(async (tx) => {
    await tx.rows(q`update payments set state = 'refunded', booked = 0 where id = ${id}`)
    await post(tx, {
      reference: `refund-${id}`,
      kind: 'refund',
      entries: [
        { owner: { system: 'provider:stars' }, asset: 'XTR', amount: 50n },
        { owner: { system: 'conversion' }, asset: 'XTR', amount: -50n },
        { owner: { system: 'conversion' }, asset: 'TOK', amount: 10n },
        { owner: { person: personId }, asset: 'TOK', amount: -10n },
      ],
    })
  })
  await shop.inject(service(anna, { refunded_payment: starsOf(charge, 50, id) }))
  await eventually(
    async () =>
      (await shop.db.rows(q`select 1 from payment_events where payment_id = ${id} and kind = 'refunded'`))
        .length === 1,
    { what: 'the event' },
  )
  expect(await refundsOf(id)).toEqual([])
  expect(await postingsOf(id)).toHaveLength(1)
})

describe('refunds by command and from elsewhere', () => {
  async function refund(charge_id: string) {
    await admin.say(`/refund ${charge_id}`)
    await admin.hears(/Return \d+.⭐ to/)
    return admin.key('Return ')
  }

  test('an admin’s refund takes the tokens back, returns the Stars, and a double click is one refund (F60)', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(10)
    const { message, key } = await refund(charge_id)
    await Promise.all([
      admin.tap(message.message_id, key.callback_data!),
      admin.tap(message.message_id, key.callback_data!),
    ])
    await anna.hears('returned to you by Telegram')
    await settled(shop, ['updates', 'checkout', 'billing', 'notices'])
    expect(await anna.tokens()).toBe(0n)
    expect(await state(charge_id)).toBe('refunded')
    const calls = (await shop.calls('refundStarPayment')).filter(
      (call) => call.params['telegram_payment_charge_id'] === charge_id,
    )
    expect(calls.filter((call) => call.ok)).toHaveLength(1)
    expect((await anna.messages()).filter((one) => one.text?.includes('returned to you'))).toHaveLength(1)
    const audit = await shop.db.rows(
      q`select 1 from audit_log where action = 'payment.refund' and actor_id = ${ADMIN}`,
    )
    expect(audit.length).toBeGreaterThan(0)
  })

  test('when tokens are spent already the admin is told before, and the loss has a name after', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(10)
    const { post, transfer } = await import('#shared/money/ledger.ts')
    await post(
      shop.db,
      transfer(
        { person: BigInt(anna.id) },
        { system: 'sales' },
        { asset: 'TOK', amount: 7n },
        { reference: `spent-${charge_id}`, kind: 'generation' },
      ),
    )
    await admin.say(`/refund ${charge_id}`)
    await admin.hears('7 tokens is spent already')
    await admin.press('Return 50')
    await anna.hears('returned to you by Telegram')
    expect(await anna.tokens()).toBe(0n)
    const [loss] = await shop.db.rows(q<{ amount: bigint }>`
      select amount from entries e join postings p on p.id = e.posting_id
      where e.system = 'shortfall' and p.details->>'charge' = ${charge_id}`)
    expect(loss).toEqual({ amount: -7n })
  })

  test('a refund from elsewhere is booked once, whatever overtakes whatever (F16)', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(5)
    await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id })
    await anna.hears('returned to you by Telegram')
    expect([await anna.tokens(), await state(charge_id)]).toEqual([0n, 'refunded'])
    // The update of the payment comes once more, after the refund.
    const payment = await paymentByRef(shop.db, 'stars', charge_id)
    await shop.inject(service(anna, { successful_payment: starsOf(charge_id, 25, payment!.id) }))
    await settled(shop, ['updates', 'checkout', 'billing', 'notices'])
    expect([await anna.tokens(), await state(charge_id)]).toEqual([0n, 'refunded'])
  })

  test('a refund that arrives before its payment waits for it (F16)', async () => {
    const anna = await shop.person()
    const charge = 'stxRefundedBeforePaid'
    const [payment] = await (async () => {
      await anna.order(5)
      return shop.db.rows(q<{ id: string }>`select id from payments where person_id = ${anna.id}`)
    })()
    await shop.inject(service(anna, { refunded_payment: starsOf(charge, 25, payment!.id) }))
    await settled(shop, ['updates', 'checkout', 'billing', 'notices'])
    expect(await paymentByRef(shop.db, 'stars', charge)).toBeUndefined()
    await shop.inject(service(anna, { successful_payment: starsOf(charge, 25, payment!.id) }))
    await becomes(charge, 'refunded')
    await anna.hears('returned to you by Telegram')
    expect(await anna.tokens()).toBe(0n)
  })

  test('a refund that Telegram refuses gives the tokens back, the admin learns why, and it can be tried again', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(10)
    const [bot] = await shop.control<{ stars: number }[]>('GET', '/bots')
    await shop.control('PATCH', '/bots/main_bot', { stars: 0 })
    const { message, key } = await refund(charge_id)
    await admin.tap(message.message_id, key.callback_data!)
    await admin.hears(/refused.*BALANCE_TOO_LOW/is)
    await eventually(async () => (await anna.tokens()) === 10n, { what: 'the tokens are back' })
    expect(await state(charge_id)).toBe('paid')
    await shop.control('PATCH', '/bots/main_bot', { stars: bot!.stars })
    const again = await refund(charge_id)
    await admin.tap(again.message.message_id, again.key.callback_data!)
    await anna.hears('returned to you by Telegram')
    expect([await anna.tokens(), await state(charge_id)]).toEqual([0n, 'refunded'])
  })

  test('a refund refused by Telegram and then made elsewhere is booked', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(10)
    const [bot] = await shop.control<{ stars: number }[]>('GET', '/bots')
    await shop.control('PATCH', '/bots/main_bot', { stars: 0 })
    const { message, key } = await refund(charge_id)
    await admin.tap(message.message_id, key.callback_data!)
    await eventually(async () =>
      (await shop.calls('refundStarPayment')).some(
        (call) => !call.ok && call.params['telegram_payment_charge_id'] === charge_id,
      ),
    )
    await eventually(async () => (await anna.tokens()) === 10n)
    await shop.control('PATCH', '/bots/main_bot', { stars: bot!.stars })
    await shop.control('POST', `/chats/main_bot/${anna.id}/refunds`, { charge_id })
    await anna.hears('returned to you by Telegram')
    expect([await anna.tokens(), await state(charge_id)]).toEqual([0n, 'refunded'])
  })

  test('a refund whose answer is lost is asked again and booked once', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(10)
    await shop.fault({ on: 'call', method: 'refundStarPayment', do: { drop: 'after' } })
    const { message, key } = await refund(charge_id)
    await admin.tap(message.message_id, key.callback_data!)
    await anna.hears('returned to you by Telegram')
    await settled(shop, ['updates', 'checkout', 'billing', 'notices'])
    expect([await anna.tokens(), await state(charge_id)]).toEqual([0n, 'refunded'])
  })

  test('only an admin of this bot refunds; a forwarded command and one of the other bot’s admins do nothing (F66)', async () => {
    const anna = await shop.person()
    const { charge_id } = await anna.buy(1)
    await anna.say(`/refund ${charge_id}`)
    await anna.hears("don't know this command")
    const elsewhere = await shop.person({ id: ADMIN, bot: 'second_bot' })
    await elsewhere.say(`/refund ${charge_id}`)
    await elsewhere.hears("don't know this command")
    const { text, entities } = {
      text: `/refund ${charge_id}`,
      entities: [{ type: 'bot_command', offset: 0, length: 7 }],
    }
    const asked = (await admin.messages()).at(-1)!.message_id
    await shop.inject({
      message: {
        ...service(admin, {}).message,
        from: { id: ADMIN, is_bot: false, first_name: 'Admin', language_code: 'en' },
        text,
        entities,
        forward_origin: {
          type: 'user',
          date: 1,
          sender_user: { id: anna.id, is_bot: false, first_name: 'P' },
        },
      },
    })
    // Other messages to the admin may come in between, so the answer is awaited.
    await eventually(
      async () =>
        (await admin.messages()).some(
          (one) => one.message_id > asked && one.text?.includes("don't know this command"),
        ),
      { what: 'an answer' },
    )
    expect(await state(charge_id)).toBe('paid')
  })
})
