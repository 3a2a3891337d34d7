import { goods } from '#shop/goods.ts'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badgesOf, giveEarnedBadges } from '#shop/loyalty/levels/badges.ts'
import { invite } from '#shop/loyalty/referrals/referrals.ts'
import { readPlan } from '#shop/loyalty/subscriptions/plans.ts'
import { renewDue } from '#shop/loyalty/subscriptions/renew.ts'
import { buyPeriod } from '#shop/loyalty/subscriptions/subscriptions.ts'
import { readChange } from '#shop/loyalty/subscriptions/writing.ts'
import { OWNER, openAdminShop } from '../lib/admin-shop.ts'
import type { AdminShop } from '../lib/admin-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

const ANNA = 300
const ADMIN = 301
const READER = 302

describe.skipIf(!redisAvailable())('badges, plans and invitations in the admin panel', () => {
  let shop: AdminShop
  beforeAll(async () => {
    shop = await openAdminShop({ workers: ['bot'] })
    await shop.person(ANNA, 'Anna')
    await shop.person(ADMIN, 'Alex')
    await shop.person(READER, 'Rita')
    const people = [OWNER, ANNA, ADMIN, READER]
    for (const id of people) await shop.say(id, '/start')
    for (const id of people) await shop.sees(id, 'Balance')
    await shop.db.rows(q`
      insert into admins (bot, person_id, role, added_by)
      values ('main', ${ADMIN}, 'admin', ${OWNER}), ('main', ${READER}, 'read-only', ${OWNER})`)
  })
  afterAll(() => shop?.close())

  const held = async () =>
    (await badgesOf(shop.db, BigInt(ANNA))).filter(({ givenAt }) => givenAt).map(({ code }) => code)

  test('gives a badge once, tells the person, and takes it back; an earned one is nobody’s to take', async () => {
    await shop.say(ADMIN, `/find ${ANNA}`)
    await shop.press(ADMIN, 'Badges')
    const list = await shop.sees(ADMIN, 'Badges of 300')
    const give = list.inline_keyboard!.flat().find(({ text }) => text.includes('Give 🎖'))!.callback_data!
    await Promise.all([1, 2, 3].map(() => shop.pressData(ADMIN, list.message_id, give)))
    await shop.sees(ANNA, 'New badge: Friend of the shop')
    await eventually(async () => (await shop.audits('badge.given')).length > 0)
    expect(await held()).toEqual(['friend-of-the-shop'])
    expect(await shop.audits('badge.given')).toEqual([
      { actor: BigInt(ADMIN), target: 'person 300', details: { badge: 'friend-of-the-shop' } },
    ])
    await shop.press(ADMIN, 'Take 🎖')
    await eventually(async () => (await held()).length === 0)
    expect(await shop.audits('badge.taken')).toHaveLength(1)

    await shop.db.rows(q`
      insert into activities (bot, person_id, kind, xp, idempotency_key, digest)
      select 'main', ${ANNA}, 'training', 1, 'a' || n, 'x' from generate_series(1, 100) n`)
    await shop.db.tx((tx) => giveEarnedBadges(tx, goods, new Map([[BigInt(ANNA), 'main']])))
    expect(await held()).toEqual(['regular'])
    await shop.say(ADMIN, `/find ${ANNA}`)
    await shop.press(ADMIN, 'Badges')
    const earned = await shop.sees(ADMIN, 'Regular · earned')
    expect(earned.inline_keyboard!.flat().filter(({ text }) => text.includes('Regular'))).toEqual([])
    // A person whose role was taken away meanwhile, or never was enough, presses in vain.
    await shop.db.rows(q`update admins set role = 'read-only' where person_id = ${ADMIN}`)
    const refused = await shop.press(ADMIN, 'Give 🎖')
    expect(refused.text).toMatch(/role/i)
    await shop.db.rows(q`update admins set role = 'admin' where person_id = ${ADMIN}`)
    expect(await held()).toEqual(['regular'])
    await shop.say(READER, `/find ${ANNA}`)
    const page = await shop.sees(READER, 'Anna')
    expect(page.inline_keyboard!.flat().filter(({ text }) => text.includes('Badges'))).toEqual([])
  })

  test('a plan is made, sold, made dearer and retired; who has it renews at the price that they agreed to', async () => {
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Plans')
    await shop.press(OWNER, 'New plan')
    await shop.sees(OWNER, 'one line: the code')
    await shop.say(OWNER, 'week days=7 tokens=8 stars=5 ru=Неделя en=Week')
    await shop.sees(OWNER, 'Only plans of 30 days are sold for Stars')
    await shop.say(OWNER, 'week days=4000 tokens=8 ru=Неделя en=Week')
    await shop.sees(OWNER, 'days: from 1 to 3,650')
    await shop.say(
      OWNER,
      'week days=7 tokens=8 discount=5 pictures=3 ru="Проба на неделю" en="A week to try"',
    )
    await shop.sees(OWNER, /Before: —\nAfter: .*A week to try, days: 7, price: 8 tokens/s)
    expect(await readPlan(shop.db, 'week')).toBeUndefined()
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /A week to try.*week\s+on sale/s)
    expect(await readPlan(shop.db, 'week')).toMatchObject({
      name: { ru: 'Проба на неделю', en: 'A week to try' },
      days: 7,
      priceTokens: 8n,
      priceStars: null,
      discountPercent: 5,
      limits: { 'pictures-at-once': 3 },
      active: true,
    })
    await shop.give(ANNA, 60n)
    const buy = (reference: string) =>
      shop.db.tx((tx) =>
        buyPeriod(tx, {
          payer: BigInt(ANNA),
          personId: BigInt(ANNA),
          plan: 'week',
          bot: 'main',
          renews: true,
          reference,
        }),
      )
    await buy('w1')
    await shop.press(OWNER, 'Change')
    await shop.say(OWNER, 'tokens=12')
    await shop.sees(OWNER, /Before: .*price: 8 tokens.*After: .*price: 12 tokens/s)
    expect(await readPlan(shop.db, 'week')).toMatchObject({ priceTokens: 8n })
    await shop.press(OWNER, 'Save')
    await shop.sees(OWNER, /days: 7, price: 12 tokens|price: 12 tokens/)
    await shop.press(OWNER, 'Retire')
    await shop.sees(OWNER, /Before: sold in every bot/)
    await shop.press(OWNER, 'Yes, take it off sale')
    await shop.sees(OWNER, 'retired: not sold')
    await expect(buy('w2')).rejects.toMatchObject({ code: 'subscription.unknown' })
    await shop.db.rows(q`update subscriptions set expires_at = now() where person_id = ${ANNA}`)
    await renewDue(shop.db)
    expect(await shop.money(ANNA)).toBe(60n - 8n - 8n)
    await shop.sees(ANNA, /A week to try was renewed for 8 tokens/)
    expect((await shop.audits('plan.created')).map(({ actor, target }) => [actor, target])).toEqual([
      [BigInt(OWNER), 'week'],
    ])
    expect(await shop.audits('plan.changed')).toMatchObject([{ details: { priceTokens: '12' } }])
    expect(await shop.audits('plan.retired')).toHaveLength(1)
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, 'Plans')
    await shop.press(OWNER, 'New plan')
    await shop.say(OWNER, 'week days=7 tokens=1 ru=a en=b')
    await shop.sees(OWNER, 'There is a plan week already')
    // An admin may look at plans; their prices are the owner's.
    await shop.say(ADMIN, '/admin')
    await shop.press(ADMIN, 'Plans')
    await shop.press(ADMIN, 'A week to try')
    await shop.sees(ADMIN, 'Subscribers: 1')
    const shown = await shop.sees(ADMIN, 'Subscribers: 1')
    expect(shown.inline_keyboard!.flat().filter(({ text }) => text === 'Sell again')).toEqual([])
    expect((await readPlan(shop.db, 'week'))!.active).toBe(false)
  })

  test.each([
    '',
    'tokens',
    'tokens=1 tokens=2',
    'price=5',
    'tokens=-1',
    'ru=Да',
    'days=1.5',
    'tokens=5 and more',
  ])('a line that does not say how to change a plan is refused: %j', (text) => {
    expect(() => readChange(text)).toThrow(/plan\.(line|invalid)/)
  })

  test('invitations are counted with what they brought, the rules are a press away, and a person’s own are on their page', async () => {
    for (const id of [310, 311]) {
      await shop.db.rows(q`insert into persons (id, first_name) values (${id}, 'F')`)
      await shop.db.rows(q`insert into bot_sessions (bot, person_id) values ('main', ${id})`)
      const guest = { personId: BigInt(id), inviterId: BigInt(ANNA), bot: 'main' }
      expect(await shop.db.tx((tx) => invite(tx, guest))).toBe('counted')
    }
    await shop.db.rows(q`
      insert into referral_rewards (source, payment, level, inviter_id, invited_id, bot, asset, amount, state, due_at)
      values ('a', 'pay-a', 1, ${ANNA}, 310, 'main', 'TOK', 7, 'paid', now()),
             ('b', 'pay-b', 1, ${ANNA}, 310, 'main', 'TOK', 5, 'held', now() + interval '1 day'),
             ('c', 'pay-c', 1, ${ANNA}, 311, 'main', 'TOK', 3, 'cancelled', now())`)
    await shop.say(READER, '/admin')
    await shop.press(READER, '🤝 Invitations')
    const report = await shop.sees(READER, 'Invited: 2 by 1, of them paying: 1')
    const text = report.text!
    expect(text).toMatch(/paid: 7 tokens\s+Waiting: 5 tokens\s+Cancelled with refunds: 3 tokens/)
    expect(text).toMatch(/Rules: 10 % \/ 2 % of a payment, after 21 days/)
    expect(text).toContain('1. Anna · 2 (1)')
    expect(report.inline_keyboard!.flat().map(({ text: key }) => key)).not.toContain('Per cent')
    await shop.press(READER, /^Anna/)
    await shop.sees(READER, /Invited: 2, paying: 1 · received 7 tokens · waiting 5 tokens/)
    await shop.say(OWNER, '/admin')
    await shop.press(OWNER, '🤝 Invitations')
    await shop.press(OWNER, 'Per cent')
    await shop.sees(OWNER, '10')
  })
})
