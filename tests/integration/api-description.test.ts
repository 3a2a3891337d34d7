import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiProblem, createClient } from '../../packages/client/client.js'
import { clientTypes } from '../../packages/client/generate.ts'
import { apiRoutes } from '#shop/balance-api/door.ts'
import { answerChecker } from '../lib/api-description.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'
import { redisAvailable } from '../lib/requirements.ts'

/**
 * Lists routes like `GET /v1/users/{telegramId}`. They are read from fastify's drawing of its routes, in which a
 * level is four characters wide.
 */
function registered(tree: string): string[] {
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, branch = '', part = '', methods = ''] = /^(.*?[├└]── )(\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    if (!part) return []
    const level = branch.length / 4 - 1
    above.splice(level, Infinity, part)
    const path = above.join('').replace(/:(\w+)/g, '{$1}')
    return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${path}`)
  })
}

describe.skipIf(!redisAvailable())('the description of the Balance API and its client', () => {
  let shop: ApiShop
  beforeAll(async () => {
    shop = await openApiShop()
  })
  afterAll(() => shop.close())

  test('every route of /v1 is described, and every described call is a route', async () => {
    const { description } = await answerChecker(shop.url)
    const described = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const routes = registered(shop.app.printRoutes({ commonPrefix: false }))
      .filter((route) => route.includes(' /v1/') && !/^(HEAD|OPTIONS) /.test(route))
      .filter((route) => !route.endsWith('/v1/openapi.json') && !route.endsWith('*'))
    expect(described.length).toBe(apiRoutes.length)
    expect(described.toSorted()).toEqual(routes.toSorted())
  })

  test('it is OpenAPI 3.1, and all of its schemas are valid JSON Schema 2020-12', async () => {
    const { description, compile } = await answerChecker(shop.url)
    expect(description.openapi).toBe('3.1.0')
    const schemas = JSON.stringify(description).match(/"schema":/g)
    expect(schemas!.length).toBeGreaterThan(20)
    for (const methods of Object.values(description.paths)) {
      for (const { responses } of Object.values(methods)) {
        const bodies = Object.values(responses).flatMap(({ content }) => Object.values(content))
        for (const { schema } of bodies) if (!('$ref' in schema)) compile(schema)
      }
    }
  })

  test("the client's types are those of the description", async () => {
    const kept = readFileSync(new URL('../../packages/client/description.d.ts', import.meta.url), 'utf8')
    expect(kept, 'run: npm run client:types').toBe(await clientTypes())
  })

  test('the client reads and changes a balance, and tells what was refused', async () => {
    const { key } = await shop.caller('elsewhere')
    const client = createClient({ url: shop.url, key })
    await client.putUser(42, { firstName: 'Ada' })
    await client.postEntry(42, { asset: 'TOK', amount: '50', description: 'a gift' })
    const paid = await client.postEntry(42, { asset: 'TOK', amount: '-10' }, 'order-1')
    expect(await client.postEntry(42n, { asset: 'TOK', amount: '-10' }, 'order-1')).toEqual(paid)
    const { balances } = await client.getBalance('42')
    expect(balances).toEqual([{ asset: 'TOK', available: '40', held: '0' }])
    const refused = await client
      .postEntry(42, { asset: 'TOK', amount: '-41' })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ApiProblem)
    expect(refused).toMatchObject({ status: 422, code: 'balance-insufficient' })
    const { version } = await client.putSession(42, { sessionData: { step: 1 } })
    await client.putSession(42, { sessionData: { step: 2 } }, version)
    await expect(client.putSession(42, { sessionData: { step: 3 } }, version)).rejects.toMatchObject({
      status: 412,
    })
    expect((await client.postActivity(42, { kind: 'training' })).xpGiven).toBe(20)
    expect((await client.getEntries(42, { limit: 1 })).entries).toMatchObject([{ amount: '-10' }])
    await expect(client.redeemPromocode('NOTHING', 42)).rejects.toMatchObject({
      status: 404,
      code: 'promo-unknown',
    })
  })

  test('the client asks again for an answer that was lost, and the change is made once', async () => {
    const { key } = await shop.caller('lossy')
    let lost = 0
    const client = createClient({
      url: shop.url,
      key,
      async fetch(...request) {
        const reply = await fetch(...request)
        if (lost++ > 0) return reply
        throw new TypeError('the connection broke after the request was served')
      },
    })
    const { key: other } = await shop.caller('creator')
    await createClient({ url: shop.url, key: other }).putUser(43)
    const entry = await client.postEntry(43, { asset: 'EUR', amount: '7' })
    expect([lost, entry.balanceAfter]).toEqual([2, '7.00'])
    expect((await client.getBalance(43)).balances[0]!.available).toBe('7.00')
  })
})
