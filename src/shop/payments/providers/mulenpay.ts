import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { retrySafe, sendCall } from '#shared/http.ts'
import { shorten, storable } from '#shared/storable.ts'
import { formatAmount } from '#shared/money.ts'
import { limit } from './decimals.ts'
import { readMoney } from '#shared/money.ts'
import type { PaymentProvider, ProviderEntry, Reading, ReadingState, PaymentVariables } from './port.ts'
import { sameSecret } from './secrets.ts'

const PAGE = 1000
/** A search looks through this many payments at most: 20 pages. */
const MAX_OFFSET = 20 * PAGE

const paymentShape = z.looseObject({
  id: z.number().int(),
  uuid: z.string().nullish(),
  amount: z.union([z.string(), z.number().transform(String)]).nullish(),
  currency: z.string().nullish(),
  status: z.number().int(),
})

/** The numbers that a look-up answers with. A callback has words instead, and no number stands for a refund. */
const STATES: Record<number, ReadingState> = {
  0: 'pending',
  1: 'confirming',
  2: 'cancelled',
  3: 'paid',
  4: 'failed',
  5: 'confirming',
  6: 'confirming',
}
const WORDS: Record<string, ReadingState> = { success: 'paid', cancel: 'cancelled' }

function reading(payment: z.infer<typeof paymentShape>, state: ReadingState, status: string): Reading {
  const asked = readMoney(payment.amount, payment.currency)
  return {
    invoice: String(payment.id),
    reference: payment.uuid ?? undefined,
    state,
    status,
    asked,
    received: state === 'paid' ? asked : undefined,
    sent: undefined,
    deposit: false,
    createdAt: undefined,
  }
}
const toReading = (payment: z.infer<typeof paymentShape>) =>
  reading(payment, STATES[payment.status] ?? 'unknown', String(payment.status))

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

/** sha1( currency + amount + shopId [+ uuid] + secret ), the very texts that are sent. */
export function createSignature(
  payment: { currency: string; amount: string; shopId: number; uuid?: string },
  secret: string,
): string {
  return sha1(payment.currency + payment.amount + payment.shopId + (payment.uuid ?? '') + secret)
}

/**
 * Some callbacks carry `sign` = sha1(all other values in order + secret); most real ones carry none. A number's
 * text is tried as it was sent ("100.50") and as it is once parsed ("100.5").
 */
export function callbackSignature(body: string, secret: string): 'valid' | 'wrong' | 'absent' {
  const values = (raw: boolean) =>
    Object.entries(parseKeepingNumbers(body, raw)).filter(([name]) => name !== 'sign')
  const given = parseKeepingNumbers(body, false)['sign']
  if (typeof given !== 'string') return 'absent'
  const tries = [false, true].map((raw) =>
    sha1(
      values(raw)
        .map(([, value]) => String(value))
        .join('') + secret,
    ),
  )
  return tries.some((one) => sameSecret(one, given)) ? 'valid' : 'wrong'
}

/** `raw` keeps numbers as the text they were sent in: 100.50 stays "100.50". */
function parseKeepingNumbers(body: string, raw: boolean): Record<string, unknown> {
  type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown
  const keep: Reviver = (_, value, context) => (typeof value === 'number' ? context?.source : value)
  return z.record(z.string(), z.unknown()).parse(raw ? JSON.parse(body, keep as never) : JSON.parse(body))
}

const callbackShape = z.looseObject({
  id: z.coerce.number().int(),
  amount: z.coerce.string(),
  currency: z.string(),
  uuid: z.string().transform(storable),
  payment_status: z.string().transform(storable),
})

function provider(settings: PaymentVariables): PaymentProvider {
  const apiUrl = (settings['MULENPAY_API_URL'] || 'https://mulenpay.ru/api').replace(/\/+(v2)?\/*$/, '')
  const secret = settings['MULENPAY_SECRET_KEY'] ?? ''
  const shopId = Number(settings['MULENPAY_SHOP_ID'])

  async function ask<T>(method: 'GET' | 'POST' | 'PUT', path: string, shape: z.ZodType<T>, body?: object) {
    const name = `mulenpay ${method} ${path.replace(/[?].*/, '')}`
    const reply = await sendCall({
      name,
      method,
      url: `${apiUrl}/v2/${path}`,
      headers: { Authorization: `Bearer ${settings['MULENPAY_API_KEY']}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
      changes: method !== 'GET',
      expect: [400, 404, 422],
    })
    if (reply.status === 404 && method === 'GET') return undefined
    if (reply.status < 300) return reply.parse(shape)
    throw new Rejected('provider.refused', `${name}: ${reply.status} ${reply.quote()}`)
  }

  /** `uuid` narrows the list where the service knows that filter; the caller filters once more. */
  async function* pages(uuid?: string) {
    const shape = z.looseObject({ items: z.array(paymentShape) })
    const filter = uuid ? `&uuid=${encodeURIComponent(uuid)}` : ''
    let first: number | undefined
    for (let offset = 0; offset < MAX_OFFSET; offset += PAGE) {
      const path = `payments?limit=${PAGE}&offset=${offset}${filter}`
      const page = (await retrySafe(() => ask('GET', path, shape)))?.items ?? []
      // A service that ignores the offset would answer the first page for ever.
      if (page.length === 0 || page[0]?.id === first) return
      first ??= page[0]?.id
      yield page
      if (page.length < PAGE) return
    }
  }

  return {
    name: 'mulenpay',
    address: apiUrl,
    supports: {
      limits: limit('RUB', '50', '100000'),
      signedWebhooks: false,
      createRepeatableMs: 0,
      refunds: 'full',
      inexact: false,
      wallets: [],
    },

    async createInvoice({ amount, reference, description, language, returnUrl }) {
      const sum = formatAmount(amount.amount, amount.asset)
      const signed = { currency: 'rub', amount: sum, shopId }
      const withUuid = settings['MULENPAY_SIGN_WITH_UUID'] === 'true' ? { uuid: reference } : {}
      const item = { description: shorten(description, 128), quantity: 1, price: Number(sum) }
      const body = {
        ...signed,
        uuid: reference,
        description: shorten(description, 255),
        // No VAT, a service, paid in full: what a Russian receipt needs for a top-up.
        items: [{ ...item, vat_code: 0, payment_subject: 4, payment_mode: 4 }],
        language,
        ...(returnUrl ? { website_url: returnUrl } : {}),
        sign: createSignature({ ...signed, ...withUuid }, secret),
      }
      const shape = z.looseObject({ paymentUrl: z.string().min(1), id: z.number().int() })
      const made = await ask('POST', 'payments', shape, body)
      if (!made) throw new Rejected('provider.refused', 'mulenpay: no payment was made')
      return {
        invoice: String(made.id),
        payUrl: made.paymentUrl,
        expiresAt: undefined,
        asked: undefined,
        state: 'pending',
      }
    },

    // The vendor documents no authentication of callbacks: the secret is the last part of the path, set by hand in
    // the merchant's cabinet, and a callback never is more than a hint.
    isGenuine: ({ token = '' }) =>
      ['MULENPAY_WEBHOOK_SECRET', 'MULENPAY_OLD_WEBHOOK_SECRET'].some((name) =>
        sameSecret(settings[name] ?? '', token),
      ),

    readWebhook(body) {
      try {
        const callback = callbackShape.parse(parseKeepingNumbers(body, true))
        const state = WORDS[callback.payment_status] ?? 'unknown'
        const signature = callbackSignature(body, secret)
        return {
          ...reading({ ...callback, status: 0 }, state, callback.payment_status),
          key: `${callback.id}-${callback.payment_status}`,
          ...(signature === 'absent' ? {} : { signature }),
        }
      } catch (error) {
        throw new Rejected('webhook.malformed', 'mulenpay callback', { cause: error })
      }
    },

    async lookup({ reference, invoice }) {
      if (invoice) {
        const shape = z.looseObject({ payment: paymentShape })
        const found = await retrySafe(() => ask('GET', `payments/${encodeURIComponent(invoice)}`, shape))
        return found && toReading(found.payment)
      }
      for await (const page of pages(reference)) {
        const found = page.filter((one) => one.uuid === reference)
        const paid = found.find((one) => one.status === 3)
        if (found[0]) return toReading(paid ?? found[0])
      }
      return undefined
    },

    // The list has no dates, so the whole of it is compared, whatever the period.
    async *listPayments() {
      for await (const page of pages()) yield* page.map(toReading)
    },

    async refund({ invoice }) {
      const shape = z.looseObject({ success: z.literal(true) })
      await ask('PUT', `payments/${encodeURIComponent(invoice)}/refund`, shape)
      return 'done'
    },
  }
}

/** MulenPay, cards and SBP in roubles: the OpenAPI that its plugins carry (v2). */
export const mulenpay: ProviderEntry = {
  name: 'mulenpay',
  required: ['MULENPAY_API_KEY', 'MULENPAY_SECRET_KEY', 'MULENPAY_SHOP_ID', 'MULENPAY_WEBHOOK_SECRET'],
  optional: [
    'MULENPAY_API_URL',
    'MULENPAY_CALLBACK_URL',
    'MULENPAY_MERCHANT_ID',
    'MULENPAY_SIGN_WITH_UUID',
    'MULENPAY_OLD_WEBHOOK_SECRET',
  ],
  cabinetPath: '/webhooks/mulenpay/<MULENPAY_WEBHOOK_SECRET>',
  problems: ({ MULENPAY_SHOP_ID: shop, MULENPAY_SIGN_WITH_UUID: uuid }) => [
    ...(!shop?.trim() || /^\d{1,15}$/.test(shop) ? [] : ['MULENPAY_SHOP_ID has to be a number.']),
    ...(!uuid || /^(true|false)$/.test(uuid) ? [] : ['MULENPAY_SIGN_WITH_UUID has to be true or false.']),
  ],
  build: provider,
}
