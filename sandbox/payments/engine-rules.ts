import type { EngineInvoice } from './engine-invoice.ts'
import type { ApiReply, Fields } from './vendor.ts'

const refuse = (errors: Record<string, string[]>): ApiReply => ({ status: 422, body: { state: 1, errors } })
const say = (message: string): ApiReply => ({ status: 422, body: { state: 1, message } })

const CURRENCIES = ['RUB', 'USD', 'EUR', 'USDT', 'TON', 'SOL', 'TRX', 'BTC']
const NETWORKS: Record<string, string[]> = { USDT: ['tron', 'bsc', 'ton', 'eth'], TON: ['ton'], SOL: ['sol'] }

function checkOrderId(value: unknown): Record<string, string[]> {
  if (typeof value !== 'string' || value === '') return { order_id: ['validation.required'] }
  if (!/^[A-Za-z0-9_-]+$/.test(value)) return { order_id: ['validation.alpha_dash'] }
  return value.length > 128 ? { order_id: ['validation.max.string'] } : {}
}

function checkUrls(fields: Fields): Record<string, string[]> {
  const names = ['url_return', 'url_success', 'url_callback'].filter((name) => {
    const value = fields[name]
    if (value === undefined || value === null) return false
    return typeof value !== 'string' || value.length < 6 || value.length > 255 || !URL.canParse(value)
  })
  return Object.fromEntries(names.map((name) => [name, ['validation.url']]))
}

/**
 * Checks the rules of POST /v1/payment.
 * @returns the refusal, or undefined
 */
export function checkInvoice(fields: Fields): ApiReply | undefined {
  const { amount, currency, lifetime, additional_data: note } = fields
  const errors = { ...checkOrderId(fields['order_id']), ...checkUrls(fields) }
  const sum = typeof amount === 'string' && /^\d+(\.\d+)?$/.test(amount) && Number(amount) > 0
  if (!sum) errors['amount'] = ['validation.string']
  if (typeof currency !== 'string') errors['currency'] = ['validation.required']
  const seconds = lifetime ?? 3600
  if (!Number.isInteger(seconds) || Number(seconds) < 300 || Number(seconds) > 43_200) {
    errors['lifetime'] = ['validation.between.numeric']
  }
  if (typeof note === 'string' && note.length > 255) errors['additional_data'] = ['validation.max.string']
  if (Object.keys(errors).length > 0) return refuse(errors)
  return CURRENCIES.includes(String(currency)) ? undefined : say('The currency was not found')
}

export function checkWallet(fields: Fields): ApiReply | undefined {
  const errors = { ...checkOrderId(fields['order_id']), ...checkUrls(fields) }
  const networks = NETWORKS[String(fields['currency'])]
  if (!networks) errors['currency'] = ['validation.in']
  else if (!networks.includes(String(fields['network']))) errors['network'] = ['validation.in']
  return Object.keys(errors).length > 0 ? refuse(errors) : undefined
}

export function checkRefund(fields: Fields, invoice: EngineInvoice | undefined): ApiReply | undefined {
  if (typeof fields['address'] !== 'string' || fields['address'] === '') {
    return refuse({ address: ['validation.required'] })
  }
  if (typeof fields['is_subtract'] !== 'boolean') return refuse({ is_subtract: ['validation.required'] })
  if (!fields['uuid'] && !fields['order_id']) return refuse({ uuid: ['validation.required_without'] })
  if (!invoice) return say('Payment was not found')
  if (invoice.refunded) return say('The payment has already been refunded')
  return ['paid', 'paid_over', 'wrong_amount'].includes(invoice.status) ? undefined : say('You are forbidden')
}
