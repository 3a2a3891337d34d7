import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { retrySafe } from '#shared/http.ts'
import { readJson, shorten } from '#shared/storable.ts'
import { formatAmount } from '#shared/money.ts'
import { readMoney } from '#shared/money.ts'
import type { InvoiceRequest, PaymentProvider, RefundRequest, Supports, WalletRequest } from '../port.ts'
import { askEngine, type EngineAccount } from './client.ts'
import { invoiceShape, toReading } from './reading.ts'
import { isSigned } from './signature.ts'

export interface EngineSettings extends EngineAccount {
  apiKey: string
  /** Keys that webhooks may be signed with beside `apiKey`, while a key is being changed. */
  oldKeys: readonly string[]
  /** Keys to try for a refund, in this order: a wrong one is refused with 401 before anything happens. */
  refundKeys: readonly string[]
  callbackUrl: string | undefined
  limits: Supports['limits']
}

const LIFETIME_SECONDS = { min: 300, max: 43_200 }
/** The engine reads `date_from` without a zone, its own clock runs at +03:00: a day more on each side costs nothing. */
const LIST_MARGIN_MS = 24 * 3600_000

const WALLETS = [
  { asset: 'USDT', network: 'tron' },
  { asset: 'USDT', network: 'bsc' },
  { asset: 'USDT', network: 'ton' },
  { asset: 'TON', network: 'ton' },
  { asset: 'SOL', network: 'sol' },
] as const

/** Cryptomus and Heleket are one engine under two names: https://doc.cryptomus.com, https://doc.heleket.com */
export function engineProvider(settings: EngineSettings): PaymentProvider {
  const keys = [settings.apiKey, ...settings.oldKeys]
  const callback = settings.callbackUrl ? { url_callback: settings.callbackUrl } : {}
  const read = { key: settings.apiKey, changes: false }

  return {
    name: settings.name,
    address: settings.apiUrl,
    supports: {
      limits: settings.limits,
      signedWebhooks: true,
      createRepeatableMs: Infinity,
      refunds: 'address',
      inexact: true,
      wallets: WALLETS,
    },

    async createInvoice(request: InvoiceRequest) {
      const { amount, reference } = request
      const lifetime = Math.min(LIFETIME_SECONDS.max, Math.max(LIFETIME_SECONDS.min, request.lifetimeSeconds))
      const body = {
        amount: formatAmount(amount.amount, amount.asset),
        currency: amount.asset,
        order_id: reference,
        lifetime,
        is_payment_multiple: true,
        additional_data: shorten(request.description, 255),
        ...(request.returnUrl ? { url_return: request.returnUrl, url_success: request.returnUrl } : {}),
        ...callback,
      }
      const create = { key: settings.apiKey, changes: true, shape: invoiceShape }
      const made = await retrySafe(() => askEngine(settings, 'payment', body, create), { unknownToo: true })
      if (!made?.url) throw new Rejected('provider.refused', `${settings.name} payment: no page to pay on`)
      return {
        invoice: made.uuid,
        payUrl: made.url,
        expiresAt: made.expired_at ? new Date(made.expired_at * 1000) : undefined,
        asked: readMoney(made.amount, made.currency),
        state: toReading(made).state,
      }
    },

    isGenuine: (delivery) => isSigned(delivery.body, keys),

    readWebhook(body) {
      try {
        const event = invoiceShape.parse(readJson(body))
        const reading = toReading(event)
        const key = [reading.invoice, reading.status, event.payment_amount ?? '0'].join('-')
        return { ...reading, key }
      } catch (error) {
        throw new Rejected('webhook.malformed', `${settings.name} webhook`, { cause: error })
      }
    },

    // Cryptomus and Heleket differ in which id wins when both are given, so each call gives only one.
    async lookup({ reference, invoice }) {
      const id = invoice ? { uuid: invoice } : { order_id: reference }
      const found = await retrySafe(() =>
        askEngine(settings, 'payment/info', id, { ...read, shape: invoiceShape }),
      )
      return found && toReading(found)
    },

    async *listPayments({ from, to }) {
      const format = (at: number) => new Date(at).toISOString().slice(0, 19).replace('T', ' ')
      const dates = {
        date_from: format(from.getTime() - LIST_MARGIN_MS),
        date_to: format(to.getTime() + LIST_MARGIN_MS),
      }
      const shape = z.looseObject({
        items: z.array(invoiceShape),
        paginate: z.looseObject({ nextCursor: z.string().nullish() }).nullish(),
      })
      const seen = new Set<string>()
      for (let cursor: string | undefined; ;) {
        // The documentation shows the cursor both in the address and in the body; only the body is signed.
        const path = cursor ? `payment/list?cursor=${encodeURIComponent(cursor)}` : 'payment/list'
        const body = cursor ? { ...dates, cursor } : dates
        const page = await retrySafe(() => askEngine(settings, path, body, { ...read, shape }))
        yield* (page?.items ?? []).map(toReading)
        cursor = page?.paginate?.nextCursor ?? undefined
        if (!cursor || seen.has(cursor)) return
        seen.add(cursor)
      }
    },

    async refund(request: RefundRequest) {
      if (!request.address)
        throw new Rejected('refund.address', 'the engine refunds to a wallet address only')
      if (settings.refundKeys.length === 0) throw new Rejected('refund.no-key', 'no payout key is set')
      const body = { uuid: request.invoice, address: request.address, is_subtract: true }
      for (const [index, key] of settings.refundKeys.entries()) {
        try {
          await askEngine(settings, 'payment/refund', body, { key, changes: true, shape: z.unknown() })
          return 'started'
        } catch (error) {
          const wrongKey = error instanceof Rejected && error.code === 'http.401'
          if (!wrongKey || index === settings.refundKeys.length - 1) throw error
        }
      }
      throw new Rejected('refund.no-key', 'no payout key is set')
    },

    async createWallet({ reference, asset, network }: WalletRequest) {
      const shape = z.looseObject({
        address: z.string().min(1),
        wallet_uuid: z.string().nullish(),
        uuid: z.string(),
      })
      const body = { currency: asset, network, order_id: reference, ...callback }
      const made = await retrySafe(
        () => askEngine(settings, 'wallet', body, { key: settings.apiKey, changes: true, shape }),
        { unknownToo: true },
      )
      if (!made) throw new Rejected('provider.refused', `${settings.name} wallet`)
      return { wallet: made.wallet_uuid ?? made.uuid, address: made.address, asset, network }
    },
  }
}
