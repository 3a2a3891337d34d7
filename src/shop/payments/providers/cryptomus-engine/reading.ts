import { z } from 'zod'
import { readMoneyDown, shareOf } from '../decimals.ts'
import { readMoney } from '#shared/money.ts'
import type { Reading, ReadingState } from '../port.ts'

const text = z.string().nullish()

/**
 * The one object of the engine: answer of create and info, item of a list, body of a webhook. Sums are strings,
 * many are null until the payer has chosen a coin; `status` and `payment_status` carry the same value.
 */
export const invoiceShape = z.looseObject({
  type: text,
  uuid: z.string(),
  order_id: text,
  amount: text,
  currency: text,
  payment_amount: text,
  payer_amount: text,
  payer_currency: text,
  network: text,
  txid: text,
  status: text,
  payment_status: text,
  url: text,
  expired_at: z.number().nullish(),
  wallet_address_uuid: text,
  created_at: text,
})
export type EngineInvoice = z.infer<typeof invoiceShape>

/** "Payment statuses" of the engine's documentation, one to one. */
const STATES: Record<string, ReadingState> = {
  process: 'pending',
  check: 'pending',
  confirm_check: 'confirming',
  paid: 'paid',
  paid_over: 'overpaid',
  wrong_amount_waiting: 'underpaid_open',
  wrong_amount: 'underpaid',
  cancel: 'expired',
  fail: 'failed',
  system_fail: 'failed',
  locked: 'locked',
  refund_process: 'refunding',
  refund_fail: 'refund_failed',
  refund_paid: 'refunded',
}

export function toReading(invoice: EngineInvoice): Reading {
  const status = invoice.status ?? invoice.payment_status ?? ''
  const deposit = invoice.type === 'wallet' || Boolean(invoice.wallet_address_uuid)
  const state = STATES[status] ?? 'unknown'
  const createdAt = invoice.created_at ? new Date(invoice.created_at) : undefined
  return {
    invoice: invoice.uuid,
    reference: invoice.order_id ?? undefined,
    state,
    status,
    asked: deposit ? undefined : readMoney(invoice.amount, invoice.currency),
    received: deposit ? depositSum(invoice) : receivedSum(invoice, state),
    sent: sentCoin(invoice),
    ...(invoice.url ? { payUrl: invoice.url } : {}),
    deposit,
    createdAt: createdAt && !Number.isNaN(createdAt.getTime()) ? createdAt : undefined,
  }
}

/**
 * `payment_amount` is in the payer's coin, as is `payer_amount`, the whole price. Their ratio is the share of the
 * invoice that has come.
 */
function receivedSum(invoice: EngineInvoice, state: ReadingState) {
  const asked = readMoney(invoice.amount, invoice.currency)
  if (state === 'paid') return asked
  const paid = invoice.payment_amount
  if (!asked || !paid || !['overpaid', 'underpaid_open', 'underpaid'].includes(state)) return undefined
  if (invoice.payer_currency === invoice.currency) return readMoneyDown(paid, asked.asset)
  return invoice.payer_amount ? shareOf(asked, paid, invoice.payer_amount) : undefined
}

function depositSum(invoice: EngineInvoice) {
  const currency = invoice.payer_currency ?? invoice.currency
  return invoice.payment_amount && currency ? readMoneyDown(invoice.payment_amount, currency) : undefined
}

function sentCoin(invoice: EngineInvoice): Reading['sent'] {
  if (!invoice.payment_amount || !invoice.payer_currency || /^[0.]+$/.test(invoice.payment_amount))
    return undefined
  return {
    amount: invoice.payment_amount,
    currency: invoice.payer_currency,
    ...(invoice.network ? { network: invoice.network } : {}),
    ...(invoice.txid ? { txid: invoice.txid } : {}),
  }
}
