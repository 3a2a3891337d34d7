import type http from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type HttpCall, sendCall } from '#shared/http.ts'
import { formsOf } from '#shared/scrub.ts'
import { buildProviders } from '#shop/pictures/providers/registry.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { resellerClient } from '#shop/stars-premium/reseller/client.ts'
import { resellerSupplier } from '#shop/stars-premium/reseller/orders.ts'
import { NO_TOKEN } from '#shop/stars-premium/reseller/token-store.ts'
import { starGiftSupplier } from '#shop/stars-premium/star-gifts.ts'
import { localServer } from '../lib/local-server.ts'

/**
 * How a vendor words what it was sent, and whether it answers with a refusal, a failure or a success of an odd
 * shape.
 */
let respond: (request: { url: string; headers: http.IncomingHttpHeaders; body: string }) => string
let status = 400
const base = localServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8')
    response.writeHead(status).end(respond({ url: request.url!, headers: request.headers, body }))
  })
})

const KEY = 'PLANTED/key+with="signs" ключ-7731'
const PASSWORD = 'PLANTED-basic-password'
const ADDRESS = 'UQPLANTEDaddressOfSomebody0123456789abcdefghijkl'
const PHONE = '79005551234'
const TOKEN = '7000000001:AAPLANTEDbotTokenPLANTEDbotToken_-x'
const WORDS =
  'able about above absent absorb abstract zebra zone zoo young youth year wrong write wrist world'.split(' ')
const planted: Record<string, string> = {
  header: encodeURIComponent(KEY),
  basic: PASSWORD,
  body: KEY,
  address: ADDRESS,
  query: 'PLANTED-query-value',
  token: TOKEN,
}
const call = (more: Partial<HttpCall> = {}): HttpCall => ({
  name: 'vendor',
  method: 'POST',
  url: `${base()}/bot${TOKEN}/pay/${ADDRESS}?memo=${encodeURIComponent(planted['query']!)}`,
  headers: {
    'X-Key': `Bearer ${encodeURIComponent(KEY)}`,
    Authorization: `Basic ${Buffer.from(`shop:${PASSWORD}`).toString('base64')}`,
  },
  body: JSON.stringify({ key: KEY, to: { address: ADDRESS }, phone_number: PHONE, mnemonics: WORDS }),
  changes: true,
  ...more,
})
const failure = async (more: Partial<HttpCall> = {}): Promise<string> => {
  try {
    const reply = await sendCall(call(more))
    reply.parse(z.object({ never: z.string() }))
    return 'nothing was thrown'
  } catch (error) {
    return inspect(error, { depth: 10 })
  }
}

describe('F87 what a vendor quotes of our request is cut out before anybody reads it', () => {
  const answers = [200, 302, 400, 429, 503]

  test.each(Object.keys(planted))(
    'the value sent as %s, in every writing and with every status',
    async (name) => {
      for (const form of formsOf(planted[name]!)) {
        for (status of answers) {
          respond = () => JSON.stringify({ error: 'bad' }).replace('bad', `bad ${form} here`)
          const said = await failure()
          expect(said, `${status} ${form}`).toContain('[sent]')
          expect(said, `${status} ${form}`).not.toContain(form)
          expect(said, `${status} ${form}`).toMatch(/bad.*here/s)
        }
      }
    },
  )

  test('a value that is cut off, at either end or by the end of what an error quotes', async () => {
    status = 400
    for (const quoted of [ADDRESS.slice(0, 20), ADDRESS.slice(-20), `${'.'.repeat(280)}${ADDRESS}`]) {
      respond = () => `the address ${quoted}`
      expect(await failure()).not.toMatch(/PLANTED|0123456789/)
    }
    respond = () => `${'.'.repeat(1_190)} ${ADDRESS}`
    expect(await failure()).not.toContain('PLANTED')
  })

  test('one word of a phrase, and a phone number with its signs', async () => {
    status = 400
    respond = () => 'the word Zebra is not in the list, +7 (900) 555-12-34 has no account'
    expect(await failure()).toContain('the word [sent] is not in the list, [sent] has no account')
  })

  test('the whole request, as JSON, as a form, in base64 and with letters as numbers', async () => {
    const echoes: (typeof respond)[] = [
      (request) => JSON.stringify(request),
      (request) => new URLSearchParams({ ...request, headers: JSON.stringify(request.headers) }).toString(),
      (request) => Buffer.from(JSON.stringify(request)).toString('base64'),
      (request) =>
        `"${JSON.stringify(request).replace(/./gs, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`,
    ]
    for (status of answers) {
      for (respond of echoes) {
        const said = await failure()
        for (const value of Object.values(planted))
          for (const form of formsOf(value)) expect(said, `${status}`).not.toContain(form)
        expect(said).not.toMatch(/PLANTED|zebra/)
      }
    }
  })

  test('a good answer comes whole, only our credentials are not in it', async () => {
    status = 200
    respond = () => JSON.stringify({ id: ADDRESS, note: `${encodeURIComponent(KEY)} ${TOKEN} ${PASSWORD}` })
    const reply = await sendCall(call())
    expect(reply.parse(z.object({ id: z.string(), note: z.string() }))).toEqual({
      id: ADDRESS,
      note: '[sent] [sent] [sent]',
    })
  })

  test('words, amounts and our own route stay readable', async () => {
    status = 400
    respond = () => 'pay: amount 100.00 RUB is below the least amount for memo'
    expect(await failure({ body: JSON.stringify({ amount: '100.00', currency: 'RUB' }) })).toContain(
      'pay: amount 100.00 RUB is below the least amount for memo',
    )
  })

  test('every adapter there is', async () => {
    const secret = (name: string) => `PLANTED${name}${'0123456789abcdef'.repeat(2)}`
    const settings: Record<string, string> = {
      CRYPTO_BOT_TOKEN: secret('cryptobot'),
      HELEKET_API_KEY: secret('heleket'),
      HELEKET_MERCHANT_ID: secret('merchant'),
      HELEKET_PAYOUT_KEY: secret('payout'),
      CRYPTOMUS_API_KEY: secret('cryptomus'),
      CRYPTOMUS_MERCHANT_ID: secret('shop'),
      MULENPAY_API_KEY: secret('mulenpay'),
      MULENPAY_SECRET_KEY: secret('mulensecret'),
      MULENPAY_SHOP_ID: '12',
      MULENPAY_WEBHOOK_SECRET: secret('mulenhook'),
      YOOKASSA_SHOP_ID: '100500',
      YOOKASSA_SECRET_KEY: secret('yookassa'),
      YOOKASSA_WEBHOOK_SECRET: secret('yoohook'),
      IMAGE_API_TOKEN: secret('kie'),
      REPLICATE_API_TOKEN: secret('replicate'),
      OPENAI_API_KEY: secret('openai'),
    }
    for (const name of [
      'CRYPTO_BOT',
      'HELEKET',
      'CRYPTOMUS',
      'MULENPAY',
      'YOOKASSA',
      'IMAGE',
      'REPLICATE',
      'OPENAI',
    ])
      settings[`${name}_API_URL`] = base()
    const amount = { asset: 'RUB', amount: 50_000n } as const
    const calls: [string, () => Promise<unknown>][] = []
    for (const provider of paymentProviders(settings, 'https://shop.example').values()) {
      const request = {
        reference: 'PLANTEDreference01',
        amount,
        description: 'tokens',
        lifetimeSeconds: 3600,
        returnUrl: undefined,
        personId: 1n,
      }
      calls.push([`${provider.name} createInvoice`, () => provider.createInvoice(request as never)])
      calls.push([
        `${provider.name} lookup`,
        () => provider.lookup({ reference: 'PLANTEDreference01' } as never),
      ])
      const refund = {
        refund: 'PLANTEDrefund0001',
        description: 'tokens',
        reference: 'PLANTEDreference01',
        invoice: '7',
        amount,
        address: ADDRESS,
      }
      if (provider.refund) calls.push([`${provider.name} refund`, () => provider.refund!(refund)])
    }
    for (const provider of buildProviders(settings, 100).values()) {
      const drawing = {
        modelId: provider.models[0]!.id,
        prompt: 'PLANTED prompt of somebody',
        aspect: '1:1',
        photos: [],
        callbackUrl: 'https://shop.example/webhooks/images/PLANTEDcallback',
      }
      calls.push([`${provider.name} generate`, () => provider.generate(drawing)])
      calls.push([`${provider.name} lookup`, () => provider.lookup('PLANTEDtask000')])
      calls.push([`${provider.name} credits`, () => provider.credits()])
    }
    const credentials = { apiKey: secret('fragment'), phoneNumber: PHONE, mnemonics: WORDS, version: 'V4R2' }
    for (const presetJwt of [undefined, secret('jwt')]) {
      const store = {
        get: () => Promise.resolve({ ...NO_TOKEN, jwt: presetJwt ?? null }),
        save: () => Promise.resolve(),
        withLock: <T>(work: () => Promise<T>) => work(),
      }
      const client = resellerClient({ baseUrl: base(), credentials, store, presetJwt })
      const supplier = resellerSupplier(client, { showSender: false, currency: 'ton' } as never)
      const purchase = {
        goods: { kind: 'stars', quantity: 50 },
        recipient: { username: 'PLANTEDusername', telegramId: null },
        callbackUrl: 'https://shop.example/webhooks/fragment/PLANTEDcallback',
      } as const
      calls.push(['fragment deliver', () => supplier.deliver(purchase)])
      calls.push(['fragment lookup', () => supplier.lookup('PLANTEDorder00')])
    }
    const gifts = starGiftSupplier(
      { token: TOKEN, apiRoot: base(), callTimeoutMs: 5_000 },
      async () => new Set(),
    )
    const gift = {
      goods: { kind: 'premium', months: 3 },
      recipient: { username: null, telegramId: 5n },
    } as const
    calls.push(['gift deliver', () => gifts.deliver({ ...gift, callbackUrl: null })])
    const teddy = { kind: 'telegram-gift', gift: '1', emoji: '🧸', stars: 15 } as const
    calls.push(['gift list', () => gifts.given(teddy, gift.recipient, 0)])

    let refused = 0
    const says = (echo: string): string[] => [
      echo,
      JSON.stringify({ state: 1, message: echo }),
      JSON.stringify({ code: 422, msg: echo, data: null }),
      JSON.stringify({ error: { code: 'x', message: echo } }),
      JSON.stringify({ ok: false, description: echo }),
      JSON.stringify({ errors: [{ code: '0', error: echo }] }),
    ]
    for (status of [200, 400, 401, 422]) {
      for (const shape of [0, 1, 2, 3, 4, 5]) {
        respond = ({ url, headers, body }) => {
          const { authorization, merchant, sign, 'crypto-pay-api-token': crypto } = headers
          return says(`${body} ${url} ${[authorization, merchant, sign, crypto].join(' ')}`)[shape]!
        }
        const results = await Promise.allSettled(calls.map(([, run]) => run()))
        for (const [at, result] of results.entries()) {
          if (result.status === 'rejected') refused++
          const all = inspect(result, { depth: 10 }).replace(/^ +at .*$/gm, '')
          // The names of a caller's own errors contain ids that the caller knows, and the name of the call
          // contains a username.
          const left = all.replace(/PLANTED(task000|order00|username|reference01)/g, '')
          expect(left, `${calls[at]![0]} ${status} ${shape}`).not.toMatch(/PLANTED|zebra|79005551234/)
        }
      }
    }
    expect(refused).toBeGreaterThan(calls.length * 15)
    console.log(`${calls.length} calls of the adapters, ${refused} refusals that quote the request, 0 leaks`)
  })
})
