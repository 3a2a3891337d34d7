import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKey, listKeys, revokeKey } from '#shop/balance-api/keys.ts'
import { orderStory } from '#shared/money/orders.ts'
import { contentBought } from '#shop/shelf/content.ts'
import { shelfOf } from '../lib/shelf.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('the Balance API', () => {
  let shop: ApiShop
  let bot: Awaited<ReturnType<ApiShop['caller']>>
  beforeAll(async () => {
    shop = await openApiShop()
    bot = await shop.caller('trainer')
  })
  afterAll(() => shop.close())

  const balanceOf = async (person: string, asset: string) =>
    (await bot.call('GET', `/v1/users/${person}/balance`)).body['balances'].find(
      (one: { asset: string }) => one.asset === asset,
    )

  test('a person is unknown until somebody writes them down, and ids beyond 2^53 stay exact (F74)', async () => {
    const id = '9007199254740993'
    expect((await bot.call('GET', `/v1/users/${id}`)).status).toBe(404)
    expect((await bot.entry(id, 'EUR', '1', 'unknown-1')).status).toBe(404)
    const created = await bot.call('PUT', `/v1/users/${id}`, {
      firstName: 'Ada',
      username: 'ada',
      language: 'en',
    })
    expect([created.status, created.body['telegramId'], created.body['level']]).toEqual([201, id, 1])
    const again = await bot.call('PUT', `/v1/users/${id}`, { lastName: 'L' })
    expect([again.status, again.body['firstName'], again.body['lastName']]).toEqual([200, 'Ada', 'L'])
    expect((await bot.entry(id, 'SOL', '9007199.254740993', 'big-1')).status).toBe(201)
    expect(await balanceOf(id, 'SOL')).toEqual({
      asset: 'SOL',
      available: '9007199.254740993',
      held: '0.000000000',
    })
    const [row] = await shop.db.rows(q<{ id: bigint }>`select id from persons where username = 'ada'`)
    expect(row!.id).toBe(9007199254740993n)
  })

  test('the same Idempotency-Key and body give the same answer and move money once', async () => {
    await bot.call('PUT', '/v1/users/1', {})
    const first = await bot.entry('1', 'EUR', '50', 'top-up')
    const again = await Promise.all(
      Array.from({ length: 20 }, () => bot.entry('1', 'EUR', '50.00', 'top-up')),
    )
    expect(first.status).toBe(201)
    for (const one of again) expect([one.status, one.body]).toEqual([201, first.body])
    expect((await balanceOf('1', 'EUR')).available).toBe('50.00')
  })

  test('the same Idempotency-Key with another body is 409, be it only the description', async () => {
    await bot.call('PUT', '/v1/users/2', {})
    await bot.entry('2', 'EUR', '5', 'once', 'coffee')
    for (const [amount, words] of [
      ['6', 'coffee'],
      ['5', 'tea'],
    ] as const) {
      const other = await bot.entry('2', 'EUR', amount, 'once', words)
      expect([other.status, other.body['code']]).toEqual([409, 'idempotency-conflict'])
      expect(other.headers.get('content-type')).toMatch('application/problem+json')
    }
    expect((await balanceOf('2', 'EUR')).available).toBe('5.00')
    // The idempotency keys of another bot are a name space of their own.
    const other = await shop.caller('other')
    expect((await other.entry('2', 'EUR', '7', 'once')).status).toBe(201)
  })

  test('too little money is 422 and the key may be used again when there is more', async () => {
    await bot.call('PUT', '/v1/users/3', {})
    await bot.entry('3', 'TOK', '10', 'a')
    const poor = await bot.entry('3', 'TOK', '-11', 'b')
    expect([poor.status, poor.body['code']]).toEqual([422, 'balance-insufficient'])
    await bot.entry('3', 'TOK', '1', 'c')
    expect((await bot.entry('3', 'TOK', '-11', 'b')).body['balanceAfter']).toBe('0')
  })

  test('input that is not what the description says is 400 and moves nothing', async () => {
    await bot.call('PUT', '/v1/users/4', {})
    for (const [asset, amount] of [
      ['EUR', '0'],
      ['EUR', '1.234'],
      ['EUR', '1e3'],
      ['EUR', 'NaN'],
      ['EUR', ''],
      ['XTR', '5'],
      ['BTC', '1'],
      ['EUR', '99999999999999999999'],
    ] as const) {
      expect((await bot.entry('4', asset, amount, `bad-${asset}-${amount}`)).status, amount).toBe(400)
    }
    const number = await bot.call(
      'POST',
      '/v1/users/4/entries',
      { asset: 'EUR', amount: 5 },
      { 'idempotency-key': 'n' },
    )
    const noKey = await bot.call('POST', '/v1/users/4/entries', { asset: 'EUR', amount: '5' })
    const extra = await bot.call('PUT', '/v1/users/4', { admin: true })
    const id = await bot.call('GET', '/v1/users/9223372036854775808')
    expect([number.status, noKey.status, extra.status, id.status]).toEqual([400, 400, 400, 400])
    expect((await bot.call('GET', '/v1/users/4/balance')).body['balances']).toEqual([])
    expect((await bot.call('GET', '/v1/nothing')).headers.get('content-type')).toMatch('problem+json')
  })

  test('the total counts every asset at the rates of the settings in the display currency', async () => {
    await bot.call('PUT', '/v1/users/5', {})
    await bot.entry('5', 'RUB', '100', 't1')
    await bot.entry('5', 'EUR', '2', 't2')
    await bot.entry('5', 'TOK', '3', 't3')
    const { body } = await bot.call('GET', '/v1/users/5/balance')
    // 100 roubles + 2 USDT at 93 roubles + 3 tokens at 10 roubles.
    expect([body['total'], body['walletAddress']]).toEqual([{ asset: 'RUB', amount: '316.00' }, null])
  })

  test("the answer shows the person's own deposit address once there is one", async () => {
    await bot.call('PUT', '/v1/users/11', {})
    await shop.db.rows(q`
      insert into deposit_wallets (reference, person_id, bot, provider, asset, network, address)
      values ('w', 11, 'trainer', 'heleket', 'USDT', 'tron', 'TAddress')`)
    expect((await bot.call('GET', '/v1/users/11/balance')).body['walletAddress']).toBe('TAddress')
  })

  test('the entries come newest first, in pages that miss nothing and repeat nothing', async () => {
    await bot.call('PUT', '/v1/users/6', {})
    for (let index = 1; index <= 7; index++) await bot.entry('6', 'EUR', String(index), `p${index}`)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await bot.call('GET', `/v1/users/6/entries?limit=3${cursor && `&cursor=${cursor}`}`)
      seen.push(...body['entries'].map((one: { amount: string }) => one.amount))
      cursor = body['nextCursor']
    }
    expect(seen).toEqual(['7.00', '6.00', '5.00', '4.00', '3.00', '2.00', '1.00'])
    expect((await bot.call('GET', '/v1/users/66/entries')).status).toBe(404)
  })

  test('F114 what a bot of the shop itself asked cannot be rewritten by a caller with its key, or one added at run time', async () => {
    const person = 61n
    await shop.db.rows(q`insert into persons (id, first_name) values (${person}, 'A')`)
    await shop.db.rows(q`insert into bots (name, home, telegram_id) values ('added', 'shop', 77)`)
    const asked = { awaiting: { input: 'fadmin-key', args: ['apiKey'] } }
    for (const name of ['shop', 'added']) {
      await shop.db.rows(q`
        insert into bot_sessions (bot, person_id, session_data) values (${name}, ${person}, ${JSON.stringify(asked)})`)
      const caller = await shop.caller(name, ['read', 'sessions'])
      const forged = { sessionData: { awaiting: { input: 'adjust-sum', args: ['61', 'TOK'] } } }
      const refused = await caller.call('PUT', `/v1/users/${person}/session`, forged)
      expect([refused.status, refused.body['code']]).toEqual([409, 'session-of-the-shop'])
      expect(
        (await caller.call('PUT', `/v1/users/${person}/session`, { statsData: { games: 1 } })).status,
      ).toBe(200)
      const [row] = await shop.db.rows(q<{ data: object }>`
        select session_data as data from bot_sessions where bot = ${name} and person_id = ${person}`)
      expect(row!.data).toEqual(asked)
    }
  })

  test("a session is the calling bot's own, and If-Match keeps two writers from overwriting each other", async () => {
    await bot.call('PUT', '/v1/users/7', {})
    const other = await shop.caller('chess')
    await bot.call('PUT', '/v1/users/7/session', { sessionData: { step: 1 }, statsData: { games: 2 } })
    expect((await other.call('GET', '/v1/users/7/session')).body).toMatchObject({
      sessionData: {},
      version: 0,
    })
    const read = await bot.call('GET', '/v1/users/7/session')
    const etag = read.headers.get('etag')!
    const writers = await Promise.all(
      Array.from({ length: 10 }, (_, step) =>
        bot.call('PUT', '/v1/users/7/session', { sessionData: { step } }, { 'if-match': etag }),
      ),
    )
    expect(writers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 412),
    ])
    expect((await bot.call('GET', '/v1/users/7/session')).body['statsData']).toEqual({ games: 2 })
    expect((await bot.call('PUT', '/v1/users/77/session', { sessionData: {} })).status).toBe(404)
  })

  test('an activity gives its XP once, raises the level in every bot, and its repeat answers the same', async () => {
    await bot.call('PUT', '/v1/users/8', {})
    const train = (key: string, xp?: number) =>
      bot.call(
        'POST',
        '/v1/users/8/activities',
        { kind: 'training', score: 1.5, xp },
        { 'idempotency-key': key },
      )
    const first = await train('monday')
    expect(first.body).toMatchObject({ xpGiven: 20, xp: 20, level: 1 })
    const repeats = await Promise.all(Array.from({ length: 10 }, () => train('monday')))
    for (const one of repeats) expect(one.body).toEqual(first.body)
    expect((await train('monday', 5)).status).toBe(409)
    expect((await train('tuesday', 90)).body).toMatchObject({ xp: 110, level: 2 })
    const other = await shop.caller('chess')
    expect((await other.call('GET', '/v1/users/8')).body).toMatchObject({
      xp: 110,
      level: 2,
      nextLevelAt: 300,
    })
    expect((await train('greedy', 900_000)).body['xpGiven']).toBe(1_000)
  })

  test('a key does what its scopes say, and nothing once it is revoked or its bot is paused', async () => {
    const reader = await shop.caller('reader', ['read'])
    await bot.call('PUT', '/v1/users/9', {})
    expect((await reader.call('GET', '/v1/users/9')).status).toBe(200)
    expect((await reader.entry('9', 'EUR', '1', 'x')).status).toBe(403)
    expect((await reader.call('GET', '/v1/users/9/session')).status).toBe(403)
    expect((await fetch(`${shop.url}/v1/users/9`)).status).toBe(401)
    expect(
      (await fetch(`${shop.url}/v1/users/9`, { headers: { authorization: 'Bearer tk_x' } })).status,
    ).toBe(401)

    await shop.db.rows(q`update bots set state = 'paused' where name = 'reader'`)
    await eventually(async () => (await reader.call('GET', '/v1/users/9')).body['code'] === 'bot-paused')
    await shop.db.rows(q`update bots set state = 'active' where name = 'reader'`)
    await eventually(async () => (await reader.call('GET', '/v1/users/9')).status === 200)
    expect(await revokeKey(shop.db, reader.id)).toBe(true)
    await eventually(async () => (await reader.call('GET', '/v1/users/9')).status === 401)
    expect(await revokeKey(shop.db, reader.id)).toBe(false)
  })

  test('every call is measured by its route and outcome, those that are refused too', async () => {
    await bot.call('PUT', '/v1/users/1', {})
    await bot.call('GET', '/v1/users/1')
    await bot.call('GET', '/v1/users/404404/balance')
    await fetch(`${shop.url}/v1/users/9/balance`)
    await bot.call('GET', '/v1/nowhere')
    for (const [door, status] of [
      ['/v1/users/:telegramId', 200],
      ['/v1/users/:telegramId/balance', 404],
      ['/v1/users/:telegramId/balance', 401],
      ['/v1/*', 404],
    ]) {
      const line = `telekassa_webhook_ack_seconds_count{door="${door}",status="${status}"}`
      // A call is counted when its answer has left.
      await eventually(async () => (await (await fetch(`${shop.url}/metrics`)).text()).includes(line), {
        what: line,
      })
    }
  })

  test('keys are kept as hashes only', async () => {
    const { id, key } = await createKey(shop.db, {
      bot: 'hashed',
      name: 'n',
      scopes: ['read'],
      perMinute: 60,
    })
    const [row] = await shop.db.rows(
      q<{ text: string }>`select k::text as text from api_keys k where id = ${id}`,
    )
    expect(row!.text).not.toContain(key)
    expect(row!.text).not.toContain(key.slice(3, 20))
    expect((await listKeys(shop.db)).find((one) => one.id === id)).toMatchObject({
      bot: 'hashed',
      revokedAt: null,
    })
  })

  test('a key that asks too often is told to wait, and the others are not', async () => {
    await bot.call('PUT', '/v1/users/10', {})
    const hasty = await shop.caller('hasty', ['read'], 5)
    const replies = await Promise.all(Array.from({ length: 8 }, () => hasty.call('GET', '/v1/users/10')))
    const refused = replies.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(3)
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await bot.call('GET', '/v1/users/10')).status).toBe(200)
  })

  test('the limit of a key counts over two gateways that share a Redis, and no request of it is lost to rounding', async () => {
    await bot.call('PUT', '/v1/users/10', {})
    const gateways = [shop.url, await shop.anotherGateway()]
    const ask = async (url: string, key: string) => {
      const reply = await fetch(`${url}/v1/users/10`, { headers: { authorization: `Bearer ${key}` } })
      await reply.arrayBuffer()
      return { status: reply.status, wait: Number(reply.headers.get('retry-after')) }
    }
    // A gateway takes its allowance from Redis one by one below 200 a minute, and three at a time for 300.
    for (const perMinute of [3, 7, 40, 150, 300]) {
      const { key } = await shop.caller('spread', ['read'], perMinute)
      const answers = (
        await Promise.all(
          gateways.map((url) => Promise.all(Array.from({ length: perMinute + 5 }, () => ask(url, key)))),
        )
      ).flat()
      const statuses = answers.map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200, 429]))
      expect([perMinute, statuses.filter((status) => status === 200).length]).toEqual([perMinute, perMinute])
      // What one gateway has used up the other refuses too, and it says for how long.
      for (const url of gateways) expect(await ask(url, key)).toMatchObject({ status: 429 })
      expect(answers.filter(({ status, wait }) => status === 429 && !(wait > 0 && wait <= 60))).toEqual([])
    }
    const fresh = await shop.caller('spread', ['read'], 1)
    expect((await ask(gateways[1]!, fresh.key)).status).toBe(200)
    expect((await ask(gateways[0]!, fresh.key)).status).toBe(429)
  })

  test('a code that the shop sold is checked and used once, by keys of its owner alone, and its order’s story says so', async () => {
    await bot.call('PUT', '/v1/users/77', {})
    const shelf = await shelfOf(shop)
    await shelf.give(77n, 500n)
    const item = await shelf.item({ kind: 'code' })
    const { order } = await shelf.buy(shelf.wish(77n, item))
    const code = (await contentBought({ db: shop.db, secrets: shelf.secrets }, order))!
    const gate = await shop.caller('shop', ['codes'])
    const call = (what: string, body: object, key = '', who = gate) =>
      who.call('POST', `/v1/codes/${what}`, body, key ? { 'idempotency-key': key } : {})
    expect((await call('check', { code })).body).toMatchObject({
      state: 'made',
      telegramId: '77',
      item: { id: String(item), name: { en: 'Key' } },
    })
    expect((await call('check', { code }, '', await shop.caller('stranger', ['codes']))).status).toBe(404)
    const used = await call('redeem', { code, usedFor: 'a visit' }, 'visit-1')
    expect(used.body).toMatchObject({
      state: 'used',
      usedBy: 'shop',
      reference: 'visit-1',
      usedFor: 'a visit',
    })
    expect((await call('redeem', { code, usedFor: 'a visit' }, 'visit-1')).body).toEqual(used.body)
    expect((await call('redeem', { code }, 'visit-2')).body['code']).toBe('code-used')
    expect((await call('redeem', { code })).body['code']).toBe('idempotency-key-missing')
    const story = await orderStory(shop.db, order.id)
    expect(story.filter(({ actor }) => actor === 'api:shop')).toMatchObject([
      { reason: 'the code was used: a visit' },
    ])
  })

  test('100 clients with six bots spend one wallet at once: never below zero, and every unit accounted for', async () => {
    await bot.call('PUT', '/v1/users/100', {})
    await bot.entry('100', 'TOK', '150', 'start')
    const bots = await Promise.all(Array.from({ length: 6 }, (_, index) => shop.caller(`spender-${index}`)))
    const replies = await Promise.all(
      Array.from({ length: 100 }, async (_, client) => {
        const { entry } = bots[client % bots.length]!
        const sent = []
        for (let turn = 0; turn < 4; turn++) {
          const spend = () => entry('100', 'TOK', '-1', `c${client}-${turn}`)
          let reply = await spend()
          // The database had no free connection in time. The same idempotency key again changes nothing twice.
          while (reply.status === 503) reply = await spend()
          sent.push(reply)
        }
        return sent
      }),
    )
    const all = replies.flat()
    expect(all.filter(({ status }) => status === 201)).toHaveLength(150)
    expect(all.filter(({ status }) => status === 422)).toHaveLength(250)
    expect(all.filter(({ body }) => String(body['balanceAfter']).startsWith('-'))).toEqual([])
    expect((await balanceOf('100', 'TOK')).available).toBe('0')
  })
})
