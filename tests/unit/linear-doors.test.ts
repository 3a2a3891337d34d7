import { describe, expect, test } from 'vitest'
import { createSecrets } from '#shared/secrets.ts'
import { isUpdate } from '#shared/telegram/intake.ts'
import { sealSecrets } from '#shared/telegram/sealed.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { readReference } from '#shop/payments/reference.ts'
import { readPictureToken } from '#shop/pictures/catalogue.ts'
import { kie } from '#shop/pictures/providers/kie/adapter.ts'
import { replicate } from '#shop/pictures/providers/replicate/adapter.ts'
import { readOrderToken } from '#shop/stars-premium/callback-token.ts'
import { createGuard } from '#shop/balance-api/guard.ts'
import { normalCode } from '#shop/loyalty/promo/promo.ts'
import { PROVIDER_NAMES } from '#shop/payments/providers/registry.ts'
import { readCode } from '#shop/shelf/codes.ts'
import { bodyOf } from '#shop/web/answering.ts'
import { readInitData } from '#shop/web/init-data.ts'
import { OURS, createPanelkeeper } from '#shop/web/panel/admin.ts'
import { environment } from '../../sandbox/payments/start.ts'

/** The largest body of a vendor's door. */
const SIZE = 64 * 1024
/** A linear reader needs about 1 ms of processor for such a body; a quadratic one took 10 s. */
const CPU_MS = 1_000

/** Bodies of one part over and over: what a pattern that looks back or ahead tries again at each place. */
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
const BODIES = PARTS.flatMap((part) => {
  const filling = part.repeat(Math.floor((SIZE - 200) / part.length))
  return [
    filling,
    `{"sign":"${'0'.repeat(32)}","x":"${filling.replaceAll(/["\\]/g, '')}"}`,
    `{${filling}"sign":"x"}`,
  ]
})

const secrets = createSecrets(Buffer.alloc(32, 1).toString('base64'))
const vendors = paymentProviders(
  environment({
    cryptomus: 'http://127.0.0.1:1',
    heleket: 'http://127.0.0.1:1',
    mulenpay: 'http://127.0.0.1:1',
    cryptopay: 'http://127.0.0.1:1',
  }),
)
const pictures = [
  kie({ apiUrl: 'x', uploadUrl: 'x', token: 'x', webhookKey: 'x', startRate: 1 }),
  replicate({ apiUrl: 'x', token: 'x', webhookSecret: 'whsec_eA==' }),
]

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
    pictures.map((provider) => [
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

describe('F80 what is read before anybody has proven who they are costs no more than its length', () => {
  test.each(Object.entries(readers))('%s', async (_, read) => {
    for (const body of BODIES) {
      const before = process.cpuUsage()
      try {
        await read(body)
      } catch {
        // Refused, which is what such a body is for.
      }
      const { user, system } = process.cpuUsage(before)
      expect((user + system) / 1_000, JSON.stringify(body.slice(0, 40))).toBeLessThan(CPU_MS)
    }
  })
})
