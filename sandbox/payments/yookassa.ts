import { randomUUID } from 'node:crypto'
import { decimal, units } from './decimals.ts'
import { cardOf, keepingOf } from './yookassa-cards.ts'
import type { Card } from './yookassa-cards.ts'
import type { ApiReply, ApiRequest, Fields, PageInvoice, Surroundings, Vendor, Way } from './vendor.ts'

export interface YooKassaOptions {
  shopId: string
  secretKey: string
}

interface Amount {
  value: string
  currency: string
}
interface Payment {
  id: string
  status: string
  amount: Amount
  description: string
  metadata: Record<string, string>
  created_at: string
  refunded_amount?: Amount
  confirmation?: { type: 'redirect'; confirmation_url: string; return_url: string }
  /** Whether the payer was asked to let the card be kept. */
  keeps?: boolean
  payment_method?: Card
  cancellation_details?: { party: string; reason: string }
}
interface Refund {
  id: string
  payment_id: string
  status: string
  amount: Amount
  created_at: string
  cancellation_details?: { party: string; reason: string }
}
interface Answered {
  at: number
  route: string
  body: string
  reply: ApiReply
}

const DAY_MS = 86_400_000
/** A page that nobody pays on is closed after an hour. */
const CONFIRM_MS = 3_600_000
const LARGEST_PAGE = 100

const refuse = (description: string, parameter?: string, status = 400): ApiReply => {
  const code = status === 403 ? 'forbidden' : 'invalid_request'
  return { status, body: { type: 'error', id: randomUUID(), code, description, parameter } }
}

/** YooKassa, API v3: Basic authentication, idempotence keys that live for a day, notifications that nobody signs. */
export function createYooKassa(options: YooKassaOptions, around: Surroundings): Vendor {
  let payments: Payment[] = []
  let refunds: Refund[] = []
  let answered: Record<string, Answered> = {}
  /** Cards that take no charge any more, because their holders or banks have said so. */
  let revoked: string[] = []
  const basic = `Basic ${Buffer.from(`${options.shopId}:${options.secretKey}`).toString('base64')}`
  const now = () => new Date(around.now()).toISOString()

  function find(id: string): Payment | undefined {
    const payment = payments.find((one) => one.id === id || one.metadata['reference'] === id)
    if (payment?.status === 'pending' && around.now() - Date.parse(payment.created_at) > CONFIRM_MS)
      cancel(payment, 'expired_on_confirmation')
    return payment
  }
  function cancel(payment: Payment, reason: string) {
    payment.status = 'canceled'
    payment.cancellation_details = { party: 'yoo_money', reason }
  }
  function succeed(payment: Payment): Promise<unknown> {
    payment.status = 'succeeded'
    // The payer may pay in another way than by a card that can be kept, or take the tick away.
    payment.payment_method ??= cardOf(payment.id, payment.keeps === true && !around.settings['cardNotKept'])
    return tell('payment.succeeded', published(payment))
  }
  /** A kept card is charged at once, without a page; the bank may say no, or take its time. */
  function charge(payment: Payment, from: Card) {
    const { chargeFails: reason, chargeWaits, chargeConfirms } = around.settings
    payment.payment_method = from
    // A bank that wants its holder: the charge waits on a page, for an hour.
    if (chargeConfirms === true)
      return void (payment.confirmation = {
        type: 'redirect',
        confirmation_url: around.pageUrl(`/pay/${payment.id}`),
        return_url: 'https://t.me',
      })
    if (revoked.includes(from.id)) refuseCharge(payment, 'permission_revoked')
    else if (typeof reason === 'string' && reason) refuseCharge(payment, reason)
    else if (chargeWaits !== true) void succeed(payment)
  }
  function refuseCharge(payment: Payment, reason: string) {
    cancel(payment, reason)
    void tell('payment.canceled', published(payment))
  }
  /** A payment that has an outcome no longer tells the address of its page. */
  const published = (one: Payment) => ({
    ...one,
    keeps: undefined,
    confirmation: one.status === 'pending' ? one.confirmation : undefined,
    paid: one.status === 'succeeded',
    refundable: one.status === 'succeeded',
    test: true,
  })

  function tell(event: string, object: object): Promise<unknown> {
    const body = JSON.stringify({ type: 'notification', event, object })
    const lie = { ...object, status: 'succeeded' }
    const forged = JSON.stringify({ type: 'notification', event: 'payment.succeeded', object: lie })
    return around.notify({
      url: around.settings.webhookUrl || undefined,
      status: event,
      headers: {},
      body,
      forged: { headers: {}, body: forged },
    })
  }

  function amountProblem(amount: unknown): string | undefined {
    const { value, currency } = (amount ?? {}) as Partial<Amount>
    if (typeof value !== 'string' || !/^\d{1,12}\.\d{2}$/.test(value) || Number(value) <= 0)
      return 'amount.value'
    return currency === 'RUB' ? undefined : 'amount.currency'
  }

  /** With the mode `receipts` the shop is one that has to send receipts. */
  function receiptProblem(fields: Record<string, unknown>, amount: Amount): string | undefined {
    const receipt = fields['receipt'] as
      | {
          customer?: { email?: unknown }
          items?: { amount?: Amount; vat_code?: unknown; description?: unknown }[]
        }
      | undefined
    if (!receipt) return around.settings['receipts'] === true ? 'Receipt is missing' : undefined
    const { customer, items = [] } = receipt
    if (typeof customer?.email !== 'string' || !customer.email.includes('@')) return 'Whose receipt is it?'
    const isLine = (one: (typeof items)[number]) =>
      amountProblem(one.amount) === undefined &&
      Number.isInteger(one.vat_code) &&
      typeof one.description === 'string' &&
      one.description.length <= 128
    if (items.length === 0 || !items.every(isLine)) return 'Wrong lines'
    const sum = items.reduce((all, one) => all + units(one.amount!.value), 0n)
    return sum === units(amount.value) ? undefined : 'The lines and the sum differ'
  }

  function create(fields: Record<string, unknown>): ApiReply {
    const wrong = amountProblem(fields['amount'])
    if (wrong) return refuse(`Wrong ${wrong}`, wrong)
    const amount = fields['amount'] as Amount
    const cards = payments.flatMap(({ payment_method: one }) => one ?? [])
    const keeping = keepingOf(fields, cards, around.settings['keepsNoCards'] !== true)
    if ('wrong' in keeping) return refuse(keeping.wrong, keeping.parameter, keeping.status)
    const { from } = keeping
    const confirmation = fields['confirmation'] as Record<string, unknown> | undefined
    const returnUrl = from ? 'https://t.me' : confirmation?.['return_url']
    const isRedirect = from !== undefined || confirmation?.['type'] === 'redirect'
    if (!isRedirect || typeof returnUrl !== 'string' || !URL.canParse(returnUrl))
      return refuse('A redirect needs its return_url', 'confirmation')
    const description = fields['description'] ?? ''
    if (typeof description !== 'string' || description.length > 128)
      return refuse('At most 128 characters', 'description')
    const metadata = (fields['metadata'] ?? {}) as Record<string, unknown>
    if (Object.values(metadata).some((one) => typeof one !== 'string' || one.length > 512))
      return refuse('Texts of at most 512 characters', 'metadata')
    if (fields['capture'] !== true) return refuse('This imitation keeps no holds', 'capture')
    const unpapered = receiptProblem(fields, amount)
    if (unpapered) return refuse(unpapered, 'receipt')
    const id = randomUUID()
    const payment: Payment = {
      id,
      status: 'pending',
      amount,
      description,
      metadata: metadata as Record<string, string>,
      created_at: now(),
      keeps: keeping.keeps === true,
      ...(!from && {
        confirmation: {
          type: 'redirect',
          confirmation_url: around.pageUrl(`/pay/${id}`),
          return_url: returnUrl,
        },
      }),
    }
    payments.push(payment)
    if (from) charge(payment, from)
    return { status: 200, body: published(payment), made: id }
  }

  function refund(fields: Record<string, unknown>): ApiReply {
    const payment = find(String(fields['payment_id']))
    if (!payment) return refuse('Payment not found', 'payment_id')
    const wrong = amountProblem(fields['amount'])
    if (wrong) return refuse(`Wrong ${wrong}`, wrong)
    if (payment.status !== 'succeeded') return refuse('The payment has not succeeded', 'payment_id')
    const amount = fields['amount'] as Amount
    const taken = refunds.filter((one) => one.payment_id === payment.id && one.status !== 'canceled')
    const sum = taken.reduce((all, one) => all + units(one.amount.value), units(amount.value))
    const unpapered = receiptProblem(fields, amount)
    if (unpapered) return refuse(unpapered, 'receipt')
    if (sum > units(payment.amount.value)) return refuse('More than is left of the payment', 'amount')
    const made: Refund = {
      id: randomUUID(),
      payment_id: payment.id,
      status: 'pending',
      amount,
      created_at: now(),
    }
    refunds.push(made)
    if (around.settings['refundFails'] === true) {
      made.status = 'canceled'
      made.cancellation_details = { party: 'yoo_money', reason: 'insufficient_funds' }
    } else if (around.settings['refundWaits'] !== true) void goBack(made)
    return { status: 200, body: { ...made } }
  }
  function goBack(made: Refund): Promise<unknown> {
    const payment = find(made.payment_id)!
    made.status = 'succeeded'
    const before = units(payment.refunded_amount?.value ?? '0')
    payment.refunded_amount = { value: decimal(before + units(made.amount.value), 2), currency: 'RUB' }
    return tell('refund.succeeded', { ...made })
  }

  /** The newest first; the cursor is the id after which the next page begins. */
  function page<T extends { id: string; created_at: string }>(all: readonly T[], query: URLSearchParams) {
    const from = query.get('created_at.gte') ?? ''
    const to = query.get('created_at.lt') ?? '9'
    const size = Number(around.settings['perPage'] ?? query.get('limit') ?? 10)
    if (size > LARGEST_PAGE) return refuse('At most 100', 'limit')
    const found = [...all].reverse().filter((one) => one.created_at >= from && one.created_at < to)
    const start = found.findIndex((one) => one.id === query.get('cursor')) + 1
    const items = found.slice(start, start + size)
    const more = start + size < found.length && { next_cursor: items.at(-1)?.id }
    return { status: 200, body: { type: 'list', items, ...more } }
  }

  /** One key has one outcome for a day, and another body under it is refused. A refusal is not kept. */
  function once(route: string, request: ApiRequest, work: () => ApiReply): ApiReply {
    const key = request.headers['idempotence-key']
    if (typeof key !== 'string' || key === '' || key.length > 64)
      return refuse('Idempotence key is missing or too long', 'Idempotence-Key')
    const body = request.body.toString('utf8')
    const before = answered[key]
    if (before && around.now() - before.at < DAY_MS) {
      if (before.route === route && before.body === body) return before.reply
      return refuse('Idempotence key duplicated', 'Idempotence-Key')
    }
    const reply = work()
    if (reply.status === 200) answered[key] = { at: around.now(), route, body, reply }
    return reply
  }

  const partsOf = (path: string) =>
    /^\/v3\/(payments|refunds)(?:\/([\w-]{1,64}))?$/.exec(path)?.slice(1) ?? []
  function callName({ method, path }: ApiRequest): string | undefined {
    const [kind, id] = partsOf(path)
    if (!kind || !['GET', 'POST'].includes(method) || (method === 'POST' && id)) return undefined
    return `${method} ${kind}${id ? '/id' : ''}`
  }

  function call(name: string, request: ApiRequest): ApiReply {
    if (request.headers['authorization'] !== basic)
      return { status: 401, body: { type: 'error', id: randomUUID(), code: 'invalid_credentials' } }
    const fields = () => JSON.parse(request.body.toString('utf8') || '{}') as Record<string, unknown>
    if (name === 'POST payments') return once(name, request, () => create(fields()))
    if (name === 'POST refunds') return once(name, request, () => refund(fields()))
    if (name === 'GET payments')
      return page(
        payments.map((one) => published(find(one.id)!)),
        request.query,
      )
    if (name === 'GET refunds') {
      const of = request.query.get('payment_id')
      return page(
        refunds.filter((one) => of === null || one.payment_id === of),
        request.query,
      )
    }
    const [kind, id = ''] = partsOf(request.path)
    const payment = find(id)
    const found = kind === 'payments' ? payment && published(payment) : refunds.find((one) => one.id === id)
    if (found) return { status: 200, body: found }
    return { status: 404, body: { type: 'error', id: randomUUID(), code: 'not_found' } }
  }

  /** The payer sends the whole sum or nothing, because the page takes nothing else. */
  async function pay(id: string, way: Way): Promise<void> {
    const payment = find(id)
    if (!payment || payment.status !== 'pending') return
    if (way === 'decline' || way === 'late') {
      cancel(payment, way === 'late' ? 'expired_on_confirmation' : 'general_decline')
      return void (await tell('payment.canceled', published(payment)))
    }
    const settle = async () => {
      const told = succeed(payment)
      await Promise.all([told, ...(way === 'twice' ? [succeed(payment)] : [])])
    }
    if (around.settings.confirmMs > 0) around.after(around.settings.confirmMs, () => void settle())
    else await settle()
  }

  const shown = (payment: Payment): PageInvoice => ({
    id: payment.id,
    reference: payment.metadata['reference'] ?? '',
    title: payment.description,
    amount: payment.amount.value,
    currency: payment.amount.currency,
    status: payment.cancellation_details?.reason ?? payment.status,
    ways: payment.status === 'pending' ? ['exact', 'late', 'twice', 'decline'] : [],
    paid: payment.status === 'succeeded' ? `${payment.amount.value} RUB` : undefined,
    expiresAt: Date.parse(payment.created_at) + CONFIRM_MS,
    returnUrl: payment.confirmation?.return_url,
  })

  const known = (id: Fields[string]): Payment => {
    const payment = find(String(id))
    if (!payment) throw new Error('no such payment')
    return payment
  }

  return {
    name: 'yookassa',
    title: 'YooKassa',
    callName,
    call,
    errorBody: (_, description) => ({ type: 'error', id: randomUUID(), description }),
    invoices: () => payments.map((one) => shown(find(one.id)!)),
    pay,
    actions: {
      /**
       * Sends a notification that says succeeded, whatever GET says, with another sum if one is given: `{id,
       * amount?}`.
       */
      tell: async ({ id, amount }) => {
        const payment = known(id)
        const value = amount === undefined ? payment.amount.value : decimal(units(String(amount)), 2)
        const lie = { ...published(payment), status: 'succeeded', amount: { ...payment.amount, value } }
        await tell('payment.succeeded', lie)
      },
      /** Sets what GET says, without a notification: `{id, status?, amount?, currency?}`. */
      set: ({ id, status, amount, currency }) => {
        const payment = known(id)
        if (status !== undefined) payment.status = String(status)
        payment.amount = {
          value: amount === undefined ? payment.amount.value : String(amount),
          currency: currency === undefined ? payment.amount.currency : String(currency),
        }
      },
      /** The merchant gives money back in the cabinet: `{id, amount?}`. */
      refund: async ({ id, amount }) => {
        const payment = known(id)
        const value = amount === undefined ? payment.amount.value : String(amount)
        refund({ payment_id: payment.id, amount: { value, currency: 'RUB' } })
      },
      /** Ends refunds that wait (mode `refundWaits`): `{fails?}`. */
      refunds: async ({ fails }) => {
        for (const one of refunds.filter(({ status }) => status === 'pending')) {
          if (fails !== true) await goBack(one)
          else {
            one.status = 'canceled'
            one.cancellation_details = { party: 'yoo_money', reason: 'insufficient_funds' }
          }
        }
      },
      /** The holder of the card, or its bank, forbids further charges: `{id}` of the payment that kept the card. */
      revoke: ({ id }) => void revoked.push(known(id).payment_method!.id),
      /** Ends charges that wait (mode `chargeWaits`): `{fails?}`, the reason. */
      charges: async ({ fails }) => {
        for (const one of payments.filter(
          ({ status, confirmation }) => status === 'pending' && !confirmation,
        )) {
          if (typeof fails === 'string') refuseCharge(one, fails)
          else await succeed(one)
        }
      },
    },
    save: () => ({ payments, refunds, answered, revoked }),
    load: (state) => ({ payments, refunds, answered, revoked = [] } = state as never),
  }
}
