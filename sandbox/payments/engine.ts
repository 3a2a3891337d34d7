import { createHash, randomUUID } from 'node:crypto'
import { type EngineInvoice, FINAL, PAYABLE, phpJson, publicInvoice, webhookBody } from './engine-invoice.ts'
import { decimal, times, units } from './decimals.ts'
import { checkInvoice, checkRefund, checkWallet } from './engine-rules.ts'
import type { ApiReply, ApiRequest, Fields, PageInvoice, Surroundings, Vendor, Way } from './vendor.ts'

export interface EngineOptions {
  name: 'cryptomus' | 'heleket'
  title: string
  merchant: string
  paymentKey: string
  payoutKey: string
  /** Heleket signs refunds with the payout key. For Cryptomus this is written nowhere. */
  refundKey: 'payment' | 'payout'
}

/** The price of one unit of the invoice's currency in USDT. */
const RATES: Record<string, string> = { RUB: '0.0125', USD: '1', EUR: '1.1', USDT: '1', TON: '3', SOL: '150' }

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const signOf = (bytes: Buffer | string, key: string) => md5(Buffer.from(bytes).toString('base64') + key)

/** Cryptomus and Heleket, the same engine: signing, idempotent order_id, statuses, webhooks as PHP encodes them. */
export function createEngine(options: EngineOptions, around: Surroundings): Vendor {
  let invoices: EngineInvoice[] = []
  let wallets: {
    uuid: string
    order_id: string
    address: string
    currency: string
    network: string
    url: string
  }[] = []

  const find = (id: unknown) =>
    invoices.find((one) => one.uuid === id || (one.order_id === id && !one.wallet))
  const seconds = () => Math.floor(around.now() / 1000)

  function tell(invoice: EngineInvoice, status = invoice.status): Promise<unknown> {
    const fields = webhookBody(invoice, status)
    const signed = (key: string) => phpJson({ ...fields, sign: signOf(phpJson(fields), key) })
    return around.notify({
      url: invoice.url_callback ?? (around.settings.webhookUrl || undefined),
      status,
      headers: {},
      body: signed(options.paymentKey),
      forged: { headers: {}, body: signed('not the key') },
    })
  }

  async function move(invoice: EngineInvoice, status: string): Promise<void> {
    invoice.status = status
    invoice.updated_at = around.now()
    await tell(invoice)
  }

  /**
   * Ends an invoice at its deadline: if nothing came it is cancelled, if too little came it is wrong_amount for
   * good.
   */
  function expire(invoice: EngineInvoice): Promise<void> | undefined {
    if (invoice.status === 'check') return move(invoice, 'cancel')
    if (invoice.status === 'wrong_amount_waiting') return move(invoice, 'wrong_amount')
    return undefined
  }

  const arm = (invoice: EngineInvoice) =>
    around.after(Math.max(0, invoice.expired_at * 1000 - around.now()), () => void expire(invoice))

  /** A transfer reached the address: it is seen at once and confirmed after `confirmMs`. */
  async function transfer(invoice: EngineInvoice, coins: bigint, txid?: unknown): Promise<void> {
    invoice.paid = decimal(units(invoice.paid) + coins)
    const hash = createHash('sha256').update(`${invoice.uuid}${invoice.paid}`).digest('hex')
    // A test may give the transfer a name that no chain would give.
    invoice.txid = typeof txid === 'string' ? txid : hash
    await move(invoice, 'confirm_check')
    const confirm = () => {
      const [paid, asked] = [units(invoice.paid), units(invoice.payer_amount)]
      const open = invoice.is_payment_multiple && invoice.expired_at > seconds()
      const short = open ? 'wrong_amount_waiting' : 'wrong_amount'
      return move(invoice, paid === asked ? 'paid' : paid > asked ? 'paid_over' : short)
    }
    if (around.settings.confirmMs > 0) around.after(around.settings.confirmMs, () => void confirm())
    else await confirm()
  }

  function create(fields: Fields): ApiReply {
    const wrong = checkInvoice(fields)
    if (wrong) return wrong
    // A known order_id gets the invoice that it has already, expired or not, whatever else is asked for.
    const known = find(fields['order_id'])
    if (known) return { status: 200, body: { state: 0, result: publicInvoice(known, 'create') } }
    const uuid = randomUUID()
    const currency = String(fields['currency'])
    const invoice: EngineInvoice = {
      uuid,
      order_id: String(fields['order_id']),
      amount: String(fields['amount']),
      currency,
      is_payment_multiple: fields['is_payment_multiple'] !== false,
      url_callback: fields['url_callback'] ? String(fields['url_callback']) : undefined,
      url_return: fields['url_return'] ? String(fields['url_return']) : undefined,
      additional_data: fields['additional_data'] ? String(fields['additional_data']) : null,
      url: around.pageUrl(`/pay/${uuid}`),
      created_at: around.now(),
      updated_at: around.now(),
      expired_at: seconds() + Number(fields['lifetime'] ?? 3600),
      status: 'check',
      payer_amount: decimal(times(units(String(fields['amount'])), units(RATES[currency] ?? '1'))),
      paid: '0.00000000',
      txid: null,
      wallet: undefined,
      refunded: false,
    }
    invoices.push(invoice)
    arm(invoice)
    return { status: 200, body: { state: 0, result: publicInvoice(invoice, 'create') }, made: uuid }
  }

  function wallet(fields: Fields): ApiReply {
    const wrong = checkWallet(fields)
    if (wrong) return wrong
    const order_id = String(fields['order_id'])
    const known = wallets.find((one) => one.order_id === order_id)
    const made = known ?? {
      uuid: randomUUID(),
      order_id,
      address: `T${md5(order_id).toUpperCase()}`,
      currency: String(fields['currency']),
      network: String(fields['network']),
      url: String(fields['url_callback'] ?? around.settings.webhookUrl),
    }
    if (!known) wallets.push(made)
    const shown = { ...made, url: undefined }
    return { status: 200, body: { state: 0, result: { wallet_uuid: made.uuid, ...shown } } }
  }

  function refund(fields: Fields): ApiReply {
    const invoice = find(fields['uuid'] ?? fields['order_id'])
    const wrong = checkRefund(fields, invoice)
    if (wrong || !invoice)
      return wrong ?? { status: 422, body: { state: 1, message: 'Payment was not found' } }
    invoice.refunded = true
    const outcome = around.settings['refundFails'] === true ? 'refund_fail' : 'refund_paid'
    void move(invoice, 'refund_process').then(() => {
      around.after(around.settings.confirmMs, () => void move(invoice, outcome))
    })
    return { status: 200, body: { state: 0, result: [] } }
  }

  function list(fields: Fields): ApiReply {
    const from = fields['date_from'] ? Date.parse(`${String(fields['date_from'])}+03:00`) : 0
    const to = fields['date_to'] ? Date.parse(`${String(fields['date_to'])}+03:00`) : Infinity
    const within = invoices.filter((one) => one.created_at >= from && one.created_at <= to).reverse()
    const perPage = Number(around.settings['perPage'] ?? 15)
    const start = Number(fields['cursor'] ?? 0)
    const next = start + perPage < within.length ? String(start + perPage) : null
    const paginate = {
      count: within.length,
      hasPages: next !== null,
      nextCursor: next,
      previousCursor: null,
      perPage,
    }
    const items = within.slice(start, start + perPage).map((one) => publicInvoice(one, 'info'))
    return { status: 200, body: { state: 0, result: { items, paginate } } }
  }

  const calls: Record<string, (fields: Fields) => ApiReply> = {
    payment: create,
    'payment/info': (fields) => {
      // If both are given the engine chooses by a rule of its own, which no shop should have to know.
      const invoice = find(fields['order_id'] ?? fields['uuid'])
      if (!invoice) return { status: 404, body: { state: 1, message: 'Payment was not found' } }
      return { status: 200, body: { state: 0, result: publicInvoice(invoice, 'info') } }
    },
    'payment/list': list,
    'payment/refund': refund,
    'payment/resend': (fields) => {
      const invoice = find(fields['uuid'] ?? fields['order_id'])
      if (!invoice || !FINAL.has(invoice.status))
        return { status: 422, body: { state: 1, message: 'Not final' } }
      void tell(invoice)
      return { status: 200, body: { state: 0, result: [] } }
    },
    'payment/services': () => ({ status: 200, body: { state: 0, result: [] } }),
    balance: () => ({ status: 200, body: { state: 0, result: [{ balance: { merchant: [], user: [] } }] } }),
    wallet,
    // A fake event for testing a shop's verifier, signed with the live key: a shop that believes it gives money
    // away.
    'test-webhook/payment': (fields) => {
      const real = find(fields['uuid'] ?? fields['order_id'])
      const fake = { ...(real ?? invoices[0]), status: String(fields['status'] ?? 'paid') } as EngineInvoice
      fake.url_callback = String(fields['url_callback'])
      fake.paid = fake.payer_amount
      void tell(fake)
      return { status: 200, body: { state: 0, result: [] } }
    },
  }

  function callName({ method, path }: ApiRequest): string | undefined {
    const name = path.startsWith('/v1/') ? path.slice(4) : ''
    return method === 'POST' && Object.hasOwn(calls, name) ? name : undefined
  }

  function call(name: string, request: ApiRequest): ApiReply {
    const refundCall = name === 'payment/refund' && options.refundKey === 'payout'
    const key = refundCall ? options.payoutKey : options.paymentKey
    const signed = request.headers['sign'] === signOf(request.body, key)
    if (request.headers['merchant'] !== options.merchant || !signed) {
      return { status: 401, body: { state: 1, message: 'Unauthorized: the sign is wrong' } }
    }
    const fields = JSON.parse(request.body.toString('utf8') || '{}') as Fields
    return calls[name]?.(fields) ?? { status: 404, body: { state: 1, message: 'Not Found' } }
  }

  async function pay(id: string, way: Way, input: Fields): Promise<void> {
    const invoice = find(id)
    if (!invoice) return
    const asked = units(invoice.payer_amount)
    const part = typeof input['percent'] === 'number' ? BigInt(Math.round(input['percent'] * 100)) : undefined
    if (way === 'decline') {
      invoice.expired_at = seconds()
      return expire(invoice)
    }
    if (way === 'late') {
      invoice.expired_at = seconds()
      await expire(invoice)
    }
    if (way === 'less') return transfer(invoice, (asked * (part ?? 6000n)) / 10_000n)
    if (way === 'more') return transfer(invoice, (asked * (part ?? 12_500n)) / 10_000n)
    if (way === 'rest') return transfer(invoice, asked - units(invoice.paid))
    await transfer(invoice, asked, input['txid'])
    if (way === 'twice') await transfer(invoice, asked)
  }

  function shown(invoice: EngineInvoice): PageInvoice {
    const open = PAYABLE.has(invoice.status)
    const ways: Way[] =
      invoice.status === 'wrong_amount_waiting'
        ? ['rest', 'decline']
        : open
          ? ['exact', 'less', 'more', 'late', 'twice', 'decline']
          : invoice.status === 'cancel'
            ? ['exact']
            : []
    return {
      id: invoice.uuid,
      reference: invoice.order_id,
      title: invoice.additional_data ?? invoice.order_id,
      amount: invoice.amount,
      currency: invoice.currency,
      status: invoice.status,
      ways,
      paid: units(invoice.paid) > 0n ? `${invoice.paid} / ${invoice.payer_amount} USDT` : undefined,
      expiresAt: invoice.expired_at * 1000,
      returnUrl: invoice.url_return,
    }
  }

  return {
    name: options.name,
    title: options.title,
    callName,
    call,
    errorBody: (_, message) => ({ state: 1, message }),
    invoices: () => invoices.map(shown),
    pay,
    actions: {
      /**
       * Sets any status at any time: `{id, status}`; also locked, fail, system_fail, an invented one, or one out
       * of order.
       */
      status: async ({ id, status, quiet }) => {
        const invoice = find(id)
        if (!invoice) throw new Error('no such invoice')
        if (quiet) return void (invoice.status = String(status))
        await move(invoice, String(status))
      },
      /** Tells a lie under the live key: `{id, status}`, while the invoice stays as it is. */
      tell: async ({ id, status }) => {
        const invoice = find(id)
        if (invoice) await tell({ ...invoice, paid: invoice.payer_amount }, String(status))
      },
      /** Coins arrive at a permanent address: `{address, amount}`. */
      deposit: async ({ address, amount }) => {
        const to = wallets.find((one) => one.address === address)
        if (!to) throw new Error('no such address')
        const deposit: EngineInvoice = {
          uuid: randomUUID(),
          order_id: to.order_id,
          amount: '0.00000000',
          currency: to.currency,
          is_payment_multiple: false,
          url_callback: to.url || undefined,
          url_return: undefined,
          additional_data: null,
          url: '',
          created_at: around.now(),
          updated_at: around.now(),
          expired_at: 0,
          status: 'confirm_check',
          payer_amount: decimal(units(String(amount))),
          paid: decimal(units(String(amount))),
          txid: md5(`${to.uuid}${around.now()}`),
          wallet: { uuid: to.uuid, currency: to.currency, network: to.network },
          refunded: false,
        }
        invoices.push(deposit)
        await tell(deposit)
        await move(deposit, 'paid')
        return { uuid: deposit.uuid }
      },
      wallets: () => wallets.map((one) => ({ ...one, url: undefined })),
    },
    save: () => ({ invoices, wallets }),
    load(state) {
      const saved = state as { invoices: EngineInvoice[]; wallets: typeof wallets }
      invoices = saved.invoices
      wallets = saved.wallets
      for (const invoice of invoices) if (!invoice.wallet) arm(invoice)
    },
  }
}
