import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { owe } from '#shared/queue/outbox.ts'
import { refreshCard } from '#shop/stars-premium/jobs.ts'
import { telegramGiftPrices } from '#shop/stars-premium/settings.ts'
import { eventually } from '../lib/eventually.ts'
import { type Kit, openKit } from '../lib/stars-premium-kit.ts'
import { openPhone } from '../lib/phone.ts'
import { redisAvailable } from '../lib/requirements.ts'

const [TEDDY, HEART] = ['5170233102089322756', '5170145012310081615']

describe.skipIf(!redisAvailable())('a buyer of Stars and Premium in the bot', () => {
  let kit: Kit
  let next = 5000
  beforeAll(async () => {
    // No test of this file waits for a silent supplier, so a slow supplier gets all the time that it needs.
    kit = await openKit({ FRAGMENT_TIMEOUT_MS: '20000', FRAGMENT_REVIEW_AFTER_MS: '60000' })
    await kit.control('PUT', '/settings', { chatPerSecond: 0 })
    const value = { [TEDDY]: '49', [HEART]: '55' }
    await kit.settings.set(kit.db, telegramGiftPrices, { value, bot: 'main', by: 1n })
    await Promise.all([kit.gateway(), kit.worker('bot', 'billing', 'fragment')])
  })
  afterAll(() => kit.close())

  async function phone(person: { username?: string; rub?: bigint; tok?: bigint; language?: string } = {}) {
    const id = (next += 1)
    const { username = `buyer_${id}`, language = 'en' } = person
    await kit.control('POST', '/people', {
      id,
      first_name: 'Buyer',
      ...(username && { username }),
      language_code: language,
    })
    const opened = openPhone(`${kit.telegram.url}/control`, 'shop_bot', id)
    await opened.start()
    await opened.hears(language === 'ru' ? /Магазин/ : /Shop/)
    if (person.rub) await kit.give(BigInt(id), person.rub)
    if (person.tok) await kit.give(BigInt(id), person.tok, 'TOK')
    return { ...opened, id: BigInt(id), username }
  }

  test('buys for themselves in four taps and watches one card through honest states', async () => {
    const me = await phone({ rub: 100_000n })
    // The reseller delivers only after the card has been seen in its first state.
    kit.simulator.state.faults.push({
      on: 'order',
      username: me.username,
      what: { kind: 'stuck', at: 'PENDING' },
    })
    await me.press(/Stars/)
    await me.press(/For me/)
    const card = await me.hears(/this cannot be undone/)
    expect(card.text).toContain(`@${me.username}`)
    await me.press(/^100 ·/)
    await me.hears(/Left afterwards/)
    expect((await me.press(/Buy for/)).text).toBe('Accepted')
    await me.hears(/the money is reserved/)
    const bought = await eventually(() => kit.bought(me.username), { what: 'the purchase' })
    await kit.finish(bought.id, 'COMPLETED')
    const done = await me.hears(/Delivered/)
    const live = await eventually(async () =>
      (await me.messages()).find((one) => /Price:/.test(one.text ?? '') && /Delivered/.test(one.text ?? '')),
    )
    expect(live.edits.some((edit) => /reserved/.test(edit.text ?? ''))).toBe(true)
    expect(done).toBeDefined()
    expect(kit.deliveries(me.username)).toMatchObject([{ quantity: 100 }])
    expect((await kit.money(me.id)).available).toBe(82_000n)

    await me.press(/My purchases/)
    await me.hears(/100 · @buyer.*\n.*delivered|delivered/s)
  })

  test('a card that the bot gets to know only when its order is over shows the end all the same', async () => {
    const me = await phone({ rub: 100_000n })
    await me.press(/Stars/)
    await me.press(/For me/)
    await me.press(/^50 ·/)
    await me.hears(/Left afterwards/)
    // The bot learns which message is the card only when the order is over.
    await kit.control('POST', '/faults', {
      on: 'call',
      method: 'editMessageText',
      chat: Number(me.id),
      do: { delay_ms: 2_000 },
    })
    expect((await me.press(/Buy for/)).text).toBe('Accepted')
    const card = await eventually(
      async () =>
        (await me.messages()).find(
          (one) => /Price:/.test(one.text ?? '') && /Delivered/.test(one.text ?? ''),
        ),
      { what: 'the card says that it is delivered' },
    )
    expect(card.edits.length).toBeGreaterThan(0)
  })

  test('tops up just the difference with Telegram Stars, and the order goes on by itself', async () => {
    const me = await phone({ tok: 10n })
    await me.press(/Stars/)
    await me.press(/For me/)
    await me.press(/^50 ·/)
    // 90 roubles are 12 tokens at 8 roubles; 10 are there.
    await me.press(/Pay 2\stokens more and buy/)
    await me.hears(/2\stokens short/)
    expect((await me.payWith(/Pay 10\s⭐/)).outcome).toBe('paid')
    await me.hears(/Delivered/)
    expect(kit.deliveries(me.username)).toHaveLength(1)
    expect(await kit.money(me.id, 'TOK')).toMatchObject({ available: 0n, held: 0n })
  })

  test.each([
    {
      language: 'en',
      words: {
        stars: /Stars/,
        self: /For me/,
        short: /Pay ₽80 more and buy/,
        lacks: /₽80 short/,
        others: /Top up ₽80/,
        ways: /You are ₽80 short/,
        starsWay: /Telegram Stars/,
        waits: /Not finished: 50 Stars\. You are ₽80 short/,
        pay: /Pay ₽80/,
        all: /How would you like to top up/,
      },
    },
    {
      language: 'ru',
      words: {
        stars: /Звёзды/,
        self: /Себе/,
        short: /Доплатить 80\s₽ и купить/,
        lacks: /Не хватает 80\s₽/,
        others: /Пополнить на 80\s₽/,
        ways: /Не хватает 80\s₽\. Как пополнить/,
        starsWay: /Звёзды Telegram/,
        waits: /Не закончено: 50 звёзд\. Не хватает: 80\s₽/,
        pay: /Доплатить 80\s₽/,
        all: /Как пополнить баланс/,
      },
    },
  ])(
    'a shortage of roubles offers no way that does not complete the order, and the order stands in the menu: $language',
    async ({ language, words }) => {
      const me = await phone({ rub: 1_000n, language })
      await me.press(words.stars)
      await me.press(words.self)
      await me.press(/^50 ·/)
      await me.press(words.short)
      await me.hears(words.lacks)
      await me.press(words.others)
      const ways = await me.hears(words.ways)
      const keys = ways.inline_keyboard!.flat().map(({ text }) => text)
      expect(keys.filter((key) => words.starsWay.test(key))).toEqual([])
      // A late job for the order's card leaves the message alone that now shows the ways.
      const [order] = await kit.db.rows(q<{ id: string }>`
        select id from orders where person_id = ${me.id} and state = 'awaiting_payment'`)
      await owe(kit.db, refreshCard, { orderId: order!.id, version: 'late' })
      await eventually(
        async () =>
          (
            await kit.db.rows(q`
              select 1 from outbox where key = ${`card-${order!.id}-late`} and state = 'done'`)
          ).length,
      )
      expect((await me.messages()).filter(({ text }) => words.ways.test(text ?? ''))).toHaveLength(1)
      await me.say('/menu')
      await me.hears(words.waits)
      await me.key(words.pay)
      // Without an order, a pack of tokens is offered as one way among the others.
      await me.say('/topup')
      await me.hears(words.all)
      await me.key(words.starsWay)
      // The order goes on with money that comes by any way.
      await kit.give(me.id, 8_000n)
      await kit.resumeNow()
      await eventually(() => kit.deliveries(me.username).length === 1, { what: 'the order goes on' })
      expect((await kit.money(me.id)).available).toBe(0n)
    },
  )

  test('more Stars than one invoice takes are paid in parts: the card asks for the rest, and then the order goes on', async () => {
    const me = await phone({ tok: 1n })
    await me.press(/Stars/)
    await me.press(/For me/)
    // 360,000 roubles are 45,000 tokens at 8 roubles, and the lacking ones cost 224,995 Stars.
    await me.press(/Another amount/)
    await me.say('200000')
    await me.press(/Pay 44,999\stokens more and buy/)
    await me.hears(/44,999\stokens short/)
    expect((await me.payWith(/Pay 100,000\s⭐ · 1 of 3 payments/)).outcome).toBe('paid')
    await me.press(/Top up/)
    await me.hears(/24,999\stokens short/)
    expect((await me.payWith(/Pay 100,000\s⭐ · 1 of 2 payments/)).outcome).toBe('paid')
    await me.press(/Top up/)
    await me.hears(/[^2]4,999\stokens short/)
    expect((await me.payWith(/Pay 24,995\s⭐$/)).outcome).toBe('paid')
    await me.hears(/Delivered/)
    expect(kit.deliveries(me.username)).toMatchObject([{ quantity: 200_000 }])
    expect(await kit.money(me.id, 'TOK')).toMatchObject({ available: 0n, held: 0n })
  })

  test('gives Premium to a friend, who is told to have it already, and sees until when it runs', async () => {
    const me = await phone({ rub: 200_000n })
    await me.press(/Premium/)
    await me.press(/somebody else/)
    await me.say('https://t.me/Mr_Premium')
    await me.hears(/has Premium already/)
    await me.press(/^6 months/)
    await me.press(/Buy for/)
    await me.hears(/Premium for 6 months.*active/)
    await me.press(/My purchases/)
    await me.press(/My Premium/)
    await me.hears(/Mr_Premium.*6 mo\. · until/)
  })

  test('gives one of Telegram’s own gifts: what is sold out is not on the keys, and the bot’s Stars pay it', async () => {
    const me = await phone({ rub: 10_000n })
    await kit.control('PATCH', '/bots/shop_bot', { stars: 20 })
    await kit.control('PUT', `/gifts/${HEART}`, { total: 1, left: 0 })
    await me.press(/Gifts/)
    await me.hears(/must have opened this bot/)
    await me.press(/For me/)
    await me.hears(/Which gift/)
    expect((await me.keys()).some(({ text }) => text.includes('55'))).toBe(false)
    await me.press(/^🧸 · ₽49/)
    await me.hears(/🧸 Telegram gift[^]*Left afterwards: ₽51/)
    await me.press(/Buy for/)
    await me.hears(/🧸 The gift is delivered/)
    expect(await kit.control('GET', `/people/${me.id}`)).toMatchObject({ gifts: [{ id: TEDDY }] })
    await me.say('/balance')
    await me.hears(/Telegram gift · 🧸 · @buyer/)
  })

  test('buys for several people at once, each a purchase of their own', async () => {
    const me = await phone({ rub: 50_000n })
    await me.say('/stars @anna_s, @boris_s, @clara_s')
    await me.hears(/Anna S/)
    await me.press(/^50 ·/)
    await me.press(/Buy for/)
    await me.hears(/3 of 3 delivered/)
    const end = (await me.messages()).find((one) => /3 of 3 delivered/.test(one.text ?? ''))!
    expect(end.text).not.toMatch(/the others/)
    for (const name of ['anna_s', 'boris_s', 'clara_s']) expect(kit.deliveries(name)).toHaveLength(1)
    expect((await kit.money(me.id)).available).toBe(50_000n - 27_000n)
  })

  test('people are picked from the contacts; who has no username is named, and the keyboard goes away again', async () => {
    const me = await phone({ rub: 50_000n })
    await kit.control('POST', '/people', [
      { id: 4001, first_name: 'Olga', username: 'olga_friend' },
      { id: 4002, first_name: 'Pavel' },
      { id: 4003, first_name: 'Rita', username: 'rita_friend' },
    ])
    await me.press(/Stars/)
    await me.press(/somebody else/)
    await me.pick(/Choose from contacts/, [4001, 4002])
    await me.hears(/Pavel has no @username/)
    // The question and its keys are still there.
    await me.pick(/Choose from contacts/, [4001, 4003])
    await me.hears(/Chosen: Olga Friend, Rita Friend/)
    expect(await me.replyKeys()).toEqual([])
    await me.press(/^50 ·/)
    await me.press(/Buy for/)
    await me.hears(/2 of 2 delivered/)
    for (const name of ['olga_friend', 'rita_friend']) expect(kit.deliveries(name)).toHaveLength(1)
    expect((await kit.money(me.id)).available).toBe(50_000n - 18_000n)
  })

  test('the keyboard for contacts does not stick: typing a name, going back and any command take it away', async () => {
    const me = await phone({ rub: 10_000n })
    const ask = async () => {
      await me.press(/somebody else/)
      await eventually(async () => (await me.replyKeys()).length === 1)
    }
    const gone = () => eventually(async () => (await me.replyKeys()).length === 0)
    await me.press(/Premium/)
    await ask()
    await me.say('@good_name')
    await me.hears(/Good Name/)
    await gone()
    await me.press(/Back/)
    await ask()
    await me.press(/Back/)
    await gone()
    await ask()
    await me.say('/balance')
    await gone()
    await me.hears(/Contacts are closed/)
  })

  test.each([
    ['@аlice', /not a Latin letter/],
    ['ali ce', /contains a space/],
    ['a', /not a @username/],
    ['ghost_of_nobody', /no profile @ghost/],
    ['@a1, @b2, @c3, @d4, @e5, @f6, @g7, @h8, @i9, @j10, @k11', /At most 10/],
  ])('the name %s is refused with a clear answer and no charge', async (name, answer) => {
    const me = await phone({ rub: 10_000n })
    await me.press(/Stars/)
    await me.press(/somebody else/)
    await me.say(name)
    await me.hears(answer)
    // The question is still open, so a good name goes on.
    await me.say('@good_name')
    await me.hears(/Good Name/)
    expect((await kit.money(me.id)).available).toBe(10_000n)
  })

  test.each([
    ['49', /From 50 to 1,000,000/],
    ['1000001', /From 50 to 1,000,000/],
    ['1e6', /not a number/],
    ['сто', /not a number/],
    ['1,000', /not a number/],
  ])('the quantity %s is refused with a clear answer and no charge', async (quantity, answer) => {
    const me = await phone({ rub: 10_000n })
    await me.press(/Stars/)
    await me.press(/For me/)
    await me.press(/Another amount/)
    await me.say(quantity)
    await me.hears(answer)
    expect((await kit.money(me.id)).available).toBe(10_000n)
  })

  test.each([
    ['is given up', { exists: false }, /no profile @moved_on/],
    ['belongs to somebody else by now', { name: 'Another Person' }, /another profile/],
  ])('a username that %s between quote and payment is refused with no charge', async (_, profile, answer) => {
    const me = await phone({ rub: 10_000n })
    await me.press(/Stars/)
    await me.press(/somebody else/)
    await me.say('@moved_on')
    await me.hears(/Moved On/)
    await me.press(/^50 ·/)
    await me.hears(/Left afterwards/)
    kit.simulator.state.profiles.set('moved_on', { exists: true, name: null, hasPremium: false, ...profile })
    expect((await me.press(/Buy for/)).text).toMatch(answer)
    kit.simulator.state.profiles.delete('moved_on')
    expect(await kit.money(me.id)).toMatchObject({ available: 10_000n, held: 0n })
    expect(kit.posts('moved_on')).toHaveLength(0)
  })

  test('one month of Premium is not for sale, whatever a changed client sends', async () => {
    const me = await phone({ rub: 100_000n })
    await me.press(/Premium/)
    await me.press(/For me/)
    await me.hears(/For how long/)
    expect((await me.forge('sale-pick:premium:1')).text).toMatch(/out of date/)
    const [row] = await kit.db.rows(
      q<{ n: bigint }>`select count(*) as n from orders where person_id = ${me.id}`,
    )
    expect(row!.n).toBe(0n)
  })

  test('F65 a button with changed data or of another person does nothing', async () => {
    const me = await phone({ rub: 10_000n })
    const thief = await phone({ rub: 10_000n })
    await me.press(/Stars/)
    await me.press(/For me/)
    await me.press(/^50 ·/)
    const pay = await eventually(async () => (await me.keys()).find((key) => /Buy for/.test(key.text)))
    const data = pay.callback_data!
    expect((await thief.forge(data)).text).toMatch(/out of date/)
    expect((await me.forge(data.replace('RUB', 'TOK'))).text).toMatch(/out of date/)
    expect((await kit.money(me.id)).held).toBe(0n)
  })

  test('F60 a double tap on buy is one order', async () => {
    const me = await phone({ rub: 100_000n })
    await me.press(/Stars/)
    await me.press(/For me/)
    await me.press(/^50 ·/)
    const pay = await eventually(async () => (await me.keys()).find((key) => /Buy for/.test(key.text)))
    await Promise.all([
      me.forge(pay.callback_data!),
      me.forge(pay.callback_data!),
      me.forge(pay.callback_data!),
    ])
    await me.hears(/Delivered/)
    expect(kit.deliveries(me.username)).toHaveLength(1)
    expect((await kit.money(me.id)).available).toBe(91_000n)
  })

  test('somebody without a username learns why nothing can be delivered to them', async () => {
    const me = await phone({ username: '' })
    await me.press(/Stars/)
    expect((await me.press(/For me/)).text).toMatch(/no @username/)
  })

  test('speaks Russian with forms that fit the number', async () => {
    const me = await phone({ rub: 100_000n, language: 'ru' })
    await me.press(/Звёзды/)
    await me.press(/Себе/)
    await me.press(/Другое количество/)
    await me.say('1 001')
    await me.hears(/1\s001 звезда/)
  })
})
