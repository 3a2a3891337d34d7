import { sql as q } from 'kysely'
import { beforeAll, expect } from 'vitest'
import { post } from '#shared/money/ledger.ts'
import { ensurePerson } from '#shared/people.ts'
import { setRole } from '#shared/roles.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { reconcileStars } from '#shop/payments/jobs.ts'
import { paymentByRef, readPayment } from '#shop/payments/payments.ts'
import { readOn } from '#shop/payments/reconcile-stars.ts'
import { openRefund } from '#shop/payments/refunds.ts'
import { bookRefund } from '#shop/payments/worker/book-refund.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { ADMIN, openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'
import { service, starsOf } from '../lib/star-updates.ts'

let shop: Shop
let admin: Customer
beforeAll(async () => {
  shop = await openShop({ workers: ['bot', 'billing', 'upkeep'] })
  admin = await shop.person({ id: ADMIN, first_name: 'Admin' })
})

let forged = 0
/** Sends an update about Stars that nobody paid, as somebody can who has the webhook's secret. */
async function forge(anna: Customer, stars = 50): Promise<{ charge: string; id: string }> {
  const charge = `stxForged${++forged}`
  await shop.inject(service(anna, { successful_payment: starsOf(charge, stars, 'elsewhere') }))
  const payment = await eventually(() => paymentByRef(shop.db, 'stars', charge), { what: 'the credit' })
  return { charge, id: payment.id }
}
const minutesPass = (id: string, minutes = 4) =>
  shop.db.rows(q`update payments set paid_at = now() - ${minutes} * interval '1 minute' where id = ${id}`)
let looks = 0
/** Lets upkeep look at Telegram's list, to its end. */
async function look(): Promise<void> {
  const at = `look${++looks}`
  await shop.shared.producer.add(reconcileStars, { at })
  const [queue] = shop.shared.producer.queues.get('upkeep')!
  await eventually(async () => (await queue!.getJob(reconcileStars.id({ at })))?.finishedOn, { what: at })
}
const alerts = async (id: string) => {
  const rows = await shop.db.rows(
    q<{ params: object }>`select params from alerts where key = ${`unlisted-${id}`}`,
  )
  return rows.map(({ params }) => params)
}
const state = async (id: string) => (await readPayment(shop.db, id))!.state
const spend = (anna: Customer, amount: bigint) =>
  post(shop.db, {
    reference: `spent-${anna.id}`,
    kind: 'generation',
    entries: [
      { owner: { person: BigInt(anna.id) }, asset: 'TOK', amount: -amount },
      { owner: { system: 'sales' }, asset: 'TOK', amount },
    ],
  })
const holds = (anna: Customer) =>
  shop.db.rows(q`select amount from holds where person_id = ${anna.id} and state = 'open'`)

test('F118 Stars that were credited and are not in Telegram’s list alarm the admins within minutes, and what is left is frozen', async () => {
  const anna = await shop.person()
  const { id } = await forge(anna)
  await spend(anna, 3n)
  await look()
  // Nothing is doubted yet, because Telegram may still be about to list the payment.
  expect([await state(id), await anna.tokens()]).toEqual(['paid', 7n])
  await minutesPass(id)
  await look()
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['review', 0n, [{ amount: 7n }]])
  expect(await alerts(id)).toMatchObject([
    { bot: 'main', person: String(anna.id), stars: { amount: '50' }, frozen: { amount: '7' }, number: id },
  ])
  await admin.hears('Stars were credited that Telegram does not have')
  await anna.hears('is being checked')
  await look()
  expect(await alerts(id)).toHaveLength(1)

  await admin.say(`/payments ${id}`)
  await admin.press('Take the tokens')
  expect((await admin.hears('Take from'))!.text).toContain('Spent before it was noticed: 3 tokens')
  await admin.press('Take 7')
  await anna.hears('was not confirmed')
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['refunded', 0n, []])
  const [loss] = await shop.db.rows(q`
    select amount from entries e join postings p on p.id = e.posting_id
    where e.system = 'shortfall' and p.reference = ${`refund-${id}`}`)
  expect(loss).toEqual({ amount: -3n })
  expect(await shop.calls('refundStarPayment')).toEqual([])
})

test('F118 an admin leaves frozen tokens to the person, and they are not doubted again', async () => {
  const anna = await shop.person()
  const { id } = await forge(anna)
  await minutesPass(id)
  await look()
  await eventually(async () => (await state(id)) === 'review', { what: 'the doubt' })
  await admin.say(`/payments ${id}`)
  await admin.press('Leave the tokens')
  await admin.hears('if it is forged, the loss is yours')
  await admin.press('Yes, leave them')
  await anna.hears('is confirmed')
  await look()
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['paid', 10n, []])
})

test('F118 what Telegram lists late is thawed by itself', async () => {
  const anna = await shop.person()
  const { id, charge } = await forge(anna)
  await minutesPass(id)
  await look()
  expect(await state(id)).toBe('review')
  const source = { type: 'user', transaction_type: 'invoice_payment', user: { id: anna.id } }
  const lines = [{ id: charge, amount: 50, date: 1, source }]
  const getStarTransactions = async ({ offset = 0 }) => ({ transactions: lines.slice(offset) })
  await readOn(shop.db, { name: 'main', api: { getStarTransactions } } as unknown as ServedBot)
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['paid', 10n, []])
})

test('F118 what is in the list is never doubted, also where a release before has read past it', async () => {
  const [anna, boris] = [await shop.person(), await shop.person()]
  const [heard, unheard] = [await anna.buy(10), await boris.buy(5)]
  await look()
  const ids = await Promise.all(
    [heard, unheard].map(async ({ charge_id }) => (await paymentByRef(shop.db, 'stars', charge_id))!.id),
  )
  await shop.db.rows(q`update payments set listed_at = null where id = ${ids[1]}`)
  for (const id of ids) await minutesPass(id, 30)
  await look()
  expect([await anna.tokens(), await boris.tokens()]).toEqual([10n, 5n])
  for (const id of ids) expect((await readPayment(shop.db, id))!.state).toBe('paid')
  const rows = await shop.db.rows(q`select 1 from payments where id = any(${ids}) and listed_at is null`)
  expect(rows).toEqual([])
})

test('F118 a list that could not be read says nothing about anybody', async () => {
  const anna = await shop.person()
  const { id } = await forge(anna)
  await minutesPass(id)
  const away = { status: 502, description: 'Bad Gateway' }
  await shop.fault({ on: 'call', method: 'getStarTransactions', bot: 'main_bot', times: 0, do: away })
  await look()
  expect([await state(id), await anna.tokens()]).toEqual(['paid', 10n])
  await shop.control('PUT', '/faults', [])
  await look()
  expect(await state(id)).toBe('review')
})

test('F118 while a refund of such Stars is under way, no other tokens of the person are frozen for them', async () => {
  const anna = await shop.person()
  const { id } = await forge(anna)
  await give(shop.db, anna.id, 10n, 'TOK')
  const { refund } = await shop.db.tx(async (tx) =>
    openRefund(tx, (await readPayment(tx, id, true))!, { adminId: BigInt(ADMIN), reason: 'test' }),
  )
  await minutesPass(id)
  await look()
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['paid', 10n, [{ amount: 10n }]])
  await shop.db.tx((tx) => bookRefund(tx, refund))
  expect([await state(id), await anna.tokens(), await holds(anna)]).toEqual(['refunded', 10n, []])
})

test('F84 F118 tokens above an admin’s limit are left to the person by two admins, and the same one twice is not two', async () => {
  // The admin has decided all that they may decide alone today.
  await shop.db.rows(q`
    insert into money_decisions (reference, kind, bot, admin_id, asset, amount, worth, decided_at)
    values ('all of today', 'refund', 'main', ${ADMIN}, 'RUB', 20000000, 20000000, now())`)
  const second = await shop.person({ first_name: 'Second' })
  await shop.db.tx((tx) => ensurePerson(tx, BigInt(second.id), 'main'))
  await shop.db.tx((tx) =>
    setRole(tx, { bot: 'main', personId: BigInt(second.id), role: 'admin', by: BigInt(ADMIN) }),
  )
  const anna = await shop.person()
  const { id } = await forge(anna)
  await minutesPass(id)
  await look()
  await eventually(async () => (await state(id)) === 'review', { what: 'the doubt' })
  const yes = () =>
    shop.db.rows(q<{ first: bigint; other: bigint | null; done: boolean }>`
      select admin_id as first, second_id as other, decided_at is not null as done
      from money_decisions where reference = ${`unlisted-keep-${id}`}`)
  for (const _again of [1, 2]) {
    await admin.say(`/payments ${id}`)
    await admin.press('Leave the tokens')
    await admin.press('Yes, leave them')
    await eventually(async () => (await yes()).length === 1, { what: 'the first yes' })
  }
  expect([await state(id), await anna.tokens()]).toEqual(['review', 0n])
  expect(await yes()).toEqual([{ first: BigInt(ADMIN), other: null, done: false }])
  await second.say(`/payments ${id}`)
  await second.press('Leave the tokens')
  await second.press('Yes, leave them')
  await eventually(async () => (await state(id)) === 'paid', { what: 'the second yes' })
  expect(await yes()).toEqual([{ first: BigInt(ADMIN), other: BigInt(second.id), done: true }])
  expect(await anna.tokens()).toBe(10n)
})
