import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { post, transfer } from '#shared/money/ledger.ts'
import { createPayment, movePayment, paymentByRef } from '#shop/payments/payments.ts'
import { askRefund, refundOf } from '#shop/payments/refunds.ts'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { redeemPromo } from '#shop/loyalty/promo/promo.ts'
import { invite } from '#shop/loyalty/referrals/referrals.ts'
import { payDueRewards } from '#shop/loyalty/referrals/rewards.ts'
import { refuseRefund } from '#shop/payments/worker/heed-refund.ts'
import { creditStars } from '#shop/payments/worker/stars.ts'
import { bookForeignRefund } from '#shop/payments/worker/stars-refunds.ts'
import { refundItem } from '#shop/shelf/endings.ts'
import { eventually } from '../lib/eventually.ts'
import { shelfOf } from '../lib/shelf.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

/** Books Stars as the billing worker does. */
async function paid(personId: bigint, stars: number, payload = 'pack') {
  const charge = {
    bot: 'shop',
    personId: String(personId),
    chargeId: `c-${personId}-${payload}-${stars}`,
    stars,
    payload,
  }
  await creditStars(shop, charge)
  await shop.follow()
  // The rewards and bonuses that the payment brings are booked afterwards, as money of their own.
  await shop.follow()
  const payment = await paymentByRef(shop.db, 'stars', charge.chargeId)
  return { id: payment!.id, refund: () => bookForeignRefund(shop, charge) }
}

async function withCode(personId: bigint, code: string, campaign: { kind: 'percent' | 'discount' }) {
  const wanted = { name: code, value: 50n, product: 'any', createdBy: 999n, ...campaign }
  await addCode(shop.db, await createCampaign(shop.db, wanted), code, 10)
  await shop.db.tx((tx) => redeemPromo(tx, { code, personId, bot: 'shop' }))
}

test('a refund to somebody who has spent everything takes the rewards of inviters and the bonus back all the same (F64)', async () => {
  const [early, late, guest] = await Promise.all([shop.person(1), shop.person(2), shop.person(3)])
  await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: late, bot: 'shop' }))
  await shop.db.tx((tx) => invite(tx, { personId: late, inviterId: early, bot: 'shop' }))
  await withCode(guest, 'HALF', { kind: 'percent' })
  const first = await paid(guest, 500)
  expect(await shop.has(guest)).toBe(150n)
  await shop.spend(guest, 150n)
  await shop.follow()
  await first.refund()
  await shop.follow()
  await shop.db.rows(q`update referral_rewards set due_at = now()`)
  expect(await payDueRewards(shop.db)).toBe(0)
  expect([await shop.has(early), await shop.has(late)]).toEqual([0n, 0n])
  expect(await shop.db.rows(q`select state from promo_uses where person_id = ${guest}`)).toEqual([
    { state: 'taken_back' },
  ])
  const second = await paid(guest, 1_000)
  await shop.db.rows(q`update referral_rewards set due_at = now()`)
  expect(await payDueRewards(shop.db)).toBe(2)
  await shop.spend(guest, 200n)
  await shop.follow()
  await second.refund()
  await shop.follow()
  expect([await shop.has(early), await shop.has(late), await shop.has(guest)]).toEqual([0n, 0n, 0n])
})

/** An inviter whose guest's payment brings a reward that is due. */
async function dueReward(inviterId: number, guestId: number) {
  const [inviter, guest] = [await shop.person(inviterId), await shop.person(guestId)]
  await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: inviter, bot: 'shop' }))
  const payment = await paid(guest, 500)
  await shop.db.rows(q`update referral_rewards set due_at = now() where inviter_id = ${inviter}`)
  return { inviter, ...payment }
}
const admin = { adminId: 900n, reason: 'admin' }

test('F64 a reward that falls due while its payment is being given back is not paid, and is paid where nothing goes back', async () => {
  const gone = await dueReward(31, 32)
  const kept = await dueReward(33, 34)
  for (const { id } of [gone, kept]) await shop.db.tx((tx) => askRefund(tx, { paymentId: id, ...admin }))
  expect(await payDueRewards(shop.db)).toBe(0)
  await gone.refund()
  await shop.db.tx(async (tx) => refuseRefund(tx, shop.bots, (await refundOf(tx, kept.id))!, 'no'))
  expect(await payDueRewards(shop.db)).toBe(1)
  await shop.follow()
  expect(await payDueRewards(shop.db)).toBe(0)
  expect([await shop.has(gone.inviter), await shop.has(kept.inviter)]).toEqual([0n, 10n])
})

test('F118 a reward for Stars that Telegram’s list does not have waits until it is known whether anybody paid', async () => {
  const { inviter, id } = await dueReward(35, 36)
  const details = { review: 'unlisted', frozen: '0' }
  await shop.db.tx((tx) => movePayment(tx, id, 'review', { from: ['paid'], set: details }))
  expect(await payDueRewards(shop.db)).toBe(0)
  await shop.db.tx((tx) => movePayment(tx, id, 'paid', { from: ['review'], set: { review: null } }))
  expect(await payDueRewards(shop.db)).toBe(1)
  expect(await shop.has(inviter)).toBe(10n)
})

test('a reward or a bonus that is spent in the moment in which it is taken back is a loss, and stops no refund', async () => {
  const [inviter, guest] = [await shop.person(21), await shop.person(22)]
  await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: inviter, bot: 'shop' }))
  await withCode(guest, 'LATE50', { kind: 'percent' })
  const { refund } = await paid(guest, 500)
  await shop.db.rows(q`update referral_rewards set due_at = now() where inviter_id = ${inviter}`)
  expect(await payDueRewards(shop.db)).toBe(1)
  const reward = await shop.has(inviter)
  // The other transaction commits only when somebody waits for the wallet that it has changed.
  const spending = async (personId: bigint, amount: bigint, meanwhile: () => Promise<unknown>) => {
    let other: Promise<unknown> | undefined
    await shop.db.tx(async (tx) => {
      const what = { reference: `late-${personId}`, kind: 'generation' } as const
      const from = { person: personId }
      await post(tx, transfer(from, { system: 'sales' }, { asset: 'TOK', amount }, what))
      other = meanwhile()
      const waits = q`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      await eventually(async () => (await shop.db.rows(waits)).length > 0, { what: 'somebody waits for it' })
    })
    await other
  }
  await spending(guest, 150n, refund)
  expect(await shop.has(guest)).toBe(0n)
  await spending(inviter, reward, shop.follow)
  expect(await shop.has(inviter)).toBe(0n)
})

test('a plan whose Stars are refunded takes the discount back that its price had brought', async () => {
  const id = await shop.person(11)
  await plan(id, 'plan-11')
  await withCode(id, 'PLAN50', { kind: 'discount' })
  const first = await paid(id, 150, 'plan-11')
  expect(await shop.has(id)).toBe(15n)
  await first.refund()
  // The discount is taken back together with the refund: seconds later the tokens could be spent.
  expect(await shop.has(id)).toBe(0n)
  await shop.follow()
  await shop.follow()
  expect(await shop.has(id)).toBe(0n)
})

test('an owner’s item whose price goes back takes the discount on it back in the same step', async () => {
  const id = await shop.person(13)
  const shelf = await shelfOf(shop)
  const item = await shelf.item({}, ['KEY-1'])
  await withCode(id, 'ITEM50', { kind: 'discount' })
  await shelf.give(id, 500n)
  const { order } = await shelf.buy(shelf.wish(id, item))
  await shop.follow()
  await shop.follow()
  expect(await shop.has(id, 'RUB')).toBe(250n)
  await refundItem(shop, order.id, { admin: 900n, bot: 'shop', reason: 'sorry' })
  expect(await shop.has(id, 'RUB')).toBe(500n)
  await shop.follow()
  expect(await shop.has(id, 'RUB')).toBe(500n)
})

test('another sum of Stars than the one that was subscribed to pays for no period and stays on the balance', async () => {
  const id = await shop.person(12)
  await plan(id, 'plan-12')
  await paid(id, 150, 'plan-12')
  await paid(id, 1, 'plan-12')
  await paid(id, 149, 'plan-12')
  const periods = await shop.db.rows(q`
    select 1 from subscription_periods d join subscriptions s on s.id = d.subscription_id where s.person_id = ${id}`)
  expect(periods).toHaveLength(1)
  expect(await shop.has(id)).toBe(31n)
})

/** Makes the payment behind a link to subscribe. */
function plan(personId: bigint, id: string) {
  const sums = { asset: 'XTR', amount: 150n, creditAsset: 'TOK', creditAmount: 30n } as const
  return createPayment(shop.db, {
    id,
    personId,
    bot: 'shop',
    provider: 'stars',
    ...sums,
    details: { plan: 'plus' },
  })
}
