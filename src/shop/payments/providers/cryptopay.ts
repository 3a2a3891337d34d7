import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { retrySafe, sendCall } from '#shared/http.ts'
import { readJson, shorten } from '#shared/storable.ts'
import { formatAmount } from '#shared/money.ts'
import { limit } from './decimals.ts'
import { readMoney } from '#shared/money.ts'
import type { PaymentProvider, ProviderEntry, Reading, ReadingState } from './port.ts'
import { sameSecret } from './secrets.ts'

const PAGE = 1000
/** A search looks through this many of the newest invoices at most: 20 pages. */
const MAX_OFFSET = 20 * PAGE

const invoiceShape = z.looseObject({
  invoice_id: z.number().int(),
  status: z.string(),
  asset: z.string().nullish(),
  fiat: z.string().nullish(),
  amount: z.string().nullish(),
  payload: z.string().nullish(),
  paid_asset: z.string().nullish(),
  paid_amount: z.string().nullish(),
  bot_invoice_url: z.string().nullish(),
  expiration_date: z.string().nullish(),
  created_at: z.string().nullish(),
})
type CryptoInvoice = z.infer<typeof invoiceShape>

const STATES: Record<string, ReadingState> = { active: 'pending', paid: 'paid', expired: 'expired' }

/** `amount` is in the invoice's currency, `paid_amount` is a coin: the two are never compared. */
function toReading(invoice: CryptoInvoice): Reading {
  const asked = readMoney(invoice.amount, invoice.fiat ?? invoice.asset)
  const state = STATES[invoice.status] ?? 'unknown'
  const coin = {
    amount: invoice.paid_amount ?? invoice.amount,
    currency: invoice.paid_asset ?? invoice.asset,
  }
  return {
    invoice: String(invoice.invoice_id),
    reference: invoice.payload ?? undefined,
    state,
    status: invoice.status,
    asked,
    received: state === 'paid' ? asked : undefined,
    sent:
      state === 'paid' && coin.amount && coin.currency
        ? { amount: coin.amount, currency: coin.currency }
        : undefined,
    ...(invoice.bot_invoice_url ? { payUrl: invoice.bot_invoice_url } : {}),
    deposit: false,
    createdAt: invoice.created_at ? new Date(invoice.created_at) : undefined,
  }
}

/** @crypto-pay-api-signature: hex HMAC-SHA256 of the raw body, the key being SHA256(token) as raw bytes. */
export function cryptoPaySignature(body: Uint8Array, token: string): string {
  return createHmac('sha256', createHash('sha256').update(token).digest()).update(body).digest('hex')
}

function provider(apiUrl: string, token: string, oldToken: string | undefined): PaymentProvider {
  async function ask<T>(method: string, body: object, changes: boolean, shape: z.ZodType<T>): Promise<T> {
    const reply = await sendCall({
      name: `cryptopay ${method}`,
      method: 'POST',
      url: `${apiUrl}/api/${method}`,
      headers: { 'Crypto-Pay-API-Token': token },
      body: JSON.stringify(body),
      changes,
      expect: [400, 404, 422],
    })
    const answer = reply.status < 300 ? reply.parse(z.looseObject({ ok: z.boolean() })) : { ok: false }
    if (answer.ok) return reply.parse(z.looseObject({ result: shape })).result
    const text = `cryptopay ${method}: ${reply.status} ${reply.quote()}`
    throw new Rejected('provider.refused', text)
  }

  const items = z.looseObject({ items: z.array(invoiceShape) })
  const list = (query: object) => retrySafe(() => ask('getInvoices', query, false, items))

  /** All invoices, as the service lists them; it is not written whether old or new ones come first. */
  async function* pages() {
    for (let offset = 0; offset < MAX_OFFSET; offset += PAGE) {
      const page = (await list({ count: PAGE, offset })).items
      yield page
      if (page.length < PAGE) return
    }
  }

  return {
    name: 'cryptopay',
    address: apiUrl,
    supports: {
      limits: {
        ...limit('RUB', '50', '500000'),
        ...limit('USD', '1', '5000'),
        ...limit('EUR', '1', '5000'),
        ...limit('USDT', '1', '5000'),
        ...limit('TON', '0.5', '2000'),
      },
      signedWebhooks: true,
      createRepeatableMs: 0,
      refunds: 'none',
      inexact: false,
      wallets: [],
    },

    async createInvoice({ amount, reference, description, lifetimeSeconds, returnUrl }) {
      const coin = amount.asset === 'USDT' || amount.asset === 'TON'
      const body = {
        ...(coin
          ? { currency_type: 'crypto', asset: amount.asset }
          : { currency_type: 'fiat', fiat: amount.asset }),
        amount: formatAmount(amount.amount, amount.asset),
        description: shorten(description, 1024),
        payload: reference,
        allow_comments: false,
        expires_in: Math.min(2_678_400, Math.max(60, lifetimeSeconds)),
        ...(returnUrl ? { paid_btn_name: 'callback', paid_btn_url: returnUrl } : {}),
      }
      const made = await ask('createInvoice', body, true, invoiceShape)
      if (!made.bot_invoice_url) throw new Rejected('provider.refused', 'cryptopay: no link to pay')
      return {
        invoice: String(made.invoice_id),
        payUrl: made.bot_invoice_url,
        expiresAt: made.expiration_date ? new Date(made.expiration_date) : undefined,
        asked: readMoney(made.amount, made.fiat ?? made.asset),
        state: STATES[made.status] ?? 'unknown',
      }
    },

    isGenuine({ body, headers }) {
      const given = headers['crypto-pay-api-signature']
      if (typeof given !== 'string') return false
      return [token, oldToken ?? ''].some(
        (key) => key !== '' && sameSecret(cryptoPaySignature(body, key), given),
      )
    },

    readWebhook(body) {
      try {
        const update = z.looseObject({ payload: invoiceShape }).parse(readJson(body))
        const reading = toReading(update.payload)
        // update_id is not unique between applications; an invoice is paid once.
        return { ...reading, key: `${reading.invoice}-${reading.status}` }
      } catch (error) {
        throw new Rejected('webhook.malformed', 'cryptopay webhook', { cause: error })
      }
    },

    async lookup({ reference, invoice }) {
      if (invoice) {
        const [found] = (await list({ invoice_ids: invoice })).items
        return found && toReading(found)
      }
      for await (const page of pages()) {
        const found = page.filter((one) => one.payload === reference)
        if (found.length > 0)
          return toReading(found.find((one) => one.status === 'paid') ?? (found[0] as CryptoInvoice))
      }
      return undefined
    },

    async *listPayments({ from, to }) {
      for await (const page of pages()) {
        const readings = page.map(toReading)
        const within = (at: Date | undefined) => !at || (at >= from && at <= to)
        yield* readings.filter((one) => within(one.createdAt))
        const newestFirst = (page[0]?.invoice_id ?? 0) > (page.at(-1)?.invoice_id ?? 0)
        if (newestFirst && readings.every((one) => one.createdAt && one.createdAt < from)) return
      }
    },
  }
}

/** Crypto Pay of @CryptoBot: https://help.crypt.bot/crypto-pay-api */
export const cryptopay: ProviderEntry = {
  name: 'cryptopay',
  required: ['CRYPTO_BOT_TOKEN'],
  optional: ['CRYPTO_BOT_API_URL', 'CRYPTO_BOT_OLD_TOKEN'],
  cabinetPath: '/webhooks/cryptopay',
  build: (settings) =>
    provider(
      (settings['CRYPTO_BOT_API_URL'] || 'https://pay.crypt.bot').replace(/\/+(api)?\/*$/, ''),
      settings['CRYPTO_BOT_TOKEN'] ?? '',
      settings['CRYPTO_BOT_OLD_TOKEN'],
    ),
}
