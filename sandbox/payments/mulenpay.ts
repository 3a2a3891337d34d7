import { createHash } from 'node:crypto'
import { decimal, units } from './decimals.ts'
import type { ApiReply, ApiRequest, Fields, PageInvoice, Surroundings, Vendor, Way } from './vendor.ts'

export interface MulenPayOptions {
  apiKey: string
  secretKey: string
  shopId: number
}

interface Payment {
  id: number
  uuid: string
  amount: string
  currency: string
  description: string
  status: number
  returnUrl: string | undefined
  refunded: boolean
}

const STATUS = { created: 0, processing: 1, cancelled: 2, done: 3, error: 4, hold: 5 }
const WORDS = ['создан', 'обрабатывается', 'отменён', 'оплачен', 'ошибка', 'удержан', 'удержан']
const ITEM_FIELDS = ['description', 'quantity', 'price', 'vat_code', 'payment_subject', 'payment_mode']

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')
const unprocessable = (error: string): ApiReply => ({ status: 422, body: { error, status: 422 } })

/** MulenPay: a bearer token, a signed create, no idempotency whatever the uuid, and callbacks that nobody signs. */
export function createMulenPay(options: MulenPayOptions, around: Surroundings): Vendor {
  let payments: Payment[] = []
  const find = (id: string) => payments.find((one) => String(one.id) === id)
  const published = (one: Payment) => ({ ...one, returnUrl: undefined, refunded: undefined })

  /** Sends a callback. Mode `callbackSign` is none, body or header; `amount` replaces the sum that is told. */
  function tell(payment: Payment, word: 'success' | 'cancel', amount?: string): Promise<unknown> {
    const sum = amount ?? payment.amount
    const parsed = String(Number(sum))
    // The sum is a JSON number with two decimals, as the vendor writes it: 100.50.
    const fields = `"id":${payment.id},"amount":${sum},"currency":"${payment.currency.toUpperCase()}"`
    const rest = `"uuid":${JSON.stringify(payment.uuid)},"payment_status":"${word}"`
    const mode = around.settings['callbackSign'] ?? 'none'
    const all = `${payment.id}${parsed}${payment.currency.toUpperCase()}${payment.uuid}${word}`
    const sign = mode === 'body' ? `,"sign":"${sha1(all + options.secretKey)}"` : ''
    const body = `{${fields},${rest}${sign}}`
    const headers: Record<string, string> =
      mode === 'header' ? { 'X-Signature': sha1(body + options.secretKey) } : {}
    const forged = { headers: {}, body: `{${fields},${rest},"sign":"${sha1('forged')}"}` }
    return around.notify({
      url: around.settings.webhookUrl || undefined,
      status: word,
      headers,
      body,
      forged,
    })
  }

  function create(fields: Fields): ApiReply {
    for (const name of ['currency', 'amount', 'uuid', 'shopId', 'description', 'items', 'sign']) {
      if (fields[name] === undefined || fields[name] === '') return unprocessable(`param is missing: ${name}`)
    }
    const { currency, amount, uuid, shopId, items, sign } = fields
    if (!Number.isInteger(shopId)) return unprocessable('shopId must be an integer')
    if (shopId !== options.shopId) return { status: 403, body: { success: false, message: 'foreign shop' } }
    const sum = typeof amount === 'string' && /^\d+\.\d{2}$/.test(amount) && Number(amount) > 0
    if (currency !== 'rub' || !sum) return unprocessable('currency or amount is invalid')
    const lines = items as unknown as Fields[]
    if (!Array.isArray(lines) || lines.length === 0) return unprocessable('param is missing: items')
    for (const item of lines) {
      const missing = ITEM_FIELDS.find((name) => item[name] === undefined)
      if (missing) return unprocessable(`param is missing: items.${missing}`)
    }
    const middle = around.settings['signWithUuid'] === true ? String(uuid) : ''
    if (sign !== sha1(`rub${amount}${shopId}${middle}${options.secretKey}`))
      return unprocessable('sign is invalid')
    const payment: Payment = {
      id: 100_001 + payments.length,
      uuid: String(uuid),
      amount,
      currency: 'rub',
      description: String(fields['description']),
      status: STATUS.created,
      returnUrl: fields['website_url'] ? String(fields['website_url']) : undefined,
      refunded: false,
    }
    payments.push(payment)
    const paymentUrl = around.pageUrl(`/pay/${payment.id}`)
    return { status: 201, body: { success: true, paymentUrl, id: payment.id }, made: String(payment.id) }
  }

  function list(query: URLSearchParams): ApiReply {
    const limit = Math.min(1000, Number(query.get('limit') ?? 100))
    const offset = Number(query.get('offset') ?? 0)
    const uuid = around.settings['ignoreFilters'] === true ? null : query.get('uuid')
    const found = [...payments].reverse().filter((one) => uuid === null || one.uuid === uuid)
    return { status: 200, body: { items: found.slice(offset, offset + limit).map(published) } }
  }

  const route = ({ method, path }: ApiRequest) => {
    const [, kind, id, verb] = /^\/api\/v2\/(payments|shops)(?:\/(\d+))?(?:\/(\w+))?$/.exec(path) ?? []
    if (kind === 'shops')
      return { name: verb === 'balances' && method === 'GET' ? 'balances' : undefined, id }
    if (kind !== 'payments') return { name: undefined, id }
    const name = `${method} payments${id ? '/id' : ''}${verb ? `/${verb}` : ''}`
    const known = ['POST payments', 'GET payments', 'GET payments/id', 'PUT payments/id/refund']
    return { name: known.includes(name) ? name : undefined, id }
  }

  function call(name: string, request: ApiRequest): ApiReply {
    if (request.headers['authorization'] !== `Bearer ${options.apiKey}`) {
      return { status: 401, body: { error: 'unauthorized', status: 401 } }
    }
    if (name === 'POST payments') {
      return create(JSON.parse(request.body.toString('utf8') || '{}') as Fields)
    }
    if (name === 'GET payments') return list(request.query)
    const { id } = route(request)
    if (name === 'balances') {
      if (Number(id) !== options.shopId)
        return { status: 403, body: { success: false, message: 'foreign shop' } }
      const balance = {
        shop_id: options.shopId,
        currency: 'rub',
        balance: '0.00',
        hold: '0.00',
        available: '0.00',
      }
      return { status: 200, body: { success: true, data: { balances: [balance] } } }
    }
    const payment = find(id ?? '')
    if (!payment) return { status: 404, body: { status: 'error', message: 'payment not found' } }
    if (name === 'GET payments/id')
      return { status: 200, body: { success: true, payment: published(payment) } }
    if (payment.status !== STATUS.done || payment.refunded)
      return unprocessable('the payment cannot be refunded')
    payment.refunded = true
    return { status: 200, body: { success: true } }
  }

  async function pay(id: string, way: Way): Promise<void> {
    const payment = find(id)
    if (!payment || payment.status === STATUS.done) return
    if (way === 'decline' || way === 'late') {
      payment.status = STATUS.cancelled
      await tell(payment, 'cancel')
      if (way === 'decline') return
    }
    payment.status = STATUS.processing
    const settle = async () => {
      payment.status = STATUS.done
      // A bank sometimes confirms twice: one payment, two callbacks.
      await Promise.all([tell(payment, 'success'), ...(way === 'twice' ? [tell(payment, 'success')] : [])])
    }
    if (around.settings.confirmMs > 0) around.after(around.settings.confirmMs, () => void settle())
    else await settle()
  }

  const shown = (payment: Payment): PageInvoice => ({
    id: String(payment.id),
    reference: payment.uuid,
    title: payment.description,
    amount: payment.amount,
    currency: 'RUB',
    status: WORDS[payment.status] ?? '',
    ways: payment.status === STATUS.created ? ['exact', 'late', 'twice', 'decline'] : [],
    paid: payment.status === STATUS.done ? `${payment.amount} RUB` : undefined,
    expiresAt: undefined,
    returnUrl: payment.returnUrl,
  })

  return {
    name: 'mulenpay',
    title: 'MulenPay',
    callName: (request) => route(request).name,
    call,
    errorBody: (status, error) => ({ error, status }),
    invoices: () => payments.map(shown),
    pay,
    actions: {
      /** Sends a callback that says success, whatever GET says: `{id, amount?}`. */
      tell: async ({ id, amount, word }) => {
        const payment = find(String(id)) ?? payments.find((one) => one.uuid === id)
        const sum = amount === undefined ? undefined : decimal(units(String(amount)), 2)
        if (payment) await tell(payment, word === 'cancel' ? 'cancel' : 'success', sum)
      },
      /** Sets status and sum for GET, without a callback: `{id, status?, amount?}`. */
      set: ({ id, status, amount }) => {
        const payment = find(String(id)) ?? payments.find((one) => one.uuid === id)
        if (!payment) throw new Error('no such payment')
        if (status !== undefined) payment.status = Number(status)
        if (amount !== undefined) payment.amount = String(amount)
      },
    },
    save: () => payments,
    load: (state) => void (payments = state as Payment[]),
  }
}
