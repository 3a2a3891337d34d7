import { describe, expect, test } from 'vitest'
import { createSecrets } from '#shared/secrets.ts'
import { isUpdate } from '#shared/telegram/intake.ts'
import { sealSecrets } from '#shared/telegram/sealed.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { readReference } from '#shop/payments/reference.ts'
import { readPictureToken } from '#shop/pictures/catalogue.ts'
import { readOrderToken } from '#shop/stars-premium/callback-token.ts'
import { createGuard } from '#shop/balance-api/guard.ts'
import { normalCode } from '#shop/loyalty/promo/promo.ts'
import { PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import { readCode } from '#shop/shelf/codes.ts'
import { bodyOf } from '#shop/web/answering.ts'
import { readInitData } from '#shop/web/init-data.ts'
import { OURS, createPanelkeeper } from '#shop/web/panel/admin.ts'
import { environment, VENDOR_NAMES } from '../../sandbox/payments/start.ts'
import { everyPictureProvider } from '../lib/picture-providers.ts'

/** The size of the largest body that a vendor's door takes. */
const SIZE = 64 * 1024
/**
 * A cost below this is too short to be measured: a linear reader needs about 1 ms for such a body, and a quadratic
 * one took 10 s.
 */
const FLOOR_MS = 20
/** Another process may have taken the cache, so the least cost of so many tries is the reader's own. */
const TRIES = 5

/** Bodies that repeat one part: a pattern that looks back or ahead would try it again at each place. */
const PARTS = [
  ' ',
  '\t',
  ',',
  '"sign"',
  '"sign" :',
  ' ,',
  '{"sign":',
  '\\',
  '/',
  '\\/',
  '[',
  '{"a":',
  '"',
  ':',
  '0',
  '.',
  '_',
]
const bodiesOf = (part: string, size: number): string[] => {
  const filling = part.repeat(Math.floor((size - 200) / part.length))
  return [
    filling,
    `{"sign":"${'0'.repeat(32)}","x":"${filling.replaceAll(/["\\]/g, '')}"}`,
    `{${filling}"sign":"x"}`,
  ]
}

const secrets = createSecrets(Buffer.alloc(32, 1).toString('base64'))
const vendors = paymentProviders(
  environment(Object.fromEntries(VENDOR_NAMES.map((name) => [name, 'http://127.0.0.1:1']))),
)

const nowhere = { redis: undefined, key: (name: string) => name }
const noRows = { rows: () => Promise.resolve([]) }
const keeper = createPanelkeeper({ backend: nowhere, db: noRows, bots: new Map() } as never, {} as never)
const guard = createGuard(noRows as never, nowhere as never)
const request = (authorization: string) =>
  ({ headers: { authorization }, socket: { remoteAddress: '10.0.0.1' } }) as never

const readers: Record<string, (body: string) => unknown> = {
  ...Object.fromEntries(
    [...vendors].flatMap(([name, vendor]) => [
      [
        `${name}: is it genuine`,
        (body: string) =>
          vendor.isGenuine({
            body: Buffer.from(body),
            headers: { 'crypto-pay-api-signature': body.slice(0, 8_000) },
            token: body,
          }),
      ],
      [`${name}: what it says`, (body: string) => vendor.readWebhook(body)],
    ]),
  ),
  ...Object.fromEntries(
    [...everyPictureProvider().values()].map((provider) => [
      `${provider.name}: its callback`,
      (body: string) =>
        provider.parseWebhook(Buffer.from(body), {
          'webhook-id': body,
          'webhook-timestamp': '1',
          'webhook-signature': body,
          'x-webhook-timestamp': '1',
          'x-webhook-signature': body,
        }),
    ]),
  ),
  'a reference of ours': (body) => readReference(body),
  'the token of a picture': (body) => readPictureToken(secrets, body),
  'the token of a purchase': (body) => readOrderToken(secrets, body),
  'an update': (body) => isUpdate(body),
  'a typed token': (body) => sealSecrets(secrets, { update_id: 1, message: { text: body } } as never),
  'what Telegram signed for a page': (body) => readInitData(body.slice(0, 16 * 1024), '1:x'),
  'the same, as fields': (body) => readInitData(`hash=${'0'.repeat(64)}&user=${body.slice(0, 8_000)}`, '1:x'),
  'a form of a page': (body) => bodyOf({ body: Buffer.from(body) } as never),
  'the cookie of the panel': (body) =>
    keeper.admit({
      headers: { cookie: body, [OURS]: '1', 'sec-fetch-site': 'same-origin' },
      socket: {},
    } as never),
  'a key of the API': (body) => guard(request(`Bearer ${body}`), { scope: 'read' } as never),
  'a key of the API, as long as one': (body) =>
    guard(request(`Bearer tk_${body.slice(0, 43)}`), { scope: 'read' } as never),
  'a code that somebody typed': (body) => [readCode(body), normalCode(body)],
}

test('F80 every provider that has a door is looked at', () => {
  expect([...vendors.keys()].toSorted()).toEqual(PROVIDER_NAMES.toSorted())
})

/**
 * The milliseconds of processor time, which contain no waiting: the least of some tries. A try that costs no more than
 * `enough` is the last one.
 */
async function costOf(read: (body: string) => unknown, body: string, enough = 0): Promise<number> {
  let least = Infinity
  for (let time = 0; time < TRIES && least > enough; time++) {
    const before = process.cpuUsage()
    try {
      await read(body)
    } catch (error) {
      // The body is refused, as it must be. A reader that breaks before it has read would seem quick.
      if (error instanceof TypeError) throw error
    }
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1_000)
  }
  return least
}

/**
 * Four times the input may take four times as long, and a quadratic reader takes sixteen times: eight lies far
 * from both.
 */
async function grows(read: (body: string) => unknown, parts = PARTS): Promise<string[]> {
  const found: string[] = []
  for (const part of parts) {
    const [quarters, wholes] = [bodiesOf(part, SIZE / 4), bodiesOf(part, SIZE)]
    for (const [index, whole] of wholes.entries()) {
      const long = await costOf(read, whole, FLOOR_MS)
      if (long <= FLOOR_MS) continue
      // The quarter's least cost counts: of one try, a busy machine makes so much that nothing seems to grow.
      if (long > 8 * (await costOf(read, quarters[index]!))) found.push(`${part} × ${whole.length}`)
    }
  }
  return found
}

test('F80 the search finds what looks through the rest again at each place', async () => {
  const quadratic = (body: string) => /\s+x$/.test(body.slice(0, body.length / 8))
  expect(await grows(quadratic, [' '])).toContain(`  × ${SIZE - 200}`)
})

describe('F80 of what is read before anybody has proven who they are, four times the input takes less than eight times the processor', () => {
  test.each(Object.entries(readers))('%s', async (_, read) => {
    expect(await grows(read)).toEqual([])
  })
})
