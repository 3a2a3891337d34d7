import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { draftOrder } from '#shop/stars-premium/orders.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { knownRecipients } from '#shop/stars-premium/recipients.ts'
import { premiumWay, telegramGiftPrices } from '#shop/stars-premium/settings.ts'
import type { Goods } from '#shop/stars-premium/supplier.ts'
import { remindOfEnds } from '#shop/stars-premium/worker/premium.ts'
import { TELEGRAM_GIFT } from '#shop/stars-premium/good.ts'
import { giftsOnSale } from '#shop/stars-premium/telegram-gifts.ts'
import { decisionsOn } from '#shop/stars-premium/offered-decisions.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import { readerIn } from '#shared/reader.ts'
import { newId } from '#shared/ids.ts'
import { ensurePerson } from '#shared/people.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

const TEDDY = { kind: 'telegram-gift', gift: '5170233102089322756', emoji: '🧸', stars: 15 } as const

describe.skipIf(!redisAvailable())("Premium and Telegram's gifts, given from the bot's own Stars", () => {
  let kit: Kit
  let friends = 900
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_REVIEW_AFTER_MS: '600000', FRAGMENT_TIMEOUT_MS: '30000' })
    await kit.control('PATCH', '/bots/shop_bot', { stars: 100_000 })
    await kit.settings.set(kit.db, premiumWay, { value: 'bot-stars', bot: 'main', by: 1n })
    await kit.settings.set(kit.db, telegramGiftPrices, {
      value: { [TEDDY.gift]: '49' },
      bot: 'main',
      by: 1n,
    })
    await kit.worker()
  })
  afterAll(() => kit.close())
  afterEach(() => kit.control('PUT', '/faults', []))

  const price = 149_900n
  /** A person who has started the bot. */
  async function befriend() {
    const friend = (friends += 1)
    const username = `friend_${friend}`
    await kit.control('POST', '/people', {
      id: friend,
      first_name: 'Friend',
      username,
      started: ['shop_bot'],
    })
    await ensurePerson(kit.db, BigInt(friend), 'main')
    await kit.db.rows({
      text: `update persons set username = $2, first_name = 'Friend' where id = $1`,
      values: [friend, username],
    })
    return friend
  }
  /** A draft of six months for a friend of the bot, and somebody with the money for it. */
  async function draft(goods: Goods = { kind: 'premium', months: 6 }, known?: number) {
    const friend = known ?? (await befriend())
    const username = `friend_${friend}`
    const person = await kit.person(goods.kind === 'premium' ? price : 4_900n)
    const id = newId()
    await draftOrder(kit.db, {
      id,
      personId: person,
      bot: 'main',
      quote: await quote(kit.settings, undefined, 'main', goods),
      recipients: await knownRecipients(kit.context, 'main', [username]),
    })
    return { id, person, friend, username }
  }
  /** The same draft, paid. */
  async function order(rule?: object, goods?: Goods, known?: number) {
    const drafted = await draft(goods, known)
    const method = goods ? 'sendGift' : 'giftPremiumSubscription'
    if (rule) await kit.control('POST', '/faults', { on: 'call', method, ...rule })
    await kit.place(drafted.id, drafted.person)
    return drafted
  }
  const calls = async (friend: number, method = 'giftPremiumSubscription') => {
    const all = await kit.control<{ params: { user_id: number } }[]>('GET', `/requests?method=${method}`)
    return all.filter(({ params }) => Number(params.user_id) === friend).length
  }
  const stars = async () => (await kit.control<{ stars: number }[]>('GET', '/bots'))[0]!.stars

  test('is delivered, paid by the bot with Stars, and captured', async () => {
    const before = await stars()
    const { id, person, friend } = await order()
    await kit.until(id, 'delivered')
    expect(before - (await stars())).toBe(1500)
    expect(await calls(friend)).toBe(1)
    expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
    expect(kit.simulator.state.orders.size).toBe(0)
  })

  test('who bought Premium is reminded once, three days before its end, unless later Premium follows', async () => {
    const [one, prolonged, later] = [await order(), await order(), await order()]
    for (const { id } of [one, prolonged, later]) await kit.until(id, 'delivered')
    await kit.db.rows({
      text: `update premium_activations set ends_at = now() + interval '50 hours' where order_id = any($1)`,
      values: [[one.id, prolonged.id]],
    })
    await kit.db.rows({
      text: `update premium_activations set recipient = upper($2) where order_id = $1`,
      values: [later.id, prolonged.username],
    })
    expect(await kit.db.tx((tx) => remindOfEnds(tx))).toBe(1)
    expect(await kit.db.tx((tx) => remindOfEnds(tx))).toBe(0)
    const reminders = await kit.db.rows({
      text: `select payload from outbox where key like '%premium-ends-%'`,
      values: [],
    })
    const params = { recipient: one.username, days: 3 }
    expect(reminders).toMatchObject([{ payload: { bot: 'main', personId: String(one.person), params } }])
  })

  test.each([{ do: { drop: 'after' } }, { do: { status: 502, after: true } }])(
    'a lost reply (%j) is settled by the list of transactions: one call, no failover',
    async (rule) => {
      const { id, person, friend } = await order(rule)
      await kit.until(id, 'delivered')
      expect(await calls(friend)).toBe(1)
      expect(kit.simulator.state.orders.size).toBe(0)
      expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
    },
  )

  test('a call that was cut off before it was carried out gives the money back, and is not repeated', async () => {
    const { id, person, friend } = await order({ do: { drop: 'before' } })
    await kit.until(id, 'unknown')
    await kit.givenUp(id, 'failed')
    expect(await calls(friend)).toBe(1)
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
  })

  test('a refusal of Telegram is final', async () => {
    const { id, person } = await order({ do: { status: 400, description: 'Bad Request: user not found' } })
    expect((await kit.until(id, 'failed')).details.reason).toBe('gift-refused')
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
  })

  test('F53 a bot without Stars keeps the order waiting, tells admins, and goes on when it has some', async () => {
    await kit.control('PATCH', '/bots/shop_bot', { stars: 10 })
    const { id, person } = await order()
    await eventually(async () => (await kit.alerts('fragment-alert-bot-stars')).length === 1)
    expect(await kit.money(person)).toMatchObject({ held: price })
    await kit.control('PATCH', '/bots/shop_bot', { stars: 100_000 })
    await eventually(async () => {
      await kit.hurry()
      return (await kit.state(id)) === 'delivered'
    })
  })

  test('a gift of Telegram’s is sent once, paid by the bot with Stars, and captured; also when its answer is lost', async () => {
    const before = await stars()
    for (const rule of [undefined, { do: { drop: 'after' } }]) {
      const { id, person, friend } = await order(rule, TEDDY)
      await kit.until(id, 'delivered')
      expect(await calls(friend, 'sendGift')).toBe(1)
      expect(await kit.money(person)).toMatchObject({ available: 0n, held: 0n })
      expect(await kit.control('GET', `/people/${friend}`)).toMatchObject({ gifts: [{ id: TEDDY.gift }] })
    }
    expect(before - (await stars())).toBe(30)
  })

  test('Telegram is asked once for all gifts on the keys, and never for the least price', async () => {
    const asked = async () =>
      (await kit.control<unknown[]>('GET', '/requests?method=getAvailableGifts')).length
    const before = await asked()
    const offered = await TELEGRAM_GIFT.offered(kit.context, 'main')
    expect(offered.map(({ goods }) => goods)).toContainEqual(TEDDY)
    expect(await TELEGRAM_GIFT.from(kit.context.settings, 'main')).toBe(4_900n)
    expect(await asked()).toBe(before + 1)
  })

  test('what Telegram has no more of, or nobody takes, gives the money back; sold out before payment takes none', async () => {
    const limited = (left: number) => kit.control('PUT', `/gifts/${TEDDY.gift}`, { total: 9, left })
    await limited(9)
    const refused = { do: { status: 400, description: 'Bad Request: STARGIFT_USAGE_LIMITED' } }
    const sold = await order(refused, TEDDY)
    expect((await kit.until(sold.id, 'failed')).details.reason).toBe('gift-sold-out')
    expect(await kit.money(sold.person)).toMatchObject({ available: 4_900n, held: 0n })
    const friend = await befriend()
    const accepted_gift_types = { limited_gifts: false }
    await kit.control('PATCH', `/people/${friend}`, { profile: { accepted_gift_types } })
    const unwanted = await order(undefined, TEDDY, friend)
    expect((await kit.until(unwanted.id, 'failed')).details.reason).toBe('gift-refused')
    const late = await draft(TEDDY)
    await limited(0)
    expect(await giftsOnSale(kit.context, 'main')).toEqual([])
    await expect(kit.place(late.id, late.person)).rejects.toMatchObject({ code: 'gift.gone' })
    await limited(9)
    const dearer = await draft({ ...TEDDY, stars: 14 })
    await expect(kit.place(dearer.id, dearer.person)).rejects.toMatchObject({ code: 'gift.gone' })
    expect(await kit.money(late.person)).toMatchObject({ available: 4_900n, held: 0n })
  })

  test('of two orders for one gift to one person, both in doubt, none takes the other’s: an admin has the list and decides', async () => {
    const friend = await befriend()
    // A gift whose order is known is nobody's else.
    await kit.until((await order(undefined, TEDDY, friend)).id, 'delivered')
    const cut = await order({ do: { drop: 'before' } }, TEDDY, friend)
    await kit.until(cut.id, 'unknown')
    const lost = await order({ do: { drop: 'after' } }, TEDDY, friend)
    await kit.until(lost.id, 'unknown')
    await kit.hurry()
    await kit.resting()
    expect([await kit.state(cut.id), await kit.state(lost.id)]).toEqual(['unknown', 'unknown'])
    const told = await kit.givenUp(cut.id)
    expect(told.details.facts).toMatchObject({ given: [expect.any(String)], rivals: 1 })
    const reader = readerIn(loadTexts(), 'en')
    const { lines } = await decisionsOn({ ...reader, app: kit.context }, told)
    expect(lines.join(' ')).toMatch(/list of Stars: 1 such gift[^]*<tg-time[^]*outcome is unknown: 1/)
    expect(await calls(friend, 'sendGift')).toBe(3)
    // The admin's word about the one leaves the gift of the list to the other.
    await kit.decide(cut.id, 'failed', { by: 1n, bot: 'main', reason: 'asked the friend' })
    expect(await kit.money(cut.person)).toMatchObject({ available: 4_900n, held: 0n })
    // Whichever of the two was looked at first, the other one has its end by the list or by the admin.
    await eventually(async () => {
      await kit.hurry()
      return ['delivered', 'review'].includes(await kit.state(lost.id))
    })
    expect(await calls(friend, 'sendGift')).toBe(3)
  })

  test('is not given to who had the name before, neither when it is picked nor when it is paid', async () => {
    const { id, person, friend, username } = await draft()
    const picks = () => knownRecipients(kit.context, 'main', [username])
    expect(await picks()).toMatchObject([{ telegramId: String(friend) }])
    // The friend has not written to the bot since, so the shop's own table still has the old name.
    await kit.control('PATCH', `/people/${friend}`, { username: `other_${friend}` })
    await expect(picks()).rejects.toMatchObject({ code: 'recipient.not-here' })
    await expect(kit.place(id, person)).rejects.toMatchObject({ code: 'recipient.not-here' })
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
  })

  test('is not sold while Telegram does not tell who has the name', async () => {
    const { id, person } = await draft()
    await kit.control('POST', '/faults', { on: 'call', method: 'getChat', do: { status: 502 } })
    await expect(kit.place(id, person)).rejects.toMatchObject({ code: 'recipient.check' })
    expect(await kit.money(person)).toMatchObject({ available: price, held: 0n })
    expect(await kit.place(id, person)).toMatchObject({ outcome: 'reserved' })
  })

  test('is not offered to somebody who has not started the bot or has blocked it', async () => {
    await expect(knownRecipients(kit.context, 'main', ['stranger'])).rejects.toMatchObject({
      code: 'recipient.not-here',
    })
    const { friend } = await order()
    await kit.db.rows({
      text: 'update bot_sessions set blocked_at = now() where person_id = $1',
      values: [friend],
    })
    await expect(knownRecipients(kit.context, 'main', [`friend_${friend}`])).rejects.toMatchObject({
      code: 'recipient.not-here',
    })
  })
})
