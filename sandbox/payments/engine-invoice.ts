import { decimal, units } from './decimals.ts'

export interface EngineInvoice {
  uuid: string
  order_id: string
  /** The amount in the text in which it was asked for: "15.00". */
  amount: string
  currency: string
  is_payment_multiple: boolean
  url_callback: string | undefined
  url_return: string | undefined
  additional_data: string | null
  url: string
  created_at: number
  updated_at: number
  /** Unix seconds. */
  expired_at: number
  status: string
  /** What is asked for and what came, in USDT with 8 digits. */
  payer_amount: string
  paid: string
  txid: string | null
  wallet: { uuid: string; currency: string; network: string } | undefined
  refunded: boolean
}

const FINAL_WORDS = 'paid paid_over wrong_amount fail cancel system_fail refund_fail refund_paid locked'
export const FINAL = new Set(FINAL_WORDS.split(' '))
export const PAYABLE = new Set(['check', 'process', 'wrong_amount_waiting'])

/** Encodes as PHP's json_encode does with JSON_UNESCAPED_UNICODE. */
export function phpJson(value: unknown): string {
  return JSON.stringify(value).replace(/[/\u2028\u2029]/g, (one) =>
    one === '/' ? '\\/' : `\\u${one.codePointAt(0)?.toString(16)}`,
  )
}

const eight = (amount: string) => decimal(units(amount))
const isoMoscow = (at: number) => new Date(at + 3 * 3600_000).toISOString().replace(/\.\d+Z/, '+03:00')

/** The answer to create repeats the amount as it was sent; info and lists write it with eight digits. */
export function publicInvoice(invoice: EngineInvoice, where: 'create' | 'info') {
  const touched = invoice.status !== 'check' && invoice.status !== 'cancel'
  const coin = invoice.wallet?.currency ?? 'USDT'
  return {
    ...(invoice.wallet ? { type: 'wallet' } : {}),
    uuid: invoice.uuid,
    order_id: invoice.order_id,
    amount: where === 'create' ? invoice.amount : eight(invoice.amount),
    payment_amount: touched ? invoice.paid : null,
    payer_amount: touched ? invoice.payer_amount : null,
    discount_percent: null,
    discount: '0.00000000',
    payer_currency: touched ? coin : null,
    currency: invoice.currency,
    merchant_amount: touched ? net(invoice.paid) : null,
    network: touched ? (invoice.wallet?.network ?? 'tron') : null,
    address: touched ? 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj' : null,
    from: touched ? 'THgEWubVc8tPKXLJ4VZ5zbiiAK7AgqSeGH' : null,
    txid: invoice.txid,
    payment_status: invoice.status,
    url: invoice.url,
    expired_at: invoice.expired_at,
    status: invoice.status,
    is_final: FINAL.has(invoice.status),
    additional_data: invoice.additional_data,
    ...(invoice.wallet ? { wallet_address_uuid: invoice.wallet.uuid } : {}),
    created_at: isoMoscow(invoice.created_at),
    updated_at: isoMoscow(invoice.updated_at),
    commission: null,
    comments: null,
  }
}

/** The body without `sign`: fields in the order of the engine, with nulls kept and sums as strings. */
export function webhookBody(invoice: EngineInvoice, status: string) {
  const coin = invoice.wallet?.currency ?? 'USDT'
  return {
    type: invoice.wallet ? 'wallet' : 'payment',
    uuid: invoice.uuid,
    order_id: invoice.order_id,
    amount: invoice.wallet ? invoice.paid : eight(invoice.amount),
    payment_amount: invoice.paid,
    payment_amount_usd: decimal(units(invoice.paid), 2),
    merchant_amount: net(invoice.paid),
    commission: decimal(units(invoice.paid) - units(net(invoice.paid))),
    is_final: FINAL.has(status),
    status,
    from: 'THgEWubVc8tPKXLJ4VZ5zbiiAK7AgqSeGH',
    wallet_address_uuid: invoice.wallet?.uuid ?? null,
    network: invoice.wallet?.network ?? 'tron',
    currency: invoice.currency,
    payer_currency: coin,
    payer_amount: invoice.payer_amount,
    payer_amount_exchange_rate: '1.00000000',
    additional_data: invoice.additional_data,
    transfer_id: null,
    txid: invoice.txid,
  }
}

/** What is left of a payment after the vendor's 2 %. */
function net(paid: string): string {
  return decimal((units(paid) * 98n) / 100n)
}
