import { createHash, createHmac } from 'node:crypto'
import { times, units, decimal } from './decimals.ts'
import type { ApiReply, ApiRequest, Fields, PageInvoice, Surroundings, Vendor, Way } from './vendor.ts'

export interface CryptoPayOptions {
  /** `<app_id>:<secret>` */
  token: string
}

interface Invoice {
  invoice_id: number
  hash: string
  currency_type: 'crypto' | 'fiat'
  asset?: string
  fiat?: string
  amount: string
  status: 'active' | 'paid' | 'expired'
  bot_invoice_url: string
  mini_app_invoice_url: string
  web_app_invoice_url: string
  description?: string
  payload?: string
  paid_btn_url?: string
  created_at: string
  expiration_date?: string
  allow_comments: boolean
  allow_anonymous: boolean
  paid_at?: string
  paid_anonymously?: boolean
  paid_asset?: string
  paid_amount?: string
  paid_usd_rate?: string
  paid_fiat_rate?: string
  fee_asset?: string
  fee_amount?: string
}

const ASSETS = ['USDT', 'TON', 'BTC', 'ETH', 'LTC', 'BNB', 'TRX', 'USDC']
const FIATS = 'USD EUR RUB BYN UAH GBP CNY KZT UZS GEL TRY AMD THB INR BRL IDR AZN AED PLN ILS KGS TJS'.split(
  ' ',
)
const BUTTONS = ['viewItem', 'openChannel', 'openBot', 'callback']
/** The price of one unit of a fiat currency in USDT. */
const RATES: Record<string, string> = { RUB: '0.0125', USD: '1', EUR: '1.1' }

const ok = (result: unknown): ApiReply => ({ status: 200, body: { ok: true, result } })
const bad = (name: string, code = 400): ApiReply => ({
  status: code,
  body: { ok: false, error: { code, name } },
})

/** Crypto Pay: a token in a header, a new invoice for every createInvoice, and events for `invoice_paid` only. */
export function createCryptoPay(options: CryptoPayOptions, around: Surroundings): Vendor {
  let invoices: Invoice[] = []
  let updates = 0
  const find = (id: unknown) => invoices.find((one) => one.invoice_id === Number(id) || one.payload === id)

  function tell(invoice: Invoice): Promise<unknown> {
    const update = {
      update_id: ++updates,
      update_type: 'invoice_paid',
      request_date: new Date(around.now()).toISOString(),
      payload: publicInvoice(invoice),
    }
    const body = JSON.stringify(update)
    const key = (token: string) => createHash('sha256').update(token).digest()
    const sign = (token: string) => createHmac('sha256', key(token)).update(body).digest('hex')
    return around.notify({
      url: around.settings.webhookUrl || undefined,
      status: 'paid',
      headers: { 'crypto-pay-api-signature': sign(options.token) },
      body,
      forged: { headers: { 'crypto-pay-api-signature': sign('another token') }, body },
    })
  }

  function publicInvoice(invoice: Invoice) {
    return { ...invoice, paid_btn_url: undefined }
  }

  const expire = (invoice: Invoice) => {
    if (invoice.status === 'active') invoice.status = 'expired'
  }
  const arm = (invoice: Invoice) => {
    if (!invoice.expiration_date) return
    around.after(Math.max(0, Date.parse(invoice.expiration_date) - around.now()), () => expire(invoice))
  }

  function create(fields: Fields): ApiReply {
    const {
      currency_type: type = 'crypto',
      asset,
      fiat,
      amount,
      description,
      payload,
      paid_btn_name,
      paid_btn_url,
    } = fields as Record<string, string | undefined>
    if (type !== 'crypto' && type !== 'fiat') return bad('CURRENCY_TYPE_INVALID')
    if (type === 'crypto' ? !ASSETS.includes(asset ?? '') : !FIATS.includes(fiat ?? '')) {
      return bad(type === 'crypto' ? 'ASSET_INVALID' : 'FIAT_INVALID')
    }
    if (typeof amount !== 'string' || !/^\d+(\.\d{1,18})?$/.test(amount) || Number(amount) <= 0) {
      return bad('AMOUNT_INVALID')
    }
    if ((description ?? '').length > 1024) return bad('DESCRIPTION_TOO_LONG')
    if (Buffer.byteLength(payload ?? '') > 4096) return bad('PAYLOAD_TOO_LONG')
    if (paid_btn_name !== undefined && (!BUTTONS.includes(paid_btn_name) || !paid_btn_url)) {
      return bad('PAID_BTN_URL_REQUIRED')
    }
    const lifetime = fields['expires_in']
    if (lifetime !== undefined) {
      const fits = Number.isInteger(lifetime) && Number(lifetime) >= 1 && Number(lifetime) <= 2_678_400
      if (!fits) return bad('EXPIRES_IN_INVALID')
    }
    const invoice_id = 1 + Math.max(500, ...invoices.map((one) => one.invoice_id))
    const link = around.pageUrl(`/pay/${invoice_id}`)
    const invoice: Invoice = {
      invoice_id,
      hash: createHash('sha1').update(`${invoice_id}`).digest('base64url').slice(0, 12),
      currency_type: type,
      ...(type === 'crypto' && asset ? { asset } : {}),
      ...(type === 'fiat' && fiat ? { fiat } : {}),
      amount,
      status: 'active',
      bot_invoice_url: link,
      mini_app_invoice_url: link,
      web_app_invoice_url: link,
      ...(description ? { description } : {}),
      ...(payload ? { payload } : {}),
      ...(paid_btn_url ? { paid_btn_url } : {}),
      created_at: new Date(around.now()).toISOString(),
      ...(lifetime
        ? { expiration_date: new Date(around.now() + Number(lifetime) * 1000).toISOString() }
        : {}),
      allow_comments: fields['allow_comments'] !== false,
      allow_anonymous: fields['allow_anonymous'] !== false,
    }
    invoices.push(invoice)
    arm(invoice)
    return { ...ok(publicInvoice(invoice)), made: String(invoice_id) }
  }

  function list(fields: Fields): ApiReply {
    const count = Number(fields['count'] ?? 100)
    if (!Number.isInteger(count) || count < 1 || count > 1000) return bad('COUNT_INVALID')
    const offset = Number(fields['offset'] ?? 0)
    const wanted = fields['invoice_ids'] === undefined ? undefined : String(fields['invoice_ids']).split(',')
    const status = fields['status']
    const found = [...invoices]
      .reverse()
      .filter((one) => !wanted || wanted.includes(String(one.invoice_id)))
      .filter((one) => status === undefined || one.status === status)
    return ok({ items: found.slice(offset, offset + count).map(publicInvoice) })
  }

  const calls: Record<string, (fields: Fields) => ApiReply> = {
    getMe: () =>
      ok({
        app_id: Number(options.token.split(':')[0]),
        name: 'Sandbox',
        payment_processing_bot_username: 'CryptoBot',
      }),
    createInvoice: create,
    getInvoices: list,
    deleteInvoice: (fields) => {
      const known = invoices.some((one) => one.invoice_id === Number(fields['invoice_id']))
      invoices = invoices.filter(
        (one) => one.invoice_id !== Number(fields['invoice_id']) || one.status === 'paid',
      )
      return known ? ok(true) : bad('INVOICE_NOT_FOUND')
    },
  }

  function call(name: string, request: ApiRequest): ApiReply {
    if (request.headers['crypto-pay-api-token'] !== options.token) return bad('UNAUTHORIZED', 401)
    const body = request.body.toString('utf8')
    const given = body ? (JSON.parse(body) as Fields) : {}
    const method = calls[name]
    return method ? method({ ...Object.fromEntries(request.query), ...given }) : bad('METHOD_NOT_FOUND', 405)
  }

  async function pay(id: string, way: Way, input: Fields = {}): Promise<void> {
    const invoice = find(id)
    if (!invoice) return
    // The payer closed the window or came too late. The bot tells the shop nothing, and an expired invoice takes
    // no money.
    if (way === 'decline' || way === 'late') return expire(invoice)
    if (invoice.status !== 'active') return
    const coins =
      invoice.fiat === undefined
        ? invoice.amount
        : decimal(times(units(invoice.amount), units(RATES[invoice.fiat] ?? '1')))
    Object.assign(invoice, {
      status: 'paid',
      paid_at: new Date(around.now()).toISOString(),
      paid_anonymously: true,
      // A test may name a coin that nobody knows.
      paid_asset: typeof input['paid_asset'] === 'string' ? input['paid_asset'] : (invoice.asset ?? 'USDT'),
      paid_amount: coins,
      paid_usd_rate: '1.00000000',
      ...(invoice.fiat ? { paid_fiat_rate: RATES[invoice.fiat] ?? '1' } : {}),
      fee_asset: invoice.asset ?? 'USDT',
      fee_amount: decimal((units(coins) * 3n) / 100n),
    })
    await Promise.all([tell(invoice), ...(way === 'twice' ? [tell(invoice)] : [])])
  }

  const shown = (invoice: Invoice): PageInvoice => ({
    id: String(invoice.invoice_id),
    reference: invoice.payload ?? '',
    title: invoice.description ?? `Invoice ${invoice.invoice_id}`,
    amount: invoice.amount,
    currency: invoice.fiat ?? invoice.asset ?? '',
    status: invoice.status,
    ways: invoice.status === 'active' ? ['exact', 'late', 'twice', 'decline'] : [],
    paid: invoice.paid_amount ? `${invoice.paid_amount} ${invoice.paid_asset}` : undefined,
    expiresAt: invoice.expiration_date ? Date.parse(invoice.expiration_date) : undefined,
    returnUrl: invoice.paid_btn_url,
  })

  return {
    name: 'cryptopay',
    title: 'Crypto Pay',
    callName: ({ path }) => (/^\/api\/\w+$/.test(path) ? path.slice(5) : undefined),
    call,
    errorBody: (code, name) => ({ ok: false, error: { code, name } }),
    invoices: () => invoices.map(shown),
    pay,
    actions: {
      /** Says paid under the genuine token although the invoice is not paid: `{id}`. */
      tell: async ({ id }) => {
        const invoice = find(id)
        if (invoice) await tell({ ...invoice, status: 'paid' })
      },
      /** Changes what the API says: `{id, status?, amount?, fiat?}`. */
      set: ({ id, ...changes }) => {
        const invoice = find(id)
        if (!invoice) throw new Error('no such invoice')
        Object.assign(invoice, changes)
      },
    },
    save: () => invoices,
    load(state) {
      invoices = state as Invoice[]
      for (const invoice of invoices) arm(invoice)
    },
  }
}
