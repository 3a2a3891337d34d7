import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#shared/ids.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { readPlan } from '#shop/loyalty/subscriptions/plans.ts'
import type { Plan } from '#shop/loyalty/subscriptions/plans.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { buyPeriod, subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { awaitPlanMoney } from '#shop/loyalty/subscriptions/waiting.ts'
import { cardsOf } from '#shop/loyalty/worker/card-pays.ts'
import { resumeAwaitedPlan } from '#shop/loyalty/worker/resume-plan.ts'
import { give } from '../lib/give.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

let people = 0
/** Somebody with tokens, and a plan of 30 days for 30 tokens that is theirs alone. */
async function buyer(tokens: bigint) {
  const personId = await shop.person(++people)
  const code = `own-${people}`
  await shop.db.rows(q`
    insert into plans (code, name, days, price_tokens, price_stars)
    values (${code}, '{"ru":"Свой","en":"Own"}', 30, 30, 150)`)
  if (tokens > 0n) await give(shop.db, personId, tokens, 'TOK', 'shop')
  const plan = async (): Promise<Plan> => (await readPlan(shop.db, code))!
  const sub = async () => (await subscriptionsOf(shop.db, personId)).find((one) => one.plan === code)
  return {
    personId,
    code,
    plan,
    sub,
    buy: (roubles?: { agreed: bigint; rate: bigint }) =>
      shop.db.tx((tx) =>
        buyPeriod(tx, {
          payer: personId,
          personId,
          plan: code,
          bot: 'shop',
          renews: true,
          reference: newId(),
          ...(roubles && { roubles }),
        }),
      ),
    becomes: (change: { days?: number; tokens?: number | null; stars?: number | null; active?: boolean }) =>
      shop.db.rows(q`
        update plans set days = ${change.days ?? 30}, active = ${change.active ?? true},
          price_tokens = ${change.tokens === undefined ? 30 : change.tokens}::bigint,
          price_stars = ${change.stars === undefined ? 150 : change.stars}::int
        where code = ${code}`),
    /** The paid time is over: the upkeep looks. */
    over: async (cards?: Parameters<typeof renewDue>[1]) => {
      await shop.db.rows(q`update subscriptions set expires_at = now() where person_id = ${personId}`)
      await renewDue(shop.db, cards)
    },
    has: (asset: 'TOK' | 'RUB' = 'TOK') => shop.has(personId, asset),
    days: async () =>
      (
        await shop.db.rows(q<{ days: number }>`
          select round(extract(epoch from d.ends_at - d.starts_at) / 86400)::int as days
          from subscription_periods d join subscriptions s on s.id = d.subscription_id
          where s.person_id = ${personId} order by d.period`)
      ).map(({ days }) => days),
    told: async () =>
      await shop.db.rows(q<{ text: string; price: string | null }>`
        select replace(payload ->> 'text', 'subscription-', '') as text, payload -> 'params' -> 'price' ->> 'amount' as price
        from outbox where payload ->> 'personId' = ${String(personId)} order by id`),
  }
}

test.each([
  ['dearer', { tokens: 50 }],
  ['shorter', { days: 7 }],
  ['dearer, longer and off sale', { tokens: 40, days: 60, active: false }],
  ['one that is not sold for tokens', { tokens: null }],
] as const)(
  'F54 a plan that has become %s renews on the terms that were agreed, and its message says what was taken',
  async (_, change) => {
    const one = await buyer(100n)
    await one.buy()
    await one.becomes(change)
    await one.over()
    await one.over()
    expect([await one.has(), await one.days()]).toEqual([10n, [30, 30, 30]])
    const renewed = { text: 'renewed-notice', price: '30' }
    expect(await one.told()).toEqual([renewed, renewed])
  },
)

test('F54 whoever presses the key of a dearer plan agrees to its price, and the next renewal repeats that', async () => {
  const one = await buyer(130n)
  await one.buy()
  await one.becomes({ tokens: 50 })
  await one.buy()
  await one.over()
  expect(await one.has()).toBe(0n)
})

test('F54 a cheaper and longer plan is one for its subscribers as well, and a sale that is over binds nobody', async () => {
  const one = await buyer(80n)
  await one.buy()
  await one.becomes({ tokens: 20, days: 31 })
  await one.over()
  expect([await one.has(), await one.days()]).toEqual([30n, [30, 31]])
  await one.becomes({ tokens: 45 })
  await one.over()
  expect([await one.has(), await one.days()]).toEqual([0n, [30, 31, 30]])
})

test('F54 who has the agreed price is neither warned before the end nor left in grace, also with two plans on one balance', async () => {
  const [one, other] = [await buyer(60n), await buyer(0n)]
  await one.buy()
  await shop.db.tx((tx) =>
    buyPeriod(tx, {
      payer: one.personId,
      personId: one.personId,
      plan: other.code,
      bot: 'shop',
      renews: true,
      reference: newId(),
    }),
  )
  for (const plan of [one, other]) await plan.becomes({ tokens: 50 })
  await give(shop.db, one.personId, 60n, 'TOK', 'shop')
  await shop.db.rows(q`
    update subscriptions set expires_at = now() + interval '1 day' where person_id = ${one.personId}`)
  await renewDue(shop.db)
  expect(await one.told()).toEqual([])
  // The money comes in the days of grace.
  await give(shop.db, one.personId, -60n, 'TOK', 'shop')
  await one.over()
  const grace = { text: 'grace-notice', price: '30' }
  expect(await one.told()).toEqual([grace, grace])
  await give(shop.db, one.personId, 60n, 'TOK', 'shop')
  await renewDue(shop.db)
  expect(await one.has()).toBe(0n)
})

test('F54 roubles of the balance buy the missing tokens of a renewal for no more than was agreed', async () => {
  const one = await buyer(0n)
  await shop.db.rows(q`
    insert into kept_cards (person_id, provider, digits, payment_id) values (${one.personId}, 'yookassa', '4242', 'kept')`)
  await give(shop.db, one.personId, 100_000n, 'RUB', 'shop')
  await one.buy({ agreed: 30_000n, rate: 1_000n })
  await shop.db.rows(q`insert into settings (bot, key, value) values ('', 'price-buy-rub', '"1500"')`)
  const settings = createSettings(shop.db, shop.config)
  await one.over(cardsOf({ settings, config: shop.config }))
  expect([await one.has(), await one.has('RUB'), (await one.sub())!.period]).toEqual([0n, 40_000n, 2])
})

test('F54 a month of Stars buys thirty days, also where the plan has become shorter or longer', async () => {
  const one = await buyer(0n)
  const first = await shop.pay(one.personId, 30n, { plan: one.code })
  await shop.follow()
  for (const days of [7, 365]) {
    await one.becomes({ days, stars: null })
    await shop.pay(one.personId, 30n, { repeats: first })
    await shop.follow()
  }
  expect(await one.days()).toEqual([30, 30, 30])
})

test('F54 a plan that waited for money says what was paid for it and not what it costs by now', async () => {
  const one = await buyer(0n)
  const id = newId()
  const plan = await one.plan()
  const wish = { id, personId: one.personId, bot: 'shop', plan, name: 'Own', agreed: 0n }
  await shop.db.tx((tx) => awaitPlanMoney(tx, wish))
  await one.becomes({ tokens: 20 })
  await give(shop.db, one.personId, 30n, 'TOK', 'shop')
  await resumeAwaitedPlan(shop, { orderId: id, paymentId: 'balance-1' })
  expect([await one.has(), await one.told()]).toEqual([0n, [{ text: 'started-notice', price: '30' }]])
})
