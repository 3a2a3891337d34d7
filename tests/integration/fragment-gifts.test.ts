import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { draftOrder } from '#shop/stars-premium/orders.ts'
import { quote } from '#shop/stars-premium/quote.ts'
import { knownRecipients } from '#shop/stars-premium/recipients.ts'
import { premiumWay } from '#shop/stars-premium/settings.ts'
import { newId } from '#shared/ids.ts'
import { ensurePerson } from '#shared/people.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/fragment-kit.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())("Premium given from the bot's own Stars", () => {
  let kit: Kit
  let friends = 900
  beforeAll(async () => {
    kit = await openKit({ FRAGMENT_REVIEW_AFTER_MS: '600000' })
    await kit.control('PATCH', '/bots/shop_bot', { stars: 100_000 })
    await kit.settings.set(kit.db, premiumWay, { value: 'bot-stars', bot: 'main', by: 1n })
    await kit.worker()
  })
  afterAll(() => kit.close())
  afterEach(() => kit.control('PUT', '/faults', []))

  const price = 149_900n
  /** A person who has started the bot, with a draft of six months for them and the money for it. */
  async function draft() {
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
    const person = await kit.person(price)
    const id = newId()
    await draftOrder(kit.db, {
      id,
      personId: person,
      bot: 'main',
      quote: await quote(kit.settings, undefined, 'main', { kind: 'premium', months: 6 }),
      recipients: await knownRecipients(kit.context, 'main', [username]),
    })
    return { id, person, friend, username }
  }
  /** The same draft, paid. */
  async function order(rule?: object) {
    const drafted = await draft()
    if (rule) await kit.control('POST', '/faults', { on: 'call', method: 'giftPremiumSubscription', ...rule })
    await kit.place(drafted.id, drafted.person)
    return drafted
  }
  const calls = async (friend: number) => {
    const all = await kit.control<{ params: { user_id: number } }[]>(
      'GET',
      '/requests?method=giftPremiumSubscription',
    )
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
