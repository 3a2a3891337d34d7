import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import type { Asset } from '#shared/money.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import {
  checkRoundTrips,
  priceBuyRub,
  priceProblems,
  priceSellRub,
  referralPercents,
  starPrice,
  starsPerToken,
} from '#shared/settings/economy.ts'
import { mintedByBot, tellMinted } from '#shop/admin/worker/minted.ts'
import { findGains, tellGains } from '#shop/admin/worker/gains.ts'
import { goods } from '#shop/goods.ts'
import { createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { invite } from '#shop/loyalty/referrals/referrals.ts'
import { sharesCausedBy } from '#shop/loyalty/referrals/rewards.ts'
import { savePlan } from '#shop/loyalty/subscriptions/manage.ts'
import { grantPeriod } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { payableWith } from '#shop/stars-premium/payable.ts'
import { STARS, starsOf } from '#shop/stars-premium/good.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

describe('prices that would pay the customer', () => {
  let shop: WalletShop
  beforeAll(async () => {
    shop = await openWalletShop()
  })
  afterAll(() => shop.close())

  const withPlan = async (id: number, plan = 'pro') => {
    const personId = await shop.person(id)
    await shop.db.tx((tx) =>
      grantPeriod(tx, {
        personId,
        plan,
        bot: 'shop',
        paidWith: 'balance',
        days: 30,
        renews: false,
        reference: `plan-${id}`,
      }),
    )
    return personId
  }

  test('F76 a plan with 20 % back is no round trip: 1,000 Stars become at most 1,000', async () => {
    const personId = await withPlan(1)
    await shop.pay(personId, 1_000n)
    await shop.follow()
    const buy = { way: 'fragment' as const, costRub: 60_000n, bot: 'shop', personId }
    let stars = 0
    for (let quantity = 1_000; quantity >= 50;) {
      const price = await STARS.price(shop.settings, 'shop', starsOf(quantity))
      const payable = await payableWith(
        shop,
        { ...buy, goods: starsOf(quantity), price, costRub: price / 3n },
        'TOK',
      )
      if (payable.unit > (await shop.has(personId))) quantity = Math.floor(quantity / 2)
      else {
        await shop.spend(personId, payable.unit, 'stars', payable.mostBack)
        await shop.follow()
        stars += quantity
      }
    }
    expect(stars).toBeGreaterThan(4_000)
    expect(stars).toBeLessThanOrEqual(5_000)
  })

  test('F76 roubles bring no Stars back, so there the discount is given whole, up to what the goods cost', async () => {
    const personId = await withPlan(2)
    const sale = { goods: starsOf(1_000), price: 180_000n, way: 'fragment' as const, bot: 'shop', personId }
    const left = async (costRub: bigint | undefined) =>
      (await payableWith(shop, { ...sale, costRub }, 'RUB')).mostBack
    expect(await left(120_000n)).toBe(60_000n)
    expect(await left(179_000n)).toBe(1_000n)
    expect(await left(undefined)).toBe(0n)
    await expect(left(180_001n)).rejects.toMatchObject({ code: 'sale.below-cost' })
  })

  test('F76 a gift of Telegram’s, which may be turned into Stars, costs no fewer tokens than those Stars bring', async () => {
    const goods = { kind: 'telegram-gift', gift: '5', emoji: '🧸', stars: 1_000 } as const
    const sale = { goods, way: 'bot-stars' as const, costRub: undefined, bot: 'shop', personId: 3n }
    const inTokens = async (price: bigint) => await payableWith(shop, { ...sale, price }, 'TOK')
    await expect(inTokens(10_000n)).rejects.toMatchObject({ code: 'sale.below-cost' })
    expect((await inTokens(1_000_000n)).mostBack).toBe(0n)
    expect((await payableWith(shop, { ...sale, price: 10_000n }, 'RUB')).mostBack).toBe(0n)
  })

  test('F76 what inviters of this buyer get is a cost of the sale', async () => {
    const [first, second, third] = [await shop.person(11), await shop.person(12), await shop.person(13)]
    await shop.db.tx((tx) => invite(tx, { personId: second, inviterId: first, bot: 'shop' }))
    await shop.db.tx((tx) => invite(tx, { personId: third, inviterId: second, bot: 'shop' }))
    const shares = await Promise.all([first, second, third].map((id) => sharesCausedBy(shop.db, id, [10, 2])))
    expect(shares).toEqual([0, 10, 12])
    const sale = {
      goods: starsOf(100),
      price: 18_000n,
      costRub: 16_500n,
      way: 'fragment' as const,
      bot: 'shop',
    }
    expect((await payableWith(shop, { ...sale, personId: first }, 'RUB')).mostBack).toBe(1_500n)
    await expect(payableWith(shop, { ...sale, personId: third }, 'RUB')).rejects.toMatchObject({
      code: 'sale.below-cost',
    })
  })

  test('F76 the settings refuse prices and shares that make a round trip, with the numbers, in any bot', async () => {
    const set = <Value>(type: Parameters<typeof shop.settings.set<Value>>[1], value: Value, bot = '') =>
      shop.db.tx((tx) => shop.settings.set(tx, type, { value, bot, by: 1n }))
    const refused = {
      code: 'setting.round-trip',
      params: { in: 1_000, out: '1004', shares: 13, plan: 'none' },
    }
    await expect(set(referralPercents, [10, 3])).rejects.toMatchObject(refused)
    await expect(set(starPrice, '1.7')).rejects.toMatchObject({ code: 'setting.round-trip' })
    await expect(set(starPrice, '1.7', 'second')).rejects.toMatchObject({ code: 'setting.round-trip' })
    await expect(set(priceSellRub, 900n)).rejects.toMatchObject({ code: 'setting.round-trip' })
    await expect(set(starsPerToken, 4)).rejects.toMatchObject({ code: 'setting.round-trip' })
    await set(referralPercents, [5])
    await set(referralPercents, [10, 2])
  })

  test('F76 a bot whose tokens are dearer sells no Stars that tokens of a cheaper bot would pay for twice', async () => {
    await shop.db.tx((tx) => shop.settings.set(tx, starsPerToken, { value: 9, bot: 'second', by: 1n }))
    const personId = await withPlan(3)
    const sale = { goods: starsOf(1_000), price: 180_000n, costRub: 1n, way: 'fragment' as const, personId }
    const { unit, mostBack } = await payableWith(shop, { ...sale, bot: 'second' }, 'TOK')
    expect([unit, mostBack]).toEqual([225n, 1n])
    await shop.db.tx((tx) =>
      shop.settings.set(tx, starsPerToken, { value: undefined, bot: 'second', by: 1n }),
    )
  })

  test('F76 F83 a bot that sells tokens for next to nothing empties no other: the price is refused, and where it stood before, the sale', async () => {
    const set = (value: bigint) =>
      shop.db.tx((tx) => shop.settings.set(tx, priceBuyRub, { value, bot: 'second', by: 1n }))
    await expect(set(1n)).rejects.toMatchObject({
      code: 'setting.cheap-tokens',
      params: { price: '0.01', least: '8.00' },
    })
    await set(900n)
    const personId = await shop.person(41)
    const sale = { goods: starsOf(1_000), price: 180_000n, costRub: 150_000n, way: 'fragment' as const }
    const buy = () => payableWith(shop, { ...sale, personId, bot: 'shop' }, 'TOK')
    expect((await buy()).unit).toBe(225n)
    await shop.db.rows(q`update settings set value = '"1"' where bot = 'second' and key = 'price-buy-rub'`)
    shop.settings.forget()
    await expect(buy()).rejects.toMatchObject({ code: 'sale.below-cost' })
    await shop.db.rows(q`delete from settings where bot = 'second'`)
    shop.settings.forget()
  })

  test('F76 a plan whose inviters would get more than its Stars, and an endless bonus, are refused', async () => {
    const names = { ru: 'Ловушка', en: 'Trap' }
    const trap = shop.db.tx(async (tx) => {
      await savePlan(tx, 'trap', { name: names, priceStars: 1, priceTokens: 1_000n })
      await checkRoundTrips(shop.settings, tx)
    })
    await expect(trap).rejects.toMatchObject({ code: 'setting.round-trip', params: { plan: 'trap' } })
    await expect(checkRoundTrips(shop.settings, shop.db, 50n)).rejects.toMatchObject({
      code: 'setting.round-trip',
    })
    await expect(checkRoundTrips(shop.settings, shop.db)).resolves.toBeUndefined()
    // A bonus that is harmless alone is not harmless beside a discount code that runs.
    const star = (value: string | undefined) =>
      shop.db.tx((tx) => shop.settings.set(tx, starPrice, { value, bot: '', by: 1n }))
    await star('3')
    await expect(checkRoundTrips(shop.settings, shop.db, 20n)).resolves.toBeUndefined()
    const half = { name: 'half', kind: 'discount' as const, value: 50n, product: 'stars', createdBy: 1n }
    await createCampaign(shop.db, half)
    await expect(checkRoundTrips(shop.settings, shop.db, 20n)).rejects.toMatchObject({
      code: 'setting.round-trip',
    })
    await shop.db.rows(q`delete from promo_campaigns`)
    await star(undefined)
  })

  test('F76 the doctor and the bot worker say what prices kept from before come to', async () => {
    const app = { db: shop.db, settings: shop.settings, texts: loadTexts() }
    expect(await priceProblems(app)).toEqual([])
    await shop.db.rows(q`insert into settings (bot, key, value) values ('second', 'star-price', '"1.5"')`)
    const [problem, ...others] = await priceProblems(app)
    expect(others).toEqual([])
    expect(problem).toMatch(/1,000 Stars.*1194/)
    await shop.db.rows(q`delete from settings where key = 'star-price'`)
  })

  test('F76 small payments add up to the inviter’s share, and no rounding makes it larger', async () => {
    const [inviter, guest] = [await shop.person(21), await shop.person(22)]
    await shop.db.tx((tx) => invite(tx, { personId: guest, inviterId: inviter, bot: 'shop' }))
    for (let time = 0; time < 9; time++) await shop.pay(guest, 5n)
    await shop.follow()
    const [row] = await shop.db.rows(
      q<{
        sum: bigint
      }>`select sum(amount)::bigint as sum from referral_rewards where inviter_id = ${inviter}`,
    )
    expect(row!.sum).toBe(4n)
  })

  test('F76 F83 who got out more than they put in is told once a day to the admins of the bots that they use, and to no others', async () => {
    const gainer = await shop.person(31)
    const honest = await shop.person(32)
    for (const [id, own] of [
      [gainer, 10n],
      [honest, 500n],
    ] as const) {
      await shop.pay(id, own)
      await post(
        shop.db,
        transfer(
          { system: 'promo' },
          { person: id },
          { asset: 'TOK', amount: 490n },
          { reference: `gift-${id}`, kind: 'promo' },
        ),
      )
      await shop.spend(id, 500n, 'stars', 0n)
    }
    const app = {
      ...shop,
      goods,
      bots: new Map(['shop', 'second', 'third'].map((name) => [name, { name }])),
      log: createLog({ level: 'silent', name: 'test' }),
    }
    await shop.db.rows(q`insert into bots (name) values ('third')`)
    // The person opened the second bot; the third bot knows the person only because a caller of the API said so.
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, claimed) values ('second', ${gainer}, false), ('third', ${gainer}, true)`)
    expect(await findGains(app, 100_000n)).toEqual([{ personId: gainer, put: 8_000n, got: 400_000n }])
    await tellGains(app as never)
    await tellGains(app as never)
    const alerts = await shop.db.rows(
      q<{
        params: { people: string }
        bots: string[]
      }>`select params, bots from alerts where topic = 'alert-gains'`,
    )
    expect(alerts.map(({ params, bots }) => [params.people, bots])).toEqual([
      ['31: 80.00 → 4000.00', ['shop', 'second']],
    ])
  })

  test('F83 what appears through a bot stands in the books by bot and means, and beyond a limit all admins hear of it', async () => {
    const person = await shop.person(77)
    const book = (
      bot: string,
      kind: 'entry' | 'adjustment' | 'promo' | 'payment',
      amount: bigint,
      asset: Asset = 'RUB',
    ) =>
      post(
        shop.db,
        transfer(
          { system: kind === 'entry' ? `api:${bot}` : 'adjustments' },
          { person },
          { asset, amount },
          {
            reference: `minted-${Math.random()}`,
            kind,
            bot,
            ...(kind === 'payment' && { details: { provider: 'manual' } }),
          },
        ),
      )
    const before = await mintedByBot(shop.db)
    await book('second', 'entry', 40_000_000n)
    await book('second', 'entry', -5n)
    await book('second', 'promo', 9_999_999n)
    const said = () =>
      shop.db.rows(q<{ params: object }>`select params from alerts where topic = 'alert-minted'`)
    const app = { ...shop, bots: new Map([['shop', { name: 'shop' }]]) } as never
    await tellMinted(app)
    expect(await said()).toEqual([])
    await book('second', 'payment', 1n)
    await book('second', 'adjustment', 1n)
    await tellMinted(app)
    await tellMinted(app)
    expect(await said()).toEqual([
      {
        params: expect.objectContaining({
          bot: 'second',
          sum: '500000.01',
          entry: '400000.00',
          payment: '0.01',
        }),
      },
    ])
    expect((await mintedByBot(shop.db)).filter(({ bot }) => bot === 'second')).toEqual([
      { bot: 'second', means: 'adjustment', asset: 'RUB', amount: 1n },
      { bot: 'second', means: 'entry', asset: 'RUB', amount: 40_000_000n },
      { bot: 'second', means: 'payment', asset: 'RUB', amount: 1n },
      { bot: 'second', means: 'promo', asset: 'RUB', amount: 9_999_999n },
    ])
    expect(before.filter(({ bot }) => bot === 'second')).toEqual([])
  })
})
