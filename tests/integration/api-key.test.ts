import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KeyScope } from '#shop/balance-api/keys.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'
import { eventually } from '../lib/eventually.ts'
import { startNode } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('keys of the Balance API', () => {
  let shop: ApiShop
  beforeAll(async () => {
    shop = await openApiShop()
    await (await shop.caller('maker')).call('PUT', '/v1/users/1', {})
  })
  afterAll(() => shop.close())

  async function apiKey(...args: string[]): Promise<{ code: number | string; lines: string[] }> {
    const command = startNode(join(import.meta.dirname, '../../bin/api-key.ts'), args, {
      env: { DATABASE_URL: shop.databaseUrl },
    })
    return {
      code: await command.ended,
      lines: command.lines.filter((line) => !line.includes('ExperimentalWarning')),
    }
  }
  const balance = (key: string) =>
    fetch(`${shop.url}/v1/users/1/balance`, { headers: { authorization: `Bearer ${key}` } })

  test('npm run api-key makes a key that works, shows it this once, lists it without it, and its revocation is felt at once', async () => {
    const made = await apiKey(
      'create',
      'elsewhere',
      '--scopes',
      'read',
      '--per-minute',
      '90',
      '--name',
      'Ada',
    )
    expect(made.code).toBe(0)
    const key = made.lines.find((line) => line.startsWith('tk_'))!
    expect(key).toMatch(/^tk_[\w-]{43}$/)
    const id = /Key (\S+) of elsewhere \(read\)/.exec(made.lines.join('\n'))![1]!
    expect((await balance(key)).status).toBe(200)

    const [kept] = await shop.db.rows(q<{ text: string }>`
      select string_agg(k::text, ' ') as text from api_keys k`)
    expect(kept!.text).not.toContain(key.slice(3))

    expect(await apiKey('revoke', id)).toMatchObject({ code: 0, lines: [`revoked: ${id}`] })
    const refused = await eventually(async () => {
      const reply = await balance(key)
      return reply.status === 401 ? reply : undefined
    })
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(refused.headers.get('www-authenticate')).toBe('Bearer')
    const [again, listed] = await Promise.all([apiKey('revoke', id), apiKey('list')])
    expect(again.code).toBe(1)
    const list = listed.lines.join('\n')
    expect(list).toMatch(
      new RegExp(
        `${id}  elsewhere  read  90/min  10000.00 RUB/entry  200000.00 RUB/day  revoked \\d{4}-.*  Ada`,
      ),
    )
    expect(list).toContain(
      '  maker  read,write,sessions,codes  1000000/min  no limit/entry  no limit/day  valid',
    )
    expect(list).not.toContain(key.slice(3))
  })

  test('a wrong command makes nothing and says how to do it', async () => {
    const count = () => shop.db.rows(q`select id from api_keys`)
    const before = await count()
    const wrong = [
      ['create', 'Not A Name'],
      ['create', 'fine', '--scopes', 'read,everything'],
      ['frobnicate'],
    ]
    for (const { code, lines } of await Promise.all(wrong.map((args) => apiKey(...args)))) {
      expect([code, lines.join('\n')]).toEqual([1, expect.stringMatching(/Usage|no scope/)])
    }
    expect(await count()).toEqual(before)
  })

  test('each scope opens its own calls and no other', async () => {
    const calls: [KeyScope, string, string, unknown?, Record<string, string>?][] = [
      ['read', 'GET', '/v1/users/1'],
      ['read', 'GET', '/v1/users/1/balance'],
      ['read', 'GET', '/v1/users/1/entries'],
      ['write', 'PUT', '/v1/users/1', {}],
      [
        'write',
        'POST',
        '/v1/users/1/entries',
        { asset: 'TOK', amount: '1' },
        { 'idempotency-key': 'scopes' },
      ],
      ['write', 'POST', '/v1/users/1/activities', { kind: 'x' }, { 'idempotency-key': 'scopes' }],
      ['write', 'POST', '/v1/promocodes/NOTHING/redemptions', { telegramId: '1' }],
      ['sessions', 'GET', '/v1/users/1/session'],
      ['sessions', 'PUT', '/v1/users/1/session', { sessionData: {} }],
      ['codes', 'POST', '/v1/codes/check', { code: 'NOTHING' }],
      ['codes', 'POST', '/v1/codes/redeem', { code: 'NOTHING' }, { 'idempotency-key': 'scopes' }],
    ]
    for (const scope of ['read', 'write', 'sessions', 'codes'] as const) {
      const { call } = await shop.caller(`only-${scope}`, [scope])
      for (const [needs, method, path, body, headers] of calls) {
        const { status, body: answer } = await call(method, path, body, headers)
        if (needs !== scope) expect([path, status, answer['code']]).toEqual([path, 403, 'scope-missing'])
        else expect(/NOTHING|codes/.test(path) ? 404 : 200).toBe(status === 201 ? 200 : status)
      }
    }
  })

  test('twenty requests with one Idempotency-Key at once are one movement; another body among them is a conflict', async () => {
    const { entry, call } = await shop.caller('hasty')
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => entry('1', 'EUR', index % 4 === 3 ? '6' : '5', 'one-order')),
    )
    const made = replies.filter(({ status }) => status === 201)
    const conflicts = replies.filter(({ status }) => status === 409)
    expect(made.length + conflicts.length).toBe(20)
    expect([15, 5]).toContain(made.length)
    expect(new Set(made.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(conflicts.every(({ body }) => body['code'] === 'idempotency-conflict')).toBe(true)
    const { body } = await call('GET', '/v1/users/1/entries?asset=EUR')
    expect(body['entries']).toHaveLength(1)
    // Idempotency keys of another bot's API key have a name space of their own.
    const stranger = await shop.caller('stranger')
    expect((await stranger.entry('1', 'EUR', '1', 'one-order')).status).toBe(201)
  })

  test('whatever is refused is a problem with type, title, status, detail and code', async () => {
    const { key, entry } = await shop.caller('clumsy', ['read', 'write'], 12)
    const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(shop.url + path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body }),
      })
    const once = { 'idempotency-key': 'k' }
    const refused = [
      [400, await send('POST', '/v1/users/1/entries', '{', once)],
      [400, await send('POST', '/v1/users/1/entries', '{"asset":"TOK","amount":"1"}')],
      [400, await send('GET', '/v1/users/abc/balance')],
      [401, await fetch(`${shop.url}/v1/users/1/balance`)],
      [403, await send('GET', '/v1/users/1/session')],
      [404, await send('GET', '/v1/users/77/balance')],
      [404, await send('GET', '/v1/nowhere')],
      [413, await send('PUT', '/v1/users/1', JSON.stringify({ firstName: 'x'.repeat(1_100_000) }))],
      [422, await send('POST', '/v1/users/1/entries', '{"asset":"TOK","amount":"-999999"}', once)],
    ] as const
    for (const [status, reply] of refused) {
      const problem = (await reply.json()) as Record<string, unknown>
      expect([reply.status, reply.headers.get('content-type')]).toEqual([
        status,
        expect.stringContaining('application/problem+json'),
      ])
      expect(problem).toEqual({
        type: `urn:telekassa:problem:${String(problem['code'])}`,
        title: expect.any(String),
        status,
        detail: expect.any(String),
        code: expect.any(String),
      })
    }
    // Twelve requests a minute are served. The rest are told how long to wait, and did nothing.
    const flood = await Promise.all(
      Array.from({ length: 12 }, (_, at) => entry('1', 'SOL', '1', `flood-${at}`)),
    )
    const late = flood.filter(({ status }) => status === 429)
    expect(late.length).toBeGreaterThan(0)
    expect(late.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true)
    const done = await shop.db.rows(q`select 1 from entries where person_id = 1 and asset = 'SOL'`)
    expect(done).toHaveLength(flood.length - late.length)
  })
})
