import { expect, test } from 'vitest'
import { UserError } from '#shared/errors.ts'
import { checkMonths, parseStars, parseUsername, parseUsernames } from '#shop/stars-premium/input.ts'
import { rootOf } from '#shop/stars-premium/reseller/client.ts'
import { readSupply } from '#shop/stars-premium/reseller/orders.ts'
import { orderSchema } from '#shop/stars-premium/reseller/schemas.ts'

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return (error as UserError).code
  }
}

test.each([
  ['alice_w', 'alice_w'],
  ['@alice_w', 'alice_w'],
  ['  @Alice_W\n', 'Alice_W'],
  ['t.me/alice_w', 'alice_w'],
  ['https://t.me/alice_w?start=1', 'alice_w'],
  ['http://telegram.me/alice_w/', 'alice_w'],
  ['tg://resolve?domain=alice_w&start=x', 'alice_w'],
  ['https://alice_w.t.me', 'alice_w'],
  ['alice_w.t.me/', 'alice_w'],
  ['proxy', 'proxy'],
  ['@boost', 'boost'],
])('the username %j is read as %s', (text, name) => {
  expect(parseUsername(text)).toBe(name)
})

test.each([
  ['@аlice', 'username.letters'],
  ['alicе_w', 'username.letters'],
  ['ali\u200bce', 'username.invisible'],
  ['ali\u00adce', 'username.invisible'],
  ['ali\ufeffce', 'username.spaces'],
  ['t.me/joinchat/AAAAAE', 'username.link'],
  ['https://t.me/share/url?url=x', 'username.link'],
  ['t.me/proxy?server=x', 'username.link'],
  ['t.me/boost/alice_w', 'username.link'],
  ['https://t.me/nft/PlushPepe-1', 'username.link'],
  ['t.me/+abcdef', 'username.link'],
  ['t.me/c/123/4', 'username.link'],
  ['telegram.me/addstickers/x', 'username.link'],
  ['tg://join?invite=x', 'username.link'],
  ['ali ce', 'username.spaces'],
  ['1alice', 'username.format'],
  ['al', 'username.format'],
  ['a'.repeat(33), 'username.format'],
  ['alice-w', 'username.format'],
  ['@@alice', 'username.format'],
  ['', 'username.format'],
])('the username %j is refused: %s', (text, code) => {
  expect(codeOf(() => parseUsername(text))).toBe(code)
})

test('several names are parted by commas, lines or their @, each counts once', () => {
  expect(parseUsernames('@anna, boris_b\n@clara @ANNA;t.me/dora')).toEqual([
    'anna',
    'boris_b',
    'clara',
    'dora',
  ])
})

test.each([
  ['50', 50],
  ['1000000', 1_000_000],
  ['1 000 000', 1_000_000],
  ['1\u00a0001', 1_001],
])('the quantity %j is %d', (text, quantity) => {
  expect(parseStars(text)).toBe(quantity)
})

test.each([
  ['49', 'stars.range'],
  ['0', 'stars.range'],
  ['1000001', 'stars.range'],
  ['999999999999', 'stars.range'],
  ['1e6', 'stars.number'],
  ['сто', 'stars.number'],
  ['1,000', 'stars.number'],
  ['100.5', 'stars.number'],
  ['-100', 'stars.number'],
  ['0x64', 'stars.number'],
  ['٥٠٠', 'stars.number'],
  ['5 0 0', 'stars.number'],
  ['', 'stars.number'],
])('the quantity %j is refused: %s', (text, code) => {
  expect(codeOf(() => parseStars(text))).toBe(code)
})

test('Premium is for 3, 6 or 12 months, not for one', () => {
  expect([3, 6, 12].map(checkMonths)).toEqual([3, 6, 12])
  for (const months of [0, 1, 2, 24, 3.5, Number.NaN])
    expect(codeOf(() => checkMonths(months))).toBe('premium.months')
})

test('an answer whose price nobody can read still gives the id of what was bought', () => {
  const answer = { id: 'f00d', status: 'PENDING', receiver: 'alice', type: 'STARS', goods_quantity: 50 }
  const price = { currency: 'ton', amount: '0.3750000000' }
  const read = (more: object) => readSupply(orderSchema.parse({ ...answer, ...more }))
  expect(read({ price, fee: { currency: 'ton', amount: '0.02' } }).cost?.amount).toBe(395_000_000n)
  for (const odd of [{ price: '0.37' }, { price, fee: '—' }, { price: { currency: 'ton', amount: 1e-9 } }]) {
    expect(read(odd)).toMatchObject({ id: 'f00d', state: 'in_flight', receiver: 'alice', cost: null })
  }
  expect(read({ goods_quantity: '50', receiver: { username: 'alice' } })).toMatchObject({
    id: 'f00d',
    quantity: null,
    receiver: null,
  })
  // A status decides about money, so an unknown one is never guessed.
  expect(orderSchema.safeParse({ ...answer, status: 3 }).success).toBe(false)
})

test('the base address is read with and without version and slash', () => {
  expect(rootOf('https://api.example')).toBe('https://api.example/v1')
  expect(rootOf('https://api.example/v1/')).toBe('https://api.example/v1')
})
