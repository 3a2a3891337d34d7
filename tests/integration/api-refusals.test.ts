import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../packages/client/client.js'
import { addCode, createCampaign } from '#shop/loyalty/promo/campaigns.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('the Balance API and callers that send anything', () => {
  let shop: ApiShop
  let bot: Awaited<ReturnType<ApiShop['caller']>>
  beforeAll(async () => {
    shop = await openApiShop()
    bot = await shop.caller('trainer')
    await bot.call('PUT', '/v1/users/1', { firstName: 'Ada' })
  })
  afterAll(() => shop.close())

  test('a text that PostgreSQL does not store, and JSON deeper than a stack, are the caller’s mistake and change nothing', async () => {
    const deep = (depth: number) => `{"sessionData":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
    const bodies: [string, string, string][] = [
      ['PUT', '/v1/users/1', '{"firstName":"a\\u0000"}'],
      ['PUT', '/v1/users/1', '{"firstName":"\\ud83d"}'],
      ['PUT', '/v1/users/1/session', '{"sessionData":{"a":["\\u0000"]}}'],
      ['PUT', '/v1/users/1/session', '{"sessionData":{"a\\u0000":1}}'],
      ['PUT', '/v1/users/1/session', '{"statsData":{"a":"\\udc00"}}'],
      ['PUT', '/v1/users/1/session', deep(7_000)],
      ['PUT', '/v1/users/1/session', deep(7_000).replace('1', '"\\u0041"')],
      ['POST', '/v1/users/1/entries', '{"asset":"EUR","amount":"1","description":"\\u0000"}'],
      ['POST', '/v1/users/1/activities', '{"kind":"a","data":{"a":"\\u0000"}}'],
    ]
    for (const [method, path, body] of bodies) {
      const reply = await fetch(shop.url + path, {
        method,
        headers: { authorization: `Bearer ${bot.key}`, 'idempotency-key': 'strange' },
        body,
      })
      expect([reply.status, reply.headers.get('content-type')], `${path} ${body.slice(0, 60)}`).toEqual([
        400,
        'application/problem+json; charset=utf-8',
      ])
    }
    // A whole pair of surrogates, and a backslash before a u, are ordinary characters.
    const fine = String.raw`{"firstName":"\ud83d\ude00","lastName":"C:\\u0000"}`
    const reply = await fetch(`${shop.url}/v1/users/1`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${bot.key}` },
      body: fine,
    })
    expect(await reply.json()).toMatchObject({ firstName: '😀', lastName: String.raw`C:\u0000` })
    expect((await bot.call('GET', '/v1/users/1/entries')).body['entries']).toEqual([])
    expect((await bot.call('GET', '/v1/users/1/session')).body['version']).toBe(1)
    expect((await bot.call('POST', '/v1/promocodes/%00/redemptions', { telegramId: '1' })).status).toBe(404)
  })

  test('a malformed URL and an unknown route are answered with a problem document too', async () => {
    for (const [path, status] of [
      ['/v1/users/%zz', 400],
      ['/v1/%', 400],
      ['/v1', 404],
      ['/v1/', 404],
    ] as const) {
      const reply = await fetch(shop.url + path)
      expect([reply.status, reply.headers.get('content-type')], path).toEqual([
        status,
        'application/problem+json; charset=utf-8',
      ])
      expect(await reply.json()).toMatchObject({ status, code: expect.stringMatching(/^r/) })
    }
  })

  test('a balance above its limit is 422 with a code of its own, a body above its limit 413', async () => {
    const most = '1000000000000000000'
    for (let turn = 0; turn < 9; turn++)
      expect((await bot.entry('1', 'TOK', most, `most-${turn}`)).status).toBe(201)
    const over = await bot.entry('1', 'TOK', most, 'one-too-many')
    expect([over.status, over.body['code']]).toEqual([422, 'balance-limit'])
    const data = { text: 'x'.repeat(70_000) }
    const large = await bot.call(
      'POST',
      '/v1/users/1/activities',
      { kind: 'a', data },
      { 'idempotency-key': 'l' },
    )
    const session = await bot.call('PUT', '/v1/users/1/session', { sessionData: data })
    expect([large.status, session.status]).toEqual([413, 413])
  })

  test('one Idempotency-Key for a code and ten people at once is one use, and nine conflicts (F63)', async () => {
    const campaign = { name: 'x', kind: 'tokens' as const, value: 5n, createdBy: 999n }
    await addCode(shop.db, await createCampaign(shop.db, campaign), 'HELLO', 1_000)
    const ids = Array.from({ length: 10 }, (_, index) => String(100 + index))
    for (const id of ids) await bot.call('PUT', `/v1/users/${id}`, {})
    const headers = { 'idempotency-key': 'same' }
    const replies = await Promise.all(
      ids.map((telegramId) => bot.call('POST', '/v1/promocodes/hello/redemptions', { telegramId }, headers)),
    )
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
    expect(await shop.db.rows(q`select uses_left from promo_codes`)).toEqual([{ uses_left: 999 }])
  })

  test('F82 codes are not guessed through the API: not by one person, and not with all the people of a key', async () => {
    const campaign = { name: 'word', kind: 'tokens' as const, value: 5n, createdBy: 999n }
    await addCode(shop.db, await createCampaign(shop.db, campaign), 'SPRING', 1_000)
    const [guesser, other] = [await shop.caller('guesser'), await shop.caller('other')]
    for (const id of ['51', '52']) await guesser.call('PUT', `/v1/users/${id}`, {})
    const redeem = (by: typeof bot, telegramId: string, word: string) =>
      by.call('POST', `/v1/promocodes/${word}/redemptions`, { telegramId })
    const statuses = async (calls: Promise<{ status: number }>[]) => {
      const replies = await Promise.all(calls)
      const of = (status: number) => replies.filter((one) => one.status === status).length
      return { unknown: of(404), late: of(429), all: replies.length }
    }
    // A right code does not count as a guess.
    expect((await redeem(guesser, '51', 'spring')).status).toBe(201)
    const words = (count: number, person: (at: number) => string) =>
      statuses(Array.from({ length: count }, (_, at) => redeem(guesser, person(at), `WORD${at}`)))
    expect(await words(20, () => '51')).toEqual({ unknown: 8, late: 12, all: 20 })
    const refused = await redeem(guesser, '51', 'spring')
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect((await redeem(guesser, '52', 'spring')).status).toBe(201)
    // Guesses that were refused for their person have counted against the key as well.
    const { unknown, late } = await words(130, (at) => String(1_000 + at))
    expect([unknown <= 92, unknown + late]).toEqual([true, 130])
    expect((await redeem(guesser, '52', 'spring')).status).toBe(429)
    const check = (by: typeof bot) => by.call('POST', '/v1/codes/check', { code: '7K2M-9QXB-04TR-WN5E' })
    expect([(await check(guesser)).status, (await check(other)).status]).toEqual([429, 404])
  })

  test('what a person did in a bot is listed there in pages, newest first, and in no other bot', async () => {
    await bot.call('PUT', '/v1/users/7', {})
    const client = createClient({ url: shop.url, key: bot.key })
    for (let day = 1; day <= 5; day++)
      await client.postActivity(7, { kind: 'training', score: day, data: { day } })
    const seen: unknown[] = []
    let cursor: string | null | undefined
    do {
      const page = await client.getActivities(7, { limit: 2, cursor })
      seen.push(...page.activities.map(({ score, xpGiven, data }) => [score, xpGiven, data]))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual([5, 4, 3, 2, 1].map((day) => [day, 20, { day }]))
    const other = await shop.caller('chess')
    expect((await other.call('GET', '/v1/users/7/activities')).body['activities']).toEqual([])
    expect((await other.call('GET', '/v1/users/77/activities')).status).toBe(404)
    // The client goes through the entries in the same way, from the first page on.
    expect((await client.getEntries(7, { cursor: undefined, asset: null })).nextCursor).toBeNull()
  })

  test('the client asks again when an answer breaks off half way or a proxy answers, and names a proxy’s refusal', async () => {
    await bot.call('PUT', '/v1/users/8', {})
    const page = (status: number) => new Response('<html>nobody there</html>', { status })
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'))
        controller.error(new TypeError('terminated'))
      },
    })
    const answers: (() => Response)[] = [() => new Response(broken, { status: 201 }), () => page(502)]
    const lossy: typeof fetch = async (...request) => {
      const reply = await fetch(...request)
      return answers.shift()?.() ?? reply
    }
    const client = createClient({ url: shop.url, key: bot.key, fetch: lossy })
    expect((await client.postEntry(8, { asset: 'EUR', amount: '7' })).balanceAfter).toBe('7.00')
    answers.push(() => page(403))
    await expect(client.getBalance(8)).rejects.toMatchObject({ name: 'ApiProblem', status: 403 })
    expect((await client.getBalance(8)).balances[0]!.available).toBe('7.00')
  })
})
