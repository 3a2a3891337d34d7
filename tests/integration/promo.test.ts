import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addCode,
  campaignReport,
  createCampaign,
  generateCodes,
  pauseCampaign,
} from '#shop/loyalty/promo/campaigns.ts'
import type { NewCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { decideCampaign } from '#shop/loyalty/promo/switch.ts'
import { goods } from '#shop/goods.ts'
import { readPolicy } from '#shared/money/decisions.ts'
import { redeemPromo } from '#shop/loyalty/promo/promo.ts'
import { subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

describe('promo codes', () => {
  let shop: WalletShop
  beforeAll(async () => {
    shop = await openWalletShop()
  })
  afterAll(() => shop.close())

  let made = 0
  async function code(campaign: Partial<NewCampaign>, uses = 100): Promise<{ id: bigint; code: string }> {
    const wanted = { name: 'test', kind: 'tokens' as const, value: 7n, createdBy: 999n, ...campaign }
    const id = await createCampaign(shop.db, wanted)
    return { id, code: await addCode(shop.db, id, `code-${made++}`, uses) }
  }
  const redeem = (personId: bigint, one: string, bot = 'shop', key?: string) =>
    shop.db.tx((tx) => redeemPromo(tx, { code: one, personId, bot, key }))
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'used',
      (error: { code: string }) => error.code,
    )

  test('50 people at the last use at once: exactly one gets it (F63)', async () => {
    const { code: last } = await code({}, 1)
    const people = await Promise.all(Array.from({ length: 50 }, (_, index) => shop.person(1_000 + index)))
    const outcomes = await Promise.all(people.map((id) => refusal(redeem(id, last))))
    expect(outcomes.filter((one) => one === 'used')).toHaveLength(1)
    expect(outcomes.filter((one) => one === 'promo.used-up')).toHaveLength(49)
    const given = await Promise.all(people.map((id) => shop.has(id)))
    expect(given.reduce((sum, one) => sum + one, 0n)).toBe(7n)
  })

  test('one person pressing 20 times uses the code once, and a repeated key gives the same use (F63)', async () => {
    const { code: one } = await code({})
    const id = await shop.person(1)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => refusal(redeem(id, ` ${one.toLowerCase()} `))),
    )
    expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(1)
    expect(await shop.has(id)).toBe(7n)
    const { code: keyed } = await code({ perPerson: 5 })
    const uses = await Promise.all(Array.from({ length: 5 }, () => redeem(id, keyed, 'shop', 'k1')))
    expect(new Set(uses.map(({ use }) => use.id)).size).toBe(1)
    expect(await shop.has(id)).toBe(14n)
    const { code: another } = await code({})
    expect(await refusal(redeem(id, another, 'shop', 'k1'))).toBe('promo.conflict')
  })

  test('dates, bot, pause and first purchase are checked, and a refused code loses no use', async () => {
    const id = await shop.person(2)
    const day = 86_400_000
    const cases: [Partial<NewCampaign>, string][] = [
      [{ endsAt: new Date(Date.now() - day) }, 'promo.expired'],
      [{ startsAt: new Date(Date.now() + day) }, 'promo.early'],
      [{ bot: 'second' }, 'promo.other-bot'],
    ]
    for (const [campaign, expected] of cases) {
      const refused = await code(campaign)
      expect(await refusal(redeem(id, refused.code))).toBe(expected)
      expect((await campaignReport(shop.db, refused.id))!.usesLeft).toBe(100)
    }
    const paused = await code({})
    await pauseCampaign(shop.db, paused.id, true)
    expect(await refusal(redeem(id, paused.code))).toBe('promo.unknown')
    const first = await code({ firstPurchaseOnly: true })
    await shop.pay(id, 1n)
    expect(await refusal(redeem(id, first.code))).toBe('promo.first-only')
    expect(await refusal(redeem(id, 'NO-SUCH'))).toBe('promo.unknown')
  })

  test('a bonus comes with the next top-up, once, within its minimum and maximum, and goes with its refund', async () => {
    const id = await shop.person(3)
    const { code: bonus } = await code({ kind: 'percent', value: 50n, minimum: 10n, maximumBonus: 20n })
    await redeem(id, bonus)
    await shop.pay(id, 5n)
    await shop.follow()
    expect(await shop.has(id)).toBe(5n)
    const payment = await shop.pay(id, 100n)
    await Promise.all([shop.follow(), shop.follow()])
    expect(await shop.has(id)).toBe(125n)
    await shop.pay(id, 100n)
    await shop.follow()
    expect(await shop.has(id)).toBe(225n)
    await shop.refund(id, payment, 100n)
    await shop.follow()
    await shop.follow()
    expect(await shop.has(id)).toBe(105n)
  })

  test('a discount comes back with the purchase it is for, and no other', async () => {
    const id = await shop.person(4)
    await shop.pay(id, 100n)
    const { code: discount, id: campaign } = await code({ kind: 'discount', value: 25n, product: 'premium' })
    await redeem(id, discount)
    await shop.spend(id, 20n, 'generation')
    await shop.follow()
    expect(await shop.has(id)).toBe(80n)
    await shop.spend(id, 40n, 'premium', 40n)
    await shop.follow()
    expect(await shop.has(id)).toBe(50n)
    expect((await campaignReport(shop.db, campaign))!.cost).toEqual([{ asset: 'TOK', amount: 10n }])
  })

  test('F84 a discount gives back no more than its most, on purchases in its currency', async () => {
    const id = await shop.person(7)
    await shop.pay(id, 200n)
    const { code: discount } = await code({
      kind: 'discount',
      value: 100n,
      product: 'any',
      asset: 'TOK',
      maximumBonus: 30n,
    })
    const { code: dollars } = await code({
      kind: 'discount',
      value: 90n,
      product: 'any',
      asset: 'USD',
      maximumBonus: 9n,
    })
    await redeem(id, dollars)
    await redeem(id, discount)
    await shop.spend(id, 100n, 'generation')
    await shop.follow()
    expect(await shop.has(id)).toBe(130n)
    const { code: tiny } = await code({
      kind: 'discount',
      value: 100n,
      product: 'any',
      asset: 'TOK',
      maximumBonus: 1n,
    })
    await redeem(id, tiny)
    // A plan that gives more than the code's most is what the buyer gets, and the code is kept.
    await shop.db.rows(q`
      insert into subscriptions (id, person_id, plan, bot, paid_with, renews, expires_at)
      values ('tenth', ${id}, 'plus', 'shop', 'gift', false, now() + interval '9 days')`)
    await shop.db.rows(q`update plans set discount_percent = 10 where code = 'plus'`)
    await shop.spend(id, 100n, 'generation')
    await shop.follow()
    expect(await shop.has(id)).toBe(40n)
  })

  test('days of a subscription are given once', async () => {
    const id = await shop.person(5)
    const { code: days } = await code({ kind: 'days', value: 10n, plan: 'plus', perPerson: 2 })
    await redeem(id, days)
    await redeem(id, days)
    const [subscription] = await subscriptionsOf(shop.db, id)
    const left = (subscription!.expiresAt.getTime() - Date.now()) / 86_400_000
    expect([subscription!.period, subscription!.renews, Math.round(left)]).toEqual([2, false, 20])
  })

  test('5,000 codes are made at once, all different, and the report counts uses, people, cost and revenue', async () => {
    const { id } = await code({ name: 'spring' }, 3)
    const codes = await shop.db.tx((tx) => generateCodes(tx, id, 5_000, 1))
    expect(new Set(codes).size).toBe(5_000)
    const person = await shop.person(6)
    await redeem(person, codes[17]!)
    await shop.pay(person, 10n)
    const report = await campaignReport(shop.db, id)
    expect(report).toMatchObject({ codes: 5_001, usesLeft: 5_002, uses: 1, people: 1 })
    expect([report!.cost, report!.revenue]).toEqual([
      [{ asset: 'TOK', amount: 7n }],
      [{ asset: 'XTR', amount: 50n }],
    ])
    const [row] = await shop.db.rows(
      q<{ sum: bigint }>`select sum(uses)::bigint as sum from promo_codes where campaign_id = ${id}`,
    )
    expect(row!.sum).toBe(1n)
  })

  test('F84 a discount code is decided by its most; without one it takes two admins, and counts as one purchase', async () => {
    const discount = async (wanted: Partial<NewCampaign>, uses: number) => {
      const base = { name: 'off', kind: 'discount', value: 100n, product: 'any', createdBy: 901n } as const
      const id = await createCampaign(shop.db, { ...base, ...wanted })
      await addCode(shop.db, id, `OFF${made++}`, uses)
      return id
    }
    const policy = { ...(await readPolicy(shop, 'shop')), secondAbove: 1_000_000n }
    const by = 904n
    const decided = (id: bigint, admin = by) =>
      shop.db.tx((tx) => decideCampaign(tx, policy, { bot: 'shop', by: admin }, id, goods))
    const worth = async (id: bigint) => {
      const rows = await shop.db.rows(
        q<{ sum: bigint }>`select minted as sum from money_decisions where reference = ${`promo-${id}`}`,
      )
      return rows[0]?.sum
    }
    const bounded = await discount({ product: 'item', asset: 'RUB', maximumBonus: 10_000n }, 100)
    expect(await decided(bounded)).toBe('done')
    expect(await worth(bounded)).toBe(1_000_000n)
    const more = await discount({ product: 'item', asset: 'RUB', maximumBonus: 10_000n }, 101)
    expect(await decided(more)).toBe('second-needed')
    for (const product of ['item', 'generation', 'subscription', 'any']) {
      const endless = await discount({ product, value: 50n }, 1_000_000)
      expect([product, await decided(endless)]).toEqual([product, 'second-always'])
      expect(await worth(endless)).toBe(500_000n)
      expect(await decided(endless, 902n)).toBe('done')
    }
    // A discount on Stars and Premium is limited by what they cost the shop.
    const limited = await discount({ product: 'premium' }, 1_000_000)
    expect(await decided(limited)).toBe('done')
    expect(await worth(limited)).toBeUndefined()
  })
})
