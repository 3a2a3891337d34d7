import { sql as q } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { buyLackingTokens } from '#shared/money/exchange.ts'
import { webRoutes } from '#shop/web/door.ts'
import { newId } from '#shared/ids.ts'
import { belongingsOf } from '../lib/belongings.ts'
import type { Belongings } from '../lib/belongings.ts'
import { eventually } from '../lib/eventually.ts'
import { give } from '../lib/give.ts'
import { askWeb, guestsOf, newKey, refused } from '../lib/mini-app.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'
import { fieldThatFails, wrongFields } from '../lib/wrong-fields.ts'

describe.skipIf(!redisAvailable())('the Mini App’s door', () => {
  let shop: Awaited<ReturnType<typeof openShop>>
  let url: string
  beforeAll(async () => {
    // The vendor is never asked: only what comes before its answer is tried here.
    const yookassa = {
      API_URL: 'http://127.0.0.1:9',
      SHOP_ID: '5',
      SECRET_KEY: 'secret',
      WEBHOOK_SECRET: 'hooks',
    }
    const env = Object.entries(yookassa).map(([name, value]) => [`YOOKASSA_${name}`, value])
    shop = await openShop({ env: Object.fromEntries(env) as Record<string, string> })
    url = shop.url
    ;({ visitor, guest } = guestsOf(shop))
  })
  let { visitor, guest } = {} as ReturnType<typeof guestsOf>

  test('F99 what Telegram did not sign for this bot opens nothing: forged, of another bot, of no bot', async () => {
    const one = await visitor()
    const forged = one.initData.replace('auth_date=', 'auth_date=1')
    expect(await one.open({ initData: forged })).toMatchObject(refused(401, 'web.forged'))
    expect(await one.open({ bot: 'second' })).toMatchObject(refused(401, 'web.forged'))
    expect(await one.open({ bot: 'third' })).toMatchObject(refused(401, 'web.forged'))
    expect(await one.open({ initData: '' })).toMatchObject(refused(401, 'web.forged'))
    // A signature that opened nothing yet can still open its session.
    expect((await one.open()).status).toBe(200)
  })

  test('F99 a signature opens one session: the page that asks again has it, another page does not', async () => {
    const one = await guest()
    expect((await one.open()).status).toBe(200)
    expect((await one.ask('GET', '/home')).status).toBe(200)
    const thief = newKey()
    expect(await one.open({ key: thief })).toMatchObject(refused(401, 'web.used'))
    expect(await askWeb(url, thief, 'GET', '/home')).toMatchObject(refused(401, 'web.over'))
  })

  test('the first screen comes with the session to a page that asks for it, and to nobody who is not let in', async () => {
    const one = await visitor()
    const key = { authorization: `Bearer ${one.key}` }
    const session = { bot: 'main', initData: one.initData, key: one.key, home: true }
    const open = (headers = {}) => askWeb(shop.url, undefined, 'POST', '/session', session, headers)
    expect((await open()).body, 'without the key').toEqual({ ok: true })
    const opened = await open(key)
    expect(opened.body['home']).toEqual((await one.ask('GET', '/home')).body)
    expect((await one.open()).body).toEqual({ ok: true })
    await shop.db.rows(q`update persons set banned_at = now() where id = ${one.id}`)
    expect((await open(key)).body).toEqual({ ok: true })
    await shop.db.rows(q`update persons set banned_at = null where id = ${one.id}`)
  })

  test('F99 of ten pages that come with one signature at the same moment one gets in', async () => {
    const one = await visitor()
    const all = await Promise.all(Array.from({ length: 10 }, () => one.open({ key: newKey() })))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(all.filter(({ status }) => status === 401)).toHaveLength(9)
  })

  test('F66 a request acts for the owner of its key, whomever it names', async () => {
    const rich = await guest()
    await rich.buy(5)
    const poor = await guest()
    const named = await poor.ask('GET', `/home?personId=${rich.id}&person_id=${rich.id}&user=${rich.id}`)
    expect(named.body['balance'][0].sum).toBe('0\u00a0tokens')
    expect((await rich.ask('GET', '/home')).body['balance'][0].sum).toBe('5\u00a0tokens')
  })

  test('without a key nothing answers, and no browser sends one by itself', async () => {
    const one = await guest()
    for (const { method, path } of webRoutes) {
      const at = path.replace(':id', newId()).replace(':kind', 'stars')
      const headers = { cookie: `key=${one.key}`, origin: 'https://evil.example' }
      const reply = await askWeb(url, undefined, method, at, method === 'POST' ? {} : undefined, headers)
      expect(reply, path).toMatchObject(refused(401, 'web.over'))
      expect(await askWeb(url, newKey(), method, at, method === 'POST' ? {} : undefined), path).toMatchObject(
        refused(401, 'web.over'),
      )
    }
  })

  /** What a request names by its other fields is sold to everybody, is typed, or is a number that the page makes. */
  const NOBODYS =
    'before asset way page kind count names currency tokens rate draft method sum email keep code network language terms friend ' +
    'stars model aspect prompt agreed words category word item gift'
  /** What was sealed for one person says nothing to another one: see the photos in mini-app-shelf.test.ts. */
  const SEALED = 'photos answers'

  test('F83 the ids of others are not there, in every route and every field that takes one', async () => {
    const owner = await guest()
    const stranger = await guest({ bot: 'second_bot' })
    const ids = await belongingsOf(shop, owner)
    const typed = { currency: 'RUB', draft: 'abcdefgh12', words: 'paid at noon' }
    const wish = { method: 'yookassa', sum: '300', email: 'one@shop.example', kind: 'r', count: '20000' }
    let tried = 0
    for (const { method, path, input, upload } of webRoutes) {
      const fields = input instanceof z.ZodObject ? Object.keys(input.shape) : []
      const known = `${NOBODYS} ${SEALED} id orderId`.split(' ')
      // A new field belongs among NOBODYS, or this test has to fill it with a thing of somebody else's.
      expect(
        fields.filter((field) => !known.includes(field)),
        path,
      ).toEqual([])
      const [, kind = ''] = path.split('/')
      const ask = (who: typeof owner, of: Belongings) => {
        const at = path.replace(':id', of[kind]!)
        if (method === 'GET')
          return who.ask(method, fields.includes('orderId') ? `${at}?orderId=${of['orders']}` : at)
        if (upload) return who.upload(at, new TextEncoder().encode('no picture'))
        return who.ask(
          method,
          at,
          fields.includes('orderId') ? { ...typed, ...wish, orderId: of['orders'] } : typed,
        )
      }
      if (!fields.includes('id') && !fields.includes('orderId')) continue
      tried += 1
      expect(Object.keys(ids), `nobody has a thing for ${path}`).toContain(
        fields.includes('id') ? kind : 'orders',
      )
      const reply = await ask(stranger, ids)
      expect(reply, path).toMatchObject(refused(404, 'web.unknown'))
      const none = await ask(stranger, Object.fromEntries(Object.keys(ids).map((one) => [one, newId()])))
      expect(none.body, path).toEqual(reply.body)
      // The same request of the owner is about something, so the stranger's was refused because it is theirs.
      const own = await ask(owner, ids)
      const isThere = path.endsWith('/file') && !upload ? [404] : [200, 422]
      expect(isThere, `${path} ${own.status}`).toContain(own.status)
    }
    expect(tried).toBeGreaterThan(20)
  })

  test.each<[string, string, unknown]>([
    ['no JSON', '/packs', '{"tokens":'],
    ['a list', '/packs', '[]'],
    ['a number that is none', '/packs', { tokens: 'many', rate: 5, draft: 'abcdefgh12' }],
    ['a fraction', '/packs', { tokens: 1.5, rate: 5, draft: 'abcdefgh12' }],
    ['less than nothing', '/drafts', { kind: 'stars', count: -50, names: '' }],
    ['a good that nobody sells', '/drafts', { kind: 'gold', count: 50, names: '' }],
    ['a draft with a path in it', '/packs', { tokens: 1, rate: 5, draft: '../../etc' }],
    [
      'an id with a NUL',
      '/top-ups',
      '{"method":"mulenpay","sum":"300","draft":"abcdefgh12","orderId":"\\u0000"}',
    ],
  ])('a body that makes no sense is told so: %s', async (_name, path, body) => {
    const one = await guest()
    expect(await one.ask('POST', path, body)).toMatchObject(refused(400, 'web.request'))
  })

  const SENSELESS = [null, -1, 1e21, [], { $ne: 1 }, '\0', '../../etc/passwd', "' or 1=1 --", 'я'.repeat(300)]

  test.each(webRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'F66 what makes no sense is refused in words and does nothing: %s',
    async (_name, { method, path, input }) => {
      const one = await guest()
      const fields = input instanceof z.ZodObject ? Object.keys(input.shape) : []
      const inPath = fields.filter((field) => path.includes(`:${field}`))
      const beside = fields.filter((field) => !inPath.includes(field))
      for (const value of SENSELESS) {
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        const at = inPath.reduce((all, field) => all.replace(`:${field}`, encodeURIComponent(text)), path)
        const query = new URLSearchParams(beside.map((field): [string, string] => [field, text]))
        const reply =
          method === 'GET'
            ? await one.ask(method, `${at}?${query.toString()}`)
            : await one.ask(method, at, Object.fromEntries(beside.map((field) => [field, value])))
        expect(reply.status, `${at} ${text}`).toBeLessThan(500)
        if (fields.length > 0 && reply.status !== 200)
          expect(reply, `${at} ${text}`).toMatchObject(refused(reply.status, reply.body['code'] as string))
        if (method === 'POST' && fields.length > 0) expect(reply.status, `${at} ${text}`).not.toBe(200)
      }
      const wrong = wrongFields(input)
      for (const { field, body } of wrong) expect(fieldThatFails(input!, body)).toBe(field)
      for (const [at, field] of (method === 'POST' ? beside : []).entries()) {
        // A request above 16 KB is not read at all.
        const values = wrong.filter(
          (each) => each.field === field && JSON.stringify(each.body).length < 16_000,
        )
        const { body } = values[at % values.length]!
        const reply = await one.ask(
          method,
          path.replaceAll(/:(\w+)/g, (_, name) => String(body[name])),
          body,
        )
        expect([field, reply]).toMatchObject([field, { status: 400, body: { field } }])
      }
      const left = await shop.db.rows(q`
        select id from orders where person_id = ${one.id} union all select id from payments where person_id = ${one.id}`)
      expect(left).toEqual([])
    },
  )

  test('a body of a megabyte is not read, and a path that is no route is told so', async () => {
    const one = await guest()
    const large = await one.ask('POST', '/packs', { draft: 'x'.repeat(1_000_000) })
    expect(large).toMatchObject(refused(413, 'web.too-large'))
    expect(large.body['detail']).toContain('16 KB')
    expect(await one.ask('GET', '/everything')).toMatchObject(refused(404, 'web.unknown'))
    expect(await one.ask('GET', '/orders/%E0%A4%A')).toMatchObject(refused(400, 'web.request'))
    expect(await one.ask('GET', '/orders/..%2f..%2fhome')).toMatchObject(refused(400, 'web.request'))
  })

  test('the banned, and guests of a paused bot, are told so at their next request; admins go on', async () => {
    const one = await guest({ language_code: 'ru' })
    const admin = await guest({ id: 900 })
    await shop.db.rows(
      q`update persons set banned_at = now(), ban_reason = 'Мошенничество' where id = ${one.id}`,
    )
    const banned = await one.ask('GET', '/home')
    expect(banned).toMatchObject(refused(403, 'web.banned'))
    const russian = await one.ask('GET', '/home', undefined, { 'accept-language': 'ru-RU,ru;q=0.9' })
    expect(russian.body['detail']).toContain('Мошенничество')
    await shop.db.rows(q`update persons set banned_at = null where id = ${one.id}`)
    await shop.db.rows(q`update bots set state = 'paused' where name = 'main'`)
    expect(await one.ask('GET', '/home')).toMatchObject(refused(403, 'web.paused'))
    expect((await admin.ask('GET', '/home')).status).toBe(200)
    await shop.db.rows(q`update bots set state = 'active' where name = 'main'`)
    expect((await one.ask('GET', '/home')).status).toBe(200)
  })

  test('a session ends by itself', async () => {
    const one = await guest()
    await shop.db.rows(
      q`update web_sessions set expires_at = now() - interval '1 second' where person_id = ${one.id}`,
    )
    expect(await one.ask('GET', '/home')).toMatchObject(refused(401, 'web.over'))
    // The old signature does not open the session again either.
    expect((await one.open({ key: newKey() })).status).toBe(401)
  })

  test('who asks far too often waits, and nobody else does', async () => {
    const [fast, slow] = [await guest(), await guest()]
    const all = await Promise.all(Array.from({ length: 70 }, () => fast.ask('GET', '/history')))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(60)
    expect(all.find(({ status }) => status !== 200)).toMatchObject(refused(429, 'web.often'))
    expect((await slow.ask('GET', '/history')).status).toBe(200)
  })

  test('F81 who sends ever new keys is asked to wait before the database is asked, and nobody with a good key is', async () => {
    const one = await guest()
    expect((await one.ask('GET', '/home')).status).toBe(200)
    const guesses = () =>
      Promise.all(Array.from({ length: 100 }, () => askWeb(url, newKey(), 'GET', '/home')))
    const told = await eventually(async () => (await guesses()).find(({ status }) => status !== 401))
    expect(told).toMatchObject(refused(429, 'web.often'))
    expect((await one.ask('GET', '/home')).status).toBe(200)
    // A person who comes now with a signature of Telegram's is not refused either.
    expect((await (await guest()).ask('GET', '/home')).status).toBe(200)
  })

  test('F60 a pack is the bot’s own pack: two presses are one invoice, and a price from before is shown anew', async () => {
    const one = await guest()
    const { body } = await one.ask('GET', '/home')
    const [pack] = body['packs'] as { tokens: number; rate: number }[]
    const ask = { tokens: pack!.tokens, rate: pack!.rate, draft: 'abcdefgh12345678' }
    const [first, second] = await Promise.all([
      one.ask('POST', '/packs', ask),
      one.ask('POST', '/packs', ask),
    ])
    expect(first.body['paymentId']).toBe(second.body['paymentId'])
    expect(await one.ask('POST', '/packs', { ...ask, rate: pack!.rate + 1 })).toMatchObject(
      refused(422, 'web.price'),
    )
    const again = await one.ask('POST', '/packs', ask)
    expect((await one.pay(again.body['link'])).outcome).toBe('paid')
    await eventually(async () => (await one.tokens()) === BigInt(pack!.tokens), { what: 'the tokens' })
    expect(await one.ask('POST', '/packs', ask)).toMatchObject(refused(422, 'web.invoice-over'))
    const history = await one.ask('GET', '/history')
    expect(history.body['operations']).toMatchObject([{ isPlus: true, kind: 'Top-up' }])
  })

  test('what happens in the chat is heard by the pages of that person, and by no others', async () => {
    const [one, other] = [await guest(), await guest()]
    const heard = await listen(one.key)
    const silence = await listen(other.key)
    await one.buy(1)
    await eventually(() => heard.text().includes('event: change'), { what: 'the page hears of the tokens' })
    expect(silence.text()).not.toContain('event: change')
    heard.stop()
    silence.stop()
  })

  test('F101 a page whose worker is dead stays open and shows what is there, and hears of the rest when it is back', async () => {
    const one = await guest()
    const link = await one.order(1)
    const heard = await listen(one.key)
    const before = await one.ask('GET', '/home')
    // Nobody takes jobs from this queue, as if all its workers were dead.
    const [billing] = shop.shared.producer.queues.get('billing')!
    await billing!.pause()
    try {
      expect((await one.pay(link)).outcome).toBe('paid')
      await one.hears('Payment received')
      expect(await one.ask('GET', '/home')).toMatchObject({
        status: 200,
        body: { balance: before.body['balance'] },
      })
      expect(await one.tokens()).toBe(0n)
      expect(heard.over()).toBe(false)
    } finally {
      await billing!.resume()
    }
    await eventually(async () => (await one.tokens()) === 1n, { what: 'the tokens' })
    await eventually(() => heard.text().includes('event: change'), { what: 'the page hears of the tokens' })
    const after = await one.ask('GET', '/home')
    expect(after.body['balance']).not.toEqual(before.body['balance'])
    heard.stop()
  })

  test('the history is narrowed by asset and way, and an exchange stays on one page', async () => {
    const one = await guest()
    const personId = BigInt(one.id)
    await give(shop.db, one.id, 100_000n)
    const bought = { personId, bot: 'main', price: 20n, rate: 100n, agreed: 100_000n }
    await shop.db.tx((tx) => buyLackingTokens(tx, { reference: `own-${one.id}`, ...bought }))
    // The twentieth line, where a page ends, is the first one of the exchange.
    for (let at = 0; at < 19; at++) await give(shop.db, one.id, 1n, 'TOK')
    const read = async (asked = '') => (await one.ask('GET', `/history${asked}`)).body
    interface Line {
      id: string
      isPlus: boolean
    }
    const first = (await read()) as unknown as { operations: Line[]; before: string | null }
    const rest = (await read(`?before=${first.before}`)) as unknown as { operations: Line[] }
    const all = [...first.operations, ...rest.operations]
    expect(new Set(all.map(({ id }) => id)).size).toBe(22)
    expect(all).toHaveLength(22)
    const out = (await read('?way=out'))['operations'] as Line[]
    expect(out.map(({ isPlus }) => isPlus)).toEqual([false])
    expect((await read('?asset=RUB'))['operations']).toHaveLength(2)
    expect((await read('?asset=RUB&way=in'))['operations']).toHaveLength(1)
    expect((await one.ask('GET', '/history?way=up')).status).toBe(400)
  })

  async function listen(key: string) {
    const stopping = new AbortController()
    const response = await fetch(`${url}/app/api/events`, {
      headers: { authorization: `Bearer ${key}` },
      signal: stopping.signal,
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    let heard = ''
    let over = false
    const read = async () => {
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) heard += part
      over = true
    }
    read().catch(() => {})
    await eventually(() => heard.includes('event: open'), { what: 'the stream is open' })
    return { text: () => heard, over: () => over, stop: () => stopping.abort() }
  }

  test('the page is served with a policy under which nothing of another host runs, and its files for ever', async () => {
    const page = await fetch(`${url}/app?bot=main`)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const [, file] = /src="(\/app\/assets\/[^"]+)"/.exec(await page.text())!
    const script = await fetch(url + file, { headers: { 'accept-encoding': 'br' } })
    expect(script.headers.get('content-encoding')).toBe('br')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect((await fetch(`${url}/app/assets/..%2f..%2fpackage.json`)).status).not.toBe(200)
    expect((await fetch(`${url}/app/assets/made-of`)).status).toBe(404)
  })
})
