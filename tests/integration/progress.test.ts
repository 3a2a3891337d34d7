import { goods } from '#shop/goods.ts'
import fc from 'fast-check'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordActivity } from '#shop/balance-api/activities-store.ts'
import { badgesOf } from '#shop/loyalty/levels/badges.ts'
import { levelOf, xpOfLevel } from '#shop/loyalty/levels/curve.ts'
import { leaderboard, readProgress } from '#shop/loyalty/levels/progress.ts'
import { recomputeXp } from '#shop/loyalty/levels/recompute.ts'
import { defaultRules, levelsShown, xpRules } from '#shop/loyalty/levels/settings.ts'
import { invite, inviteCode, personOfCode, referralStatistics } from '#shop/loyalty/referrals/referrals.ts'
import { referralReport } from '#shop/loyalty/referrals/report.ts'
import { payDueRewards, rewardInviters } from '#shop/loyalty/referrals/rewards.ts'
import { renewSubscription, renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { planDiscount, readPlan, termsOf } from '#shop/loyalty/subscriptions/plans.ts'
import { buyPeriod, stopRenewal, subscriptionsOf } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { eventually } from '../lib/eventually.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { followLedger } from '#shop/loyalty/worker/follow-ledger.ts'
import { openTestDb } from '../lib/database.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import type { WalletShop } from '../lib/wallet-shop.ts'

let shop: WalletShop
beforeAll(async () => {
  shop = await openWalletShop()
})
afterAll(() => shop.close())

describe('XP, levels and badges', () => {
  test('whoever follows the ledger needs one connection, and leaves at once while another one follows', async () => {
    const id = await shop.person(2)
    await shop.pay(id, 20n)
    const narrow = await openTestDb(shop.url, { max: 1, name: 'narrow' })
    try {
      const settings = createSettings(narrow, shop.config)
      // Nothing is remembered: whatever is read is asked of the database.
      const forgetful: typeof settings = {
        ...settings,
        get: (type, bot) => (settings.forget(), settings.get(type, bot)),
        snapshot: () => (settings.forget(), settings.snapshot()),
      }
      await shop.db.tx(async (tx) => {
        await tx.rows(q`select posting_id from follow_position for update`)
        await followLedger({ db: narrow, settings: forgetful, goods })
      })
      expect((await readProgress(shop.db, shop.settings, id)).xp).toBe(0)
      await followLedger({ db: narrow, settings: forgetful, goods })
      expect((await readProgress(shop.db, shop.settings, id)).xp).toBe(200)
    } finally {
      await narrow.close()
    }
  })

  test('a level is the inverse of its XP for every base and level', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (base, level) => {
          const from = xpOfLevel(level, base)
          return levelOf(from, base) === level && (level === 1 || levelOf(from - 1, base) === level - 1)
        },
      ),
    )
  })

  test('XP follows money once, whoever follows; a refund takes it back; badges and levels are told once', async () => {
    const id = await shop.person(1)
    const payment = await shop.pay(id, 20n)
    await Promise.all([shop.follow(), shop.follow(), shop.follow()])
    expect(await readProgress(shop.db, shop.settings, id)).toMatchObject({ xp: 200, level: 2 })
    await shop.spend(id, 4n)
    await shop.follow()
    expect((await readProgress(shop.db, shop.settings, id)).xp).toBe(220)
    expect((await badgesOf(shop.db, id)).filter(({ givenAt }) => givenAt).map(({ code }) => code)).toEqual([
      'first-spark',
    ])
    await shop.refund(id, payment, 16n)
    await shop.follow()
    expect(await readProgress(shop.db, shop.settings, id)).toMatchObject({ xp: 60, level: 1 })
    await shop.pay(id, 20n)
    await shop.follow()
    expect((await shop.notices()).filter((key) => /^(level|badge)-1-/.test(key))).toEqual([
      'level-1-2',
      'badge-1-first-spark',
    ])
  })

  test('where the owner of a bot hides levels nobody is told of one, and in other bots people are', async () => {
    await shop.settings.set(shop.db, levelsShown, { value: false, bot: 'shop', by: 1n })
    const told = async (person: number) =>
      (await shop.notices()).filter((key) => new RegExp(`^(level|badge)-${person}-`).test(key))
    for (const [person, bot] of [
      [50, 'shop'],
      [51, 'second'],
    ] as const) {
      const id = await shop.person(person, bot)
      const activity = { personId: id, bot, kind: 'training', xp: 500, key: `hidden-${person}` }
      const setting = await shop.settings.snapshot()
      await shop.db.tx((tx) => recordActivity(tx, setting, goods, activity))
      expect(await readProgress(shop.db, shop.settings, id)).toMatchObject({ xp: 500 })
    }
    const paid = await shop.person(52)
    await shop.pay(paid, 20n)
    await shop.follow()
    expect([await told(50), (await told(51)).length > 0, await told(52)]).toEqual([[], true, []])
    await shop.settings.set(shop.db, levelsShown, { value: undefined, bot: 'shop', by: 1n })
  })

  test('XP counted again after a random run with changing rules equals the XP kept', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, (_, index) => shop.person(100 + index)))
    let seed = 20_261_121
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below
    for (let step = 0; step < 90; step++) {
      const id = people[random(people.length)]!
      if (step % 30 === 20) {
        const rules = defaultRules(goods).map((rule) => ({ ...rule, xp: rule.xp * (1 + random(4)) }))
        await shop.settings.set(shop.db, xpRules(goods), { value: rules, by: 1n })
      }
      const what = random(4)
      if (what === 0) await shop.pay(id, BigInt(1 + random(50)))
      else if (what === 1 && (await shop.has(id)) > 5n) await shop.spend(id, 5n)
      else if (what === 2) {
        const activity = { personId: id, bot: 'shop', kind: 'training', key: `a${step}` }
        const setting = await shop.settings.snapshot()
        await shop.db.tx((tx) => recordActivity(tx, setting, goods, activity))
      } else await shop.follow()
    }
    await shop.follow()
    const kept = await shop.db.rows(q`select person_id, xp from progress order by person_id`)
    expect(await recomputeXp(shop.db, goods)).toBe(0)
    expect(await shop.db.rows(q`select person_id, xp from progress order by person_id`)).toEqual(kept)
    await shop.db.rows(q`update progress set xp = xp + 1 where person_id = 100`)
    expect(await recomputeXp(shop.db, goods)).toBe(1)
    expect(await shop.db.rows(q`select person_id, xp from progress order by person_id`)).toEqual(kept)
    const { best, own } = await leaderboard(shop.db, people[0]!, 3)
    expect(best.map(({ place }) => place)).toEqual([1, 2, 3])
    expect(best[0]!.xp).toBeGreaterThanOrEqual(best[1]!.xp)
    expect(own!.place).toBeGreaterThan(0)
  })

  test('seven days in a row give their badge, six do not', async () => {
    for (const [person, days] of [
      [200, 6],
      [201, 7],
    ] as const) {
      const id = await shop.person(person)
      const activity = { personId: id, bot: 'shop', kind: 'x', key: `streak-${person}` }
      // One transaction sees one moment, so no midnight makes a seventh day of the sixth.
      const setting = await shop.settings.snapshot()
      const { newBadges } = await shop.db.tx(async (tx) => {
        await tx.rows(q`
          insert into xp_events (source, person_id, xp, at)
          select 'day-' || ${person}::text || d, ${id}, 1, now() - (${days} - d) * interval '1 day' from generate_series(1, ${days}) d`)
        return recordActivity(tx, setting, goods, activity)
      })
      expect(newBadges.map(({ code }) => code)).toEqual(days === 7 ? ['week-streak'] : [])
    }
  })
})

describe('referrals', () => {
  const bring = (personId: bigint, inviterId: bigint, bot = 'shop') =>
    shop.db.tx((tx) => invite(tx, { personId, inviterId, bot }))

  test('the link carries any Telegram id (F74)', () => {
    for (const id of [1n, 123_456_789n, 9_223_372_036_854_775_807n])
      expect(personOfCode(inviteCode(id))).toBe(id)
    expect([personOfCode('zzzzzzzzzzzzzz'), personOfCode('0'), personOfCode('a b')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('oneself, rings, people we know from another bot and strangers do not count (F64)', async () => {
    const [a, b, c] = await Promise.all([shop.person(301), shop.person(302), shop.person(303)])
    expect(await bring(a, a)).toBe('self')
    expect(await bring(b, a)).toBe('counted')
    expect(await bring(b, c)).toBe('existing')
    expect(await bring(c, b)).toBe('counted')
    expect(await bring(a, c)).toBe('ring')
    await shop.person(301, 'second')
    expect(await bring(a, b, 'second')).toBe('ring')
    const known = await shop.person(304, 'second')
    await shop.person(304)
    expect(await bring(known, a)).toBe('existing')
    expect(await bring(await shop.person(305), 999_999n)).toBe('unknown')
    expect(await bring(b, a)).toBe('again')
  })

  test('two newcomers who invite each other at the same moment make no ring (F64)', async () => {
    const [a, b] = await Promise.all([shop.person(306), shop.person(307)])
    let answered = false
    const second = await shop.db.tx(async (tx) => {
      expect(await invite(tx, { personId: a, inviterId: b, bot: 'shop' })).toBe('counted')
      const other = bring(b, a).finally(() => (answered = true))
      const waits = () =>
        shop.db.rows(q`
          select 1 from pg_locks l join pg_database d on d.oid = l.database
          where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`)
      await eventually(async () => answered || (await waits()).length > 0, {
        what: 'the second invitation waits, or has not waited',
      })
      return { other }
    })
    expect(await second.other).toBe('ring')
  })

  test('a reward is held, paid once when the refund window is over, for each level (F64)', async () => {
    const [grand, inviter, guest] = await Promise.all([shop.person(311), shop.person(312), shop.person(313)])
    await bring(inviter, grand)
    await bring(guest, inviter)
    await shop.pay(guest, 100n)
    await Promise.all([shop.follow(), shop.follow()])
    expect([await shop.has(inviter), await payDueRewards(shop.db)]).toEqual([0n, 0])
    expect(await referralStatistics(shop.db, inviter)).toMatchObject({
      invited: 1,
      paying: 1,
      held: [{ amount: 10n }],
    })
    const report = await referralReport(shop.db, 20, ['shop'])
    expect(report).toMatchObject({ paying: 1 })
    expect(report.best.filter(({ personId }) => personId === inviter || personId === grand)).toEqual([
      { personId: grand, name: 'P311', invited: 1, paying: 0 },
      { personId: inviter, name: 'P312', invited: 1, paying: 1 },
    ])
    expect(await referralReport(shop.db, 20, ['second'])).toMatchObject({ invited: 0, paying: 0, best: [] })
    await shop.db.rows(q`update referral_rewards set due_at = now()`)
    const paid = await Promise.all([payDueRewards(shop.db), payDueRewards(shop.db), payDueRewards(shop.db)])
    expect(paid.reduce((sum, one) => sum + one, 0)).toBe(2)
    expect([await shop.has(inviter), await shop.has(grand)]).toEqual([10n, 2n])
  })

  test('an invitation in the millisecond of the payment counts, a later one does not (F64)', async () => {
    const [inviter, early, late] = await Promise.all([shop.person(321), shop.person(322), shop.person(323)])
    await shop.db.rows(q`
      insert into referrals (person_id, inviter_id, bot, created_at) values
        (${early}, ${inviter}, 'shop', '2026-01-01T10:00:00.123987Z'), (${late}, ${inviter}, 'shop', '2026-01-01T10:00:00.124Z')`)
    const paid = { postingId: 0n, kind: 'payment', details: {}, asset: 'TOK', amount: 100n, bot: 'shop' }
    for (const personId of [early, late]) {
      const at = new Date('2026-01-01T10:00:00.123Z')
      const payment = { ...paid, personId, reference: `at-${personId}`, at }
      await shop.db.tx((tx) => rewardInviters(tx, payment, { percents: [10], holdDays: 21 }))
    }
    expect((await referralStatistics(shop.db, inviter)).paying).toBe(1)
    await shop.db.rows(q`delete from referral_rewards where inviter_id = ${inviter}`)
  })

  test('a refund cancels a held reward and takes a paid one back, as far as it is still there (F64)', async () => {
    const [inviter, guest] = await Promise.all([shop.person(321), shop.person(322)])
    await bring(guest, inviter)
    const first = await shop.pay(guest, 100n)
    await shop.follow()
    await shop.refund(guest, first, 100n)
    await shop.follow()
    await shop.db.rows(q`update referral_rewards set due_at = now()`)
    expect(await payDueRewards(shop.db)).toBe(0)
    const second = await shop.pay(guest, 100n)
    await shop.follow()
    await shop.db.rows(q`update referral_rewards set due_at = now()`)
    await payDueRewards(shop.db)
    await shop.spend(inviter, 6n)
    await shop.refund(guest, second, 100n)
    await shop.follow()
    await shop.follow()
    expect(await shop.has(inviter)).toBe(0n)
  })
})

describe('subscriptions', () => {
  const buy = (personId: bigint, reference: string, payer = personId) =>
    shop.db.tx((tx) => buyPeriod(tx, { payer, personId, plan: 'plus', bot: 'shop', renews: true, reference }))
  const expire = (personId: bigint, days = 0) =>
    shop.db.rows(
      q`update subscriptions set expires_at = now() - ${days} * interval '1 day' where person_id = ${personId}`,
    )
  const current = async (personId: bigint) => (await subscriptionsOf(shop.db, personId))[0]

  test('a renewal is charged once per period, however many notice that it is due', async () => {
    const id = await shop.person(401)
    await shop.pay(id, 100n)
    await Promise.all(Array.from({ length: 10 }, () => buy(id, 'b1')))
    expect(await shop.has(id)).toBe(70n)
    await expire(id)
    const subscription = (await current(id))!
    await Promise.all(Array.from({ length: 10 }, () => renewSubscription(shop.db, subscription.id)))
    expect([await shop.has(id), (await current(id))!.period]).toEqual([40n, 2])
  })

  test('a button pressed again after the plan has changed bought once, and one with other terms buys nothing', async () => {
    const id = await shop.person(409)
    await shop.pay(id, 100n)
    const terms = termsOf((await readPlan(shop.db, 'plus'))!)
    const press = (reference: string) =>
      shop.db.tx((tx) =>
        buyPeriod(tx, { payer: id, personId: id, plan: 'plus', bot: 'shop', renews: true, reference, terms }),
      )
    expect(await press('b9')).toMatchObject({ period: 1 })
    const before = await readPlan(shop.db, 'plus')
    try {
      await shop.db.rows(
        q`update plans set price_tokens = 31, name = '{"ru":"Плюс+","en":"Plus+"}' where code = 'plus'`,
      )
      expect(await press('b9')).toBeUndefined()
      await expect(press('b9-other')).rejects.toMatchObject({ code: 'subscription.changed' })
      await shop.db.rows(q`update plans set price_tokens = 30, days = 10 where code = 'plus'`)
      await expect(press('b9-other')).rejects.toMatchObject({ code: 'subscription.changed' })
    } finally {
      await shop.db.rows(q`update plans set price_tokens = ${before!.priceTokens}, days = ${before!.days},
        name = ${JSON.stringify(before!.name)}::jsonb where code = 'plus'`)
    }
    expect([await shop.has(id), (await current(id))!.period]).toEqual([70n, 1])
  })

  test('without money it is kept in grace, renewed when money comes, and ended when none comes', async () => {
    const id = await shop.person(402)
    await shop.pay(id, 35n)
    await buy(id, 'b2')
    await expire(id)
    await renewDue(shop.db)
    await renewDue(shop.db)
    expect((await current(id))!.state).toBe('grace')
    await shop.pay(id, 30n)
    await renewDue(shop.db)
    expect([(await current(id))!.state, await shop.has(id)]).toEqual(['active', 5n])
    await expire(id, 4)
    await renewDue(shop.db)
    expect(await current(id)).toBeUndefined()
    expect((await shop.notices()).filter((key) => key.startsWith('subscription-grace'))).toHaveLength(1)
  })

  test('a stopped subscription runs to its end and takes nothing more; a gift never renews', async () => {
    const [id, friend] = await Promise.all([shop.person(403), shop.person(404)])
    await shop.pay(id, 100n)
    await buy(id, 'b3')
    await stopRenewal(shop.db, (await current(id))!.id, id)
    await buy(friend, 'gift', id)
    expect([await shop.has(id), (await current(friend))!.paidWith]).toEqual([40n, 'gift'])
    await expire(id)
    await expire(friend)
    await renewDue(shop.db)
    expect([await shop.has(id), await current(id), await current(friend)]).toEqual([
      40n,
      undefined,
      undefined,
    ])
  })

  test('the discount of a plan comes back with every purchase once, and goes back with its refund', async () => {
    const id = await shop.person(406)
    await shop.pay(id, 130n)
    await buy(id, 'b6')
    expect(await planDiscount(shop.db, id)).toBe(10)
    const order = await shop.spend(id, 50n)
    await Promise.all([shop.follow(), shop.follow()])
    await shop.follow()
    expect(await shop.has(id)).toBe(55n)
    await shop.refundOrder(id, order, 50n)
    await shop.follow()
    await shop.follow()
    expect(await shop.has(id)).toBe(100n)
    await shop.db.rows(q`update subscriptions set state = 'ended' where person_id = ${id}`)
    await shop.spend(id, 50n)
    await shop.follow()
    expect([await shop.has(id), await planDiscount(shop.db, id)]).toEqual([50n, 0])
  })

  test('what a plan gives back of small purchases adds up to exactly its per cent', async () => {
    const id = await shop.person(407)
    await shop.pay(id, 60n)
    await buy(id, 'b7')
    const has: bigint[] = []
    for (let purchase = 0; purchase < 10; purchase++) {
      await shop.spend(id, 2n)
      await Promise.all([shop.follow(), shop.follow()])
      has.push(await shop.has(id))
    }
    // 10 % of 2 tokens, ten times, are 2 tokens: one after the fifth purchase and one after the tenth.
    expect(has).toEqual([28n, 26n, 24n, 22n, 21n, 19n, 17n, 15n, 13n, 12n])
  })

  test("Telegram's own renewal in Stars adds one period per charge", async () => {
    const id = await shop.person(405)
    const first = await shop.pay(id, 30n, { plan: 'plus' })
    await shop.follow()
    expect([await shop.has(id), (await current(id))!.paidWith]).toEqual([0n, 'stars'])
    await shop.pay(id, 30n, { repeats: first })
    await Promise.all([shop.follow(), shop.follow()])
    expect([await shop.has(id), (await current(id))!.period]).toEqual([0n, 2])
  })
})
