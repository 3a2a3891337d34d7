import { expect, test } from 'vitest'
import { starGiftSupplier } from '#shop/stars-premium/star-gifts.ts'
import { localServer } from '../lib/local-server.ts'

const TEDDY = { kind: 'telegram-gift', gift: '1', emoji: '🧸', stars: 15 } as const
const FRIEND = { username: null, telegramId: 5n }
/** Two lines in each second, every one of them a gift to the same friend. */
const list = Array.from({ length: 20_001 }, (_, at) => ({
  id: `stx${at}`,
  amount: 15,
  date: 1_000 + Math.floor(at / 2),
  receiver: { type: 'user', transaction_type: 'gift_purchase', user: { id: 5 }, gift: { id: '1' } },
}))
let shown = list
let calls = 0
const base = localServer((request, response) => {
  let body = ''
  request.on('data', (part: Buffer) => (body += part.toString()))
  request.on('end', () => {
    calls += 1
    const { offset, limit } = JSON.parse(body) as { offset: number; limit: number }
    const transactions = shown.slice(offset, offset + limit)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ok: true, result: { transactions } }))
  })
})

test('a gift is looked for in the list of Stars from its attempt on: an old list is not read from its beginning, and the next look begins where the last one did', async () => {
  const supplier = starGiftSupplier(
    { token: '1:a', apiRoot: base(), callTimeoutMs: 5_000 },
    async () => new Set(),
  )
  async function look(since: number): Promise<number> {
    const before = calls
    const found = await supplier.given(TEDDY, FRIEND, since)
    const wanted = shown.filter(({ date }) => date >= since)
    expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id))
    return calls - before
  }
  const last = 1_000 + 10_000
  expect(await look(last - 20), '201 pages, found by halves').toBeLessThan(20)
  expect(await look(last - 20), 'again, two pages').toBe(2)
  expect(await look(last), 'a later attempt').toBeLessThan(5)
  expect(await look(last + 60), 'nothing has come yet').toBeLessThan(6)
  expect(await look(last - 400), 'an earlier attempt').toBeLessThan(30)
  expect(await look(last - 10)).toBeLessThan(20)
  // Another bot has the name now, and a list of its own, which is shorter; then it grows page by page.
  for (const length of [0, 1, 99, 100, 101, 250]) {
    shown = list.slice(0, length)
    for (const since of [0, 1_000, 1_049, 1_050, 1_100, 2_000]) expect(await look(since)).toBeLessThan(12)
  }
})

test('looks for several gifts at once miss none: each reads on from its own place', async () => {
  shown = list.slice(0, 2_000)
  const supplier = starGiftSupplier(
    { token: '1:a', apiRoot: base(), callTimeoutMs: 5_000 },
    async () => new Set(),
  )
  const moments = [1_900, 1_000, 1_950, 1_400, 1_999, 1_100]
  const looks = await Promise.all(moments.map((since) => supplier.given(TEDDY, FRIEND, since)))
  expect(looks.map(({ length }) => length)).toEqual(moments.map((since) => 2 * (2_000 - since)))
})
