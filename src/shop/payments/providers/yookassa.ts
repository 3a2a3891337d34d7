import { z } from 'zod'
import { Rejected, Transient } from '#shared/errors.ts'
import { retrySafe, sendCall } from '#shared/http.ts'
import { formatAmount, type Money, readMoney } from '#shared/money.ts'
import { readJson, shorten } from '#shared/storable.ts'
import { limit, saidOf } from './decimals.ts'
import type { PaymentProvider, ProviderEntry, Reading, ReadingState, PaymentVariables } from './port.ts'
import { sameSecret } from './secrets.ts'

const PAGE = 100
/** A search by reference looks through this many of the newest payments, because the list has no filter for it. */
const SEARCHED_PAGES = 20
/** The service keeps an idempotence key for 24 hours; the hour of margin is for clocks and for calls on their way. */
const KEY_LIVES_MS = 23 * 3_600_000

const moneyShape = z.looseObject({ value: z.string(), currency: z.string() })
const paymentShape = z.looseObject({
  id: z.string().min(1),
  status: z.string(),
  amount: moneyShape,
  refunded_amount: moneyShape.nullish(),
  confirmation: z.looseObject({ confirmation_url: z.string().nullish() }).nullish(),
  cancellation_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
  metadata: z.looseObject({ reference: z.string().nullish() }).nullish(),
  payment_method: z
    .looseObject({
      id: z.string().min(1),
      saved: z.boolean().nullish(),
      card: z.looseObject({ last4: z.string().nullish() }).nullish(),
    })
    .nullish(),
  created_at: z.string().nullish(),
})
type YooPayment = z.infer<typeof paymentShape>

const refundShape = z.looseObject({
  id: z.string().min(1),
  payment_id: z.string().min(1),
  status: z.string(),
  amount: moneyShape,
  cancellation_details: z.looseObject({ reason: z.string().nullish() }).nullish(),
})

const pageOf = <T>(item: z.ZodType<T>) =>
  z.looseObject({ items: z.array(item), next_cursor: z.string().nullish() })

const STATES: Record<string, ReadingState> = {
  pending: 'pending',
  // Every payment is made with `capture`, so YooKassa leaves this state by itself.
  waiting_for_capture: 'confirming',
  succeeded: 'paid',
  canceled: 'cancelled',
}

/** Reasons after which the service takes no further charge from the card. */
const OVER = new Set([
  'permission_revoked',
  'card_expired',
  'invalid_card_number',
  'payment_method_restricted',
  'country_forbidden',
  'fraud_suspected',
])

const moneyOf = (money: z.infer<typeof moneyShape> | null | undefined) =>
  readMoney(money?.value, money?.currency)

function stateOf({ status, amount, refunded_amount, cancellation_details }: YooPayment): ReadingState {
  const [all, back] = [moneyOf(amount), moneyOf(refunded_amount)]
  // A part that was given back in the cabinet leaves a paid payment.
  if (status === 'succeeded' && all && back && back.amount >= all.amount) return 'refunded'
  if (status === 'canceled' && cancellation_details?.reason === 'expired_on_confirmation') return 'expired'
  return STATES[status] ?? 'unknown'
}

function toReading(payment: YooPayment): Reading {
  const asked = moneyOf(payment.amount)
  const state = stateOf(payment)
  const payUrl = payment.confirmation?.confirmation_url
  const { payment_method: method, cancellation_details: why } = payment
  return {
    invoice: payment.id,
    reference: payment.metadata?.reference ?? undefined,
    state,
    ...saidOf(state, why?.reason ?? payment.status, moneyOf(payment.refunded_amount)),
    asked,
    received: state === 'paid' ? asked : undefined,
    sent: undefined,
    ...(payUrl ? { payUrl } : {}),
    // The id of a card that is not saved looks the same, and a charge with it is refused.
    ...(state === 'paid' && method?.saved && method.card
      ? { keptCard: { card: method.id, digits: method.card.last4 ?? '' } }
      : {}),
    ...(state === 'cancelled' && OVER.has(why?.reason ?? '') ? { cardIsOver: true } : {}),
    deposit: false,
    createdAt: payment.created_at ? new Date(payment.created_at) : undefined,
  }
}

const noticeShape = z.looseObject({
  type: z.literal('notification'),
  event: z.string(),
  object: z.union([refundShape, paymentShape]),
})

/** How much of a payment went back, or is on its way back. */
const sumOf = (refunds: readonly z.infer<typeof refundShape>[], status: string) =>
  refunds
    .filter((one) => one.status === status)
    .reduce((sum, one) => sum + (moneyOf(one.amount)?.amount ?? 0n), 0n)

const valueOf = ({ amount, asset }: Money) => ({ value: formatAmount(amount, asset), currency: asset })

/** The receipt of 54-FZ: one line, a service that is paid in full. */
function receipts(settings: PaymentVariables) {
  const [vat, taxes] = [settings['YOOKASSA_RECEIPT_VAT_CODE'], settings['YOOKASSA_RECEIPT_TAX_SYSTEM']]
  return (of: { amount: Money; description: string; email: string | undefined }) => {
    // A payment that was made before receipts were switched on has no receipt, and its refund needs none.
    if (!vat || !of.email) return {}
    const line = {
      description: shorten(of.description, 128),
      quantity: '1.00',
      amount: valueOf(of.amount),
      vat_code: Number(vat),
      payment_subject: 'service',
      payment_mode: 'full_payment',
    }
    const system = taxes ? { tax_system_code: Number(taxes) } : {}
    return { receipt: { customer: { email: of.email }, items: [line], ...system } }
  }
}

function provider(settings: PaymentVariables): PaymentProvider {
  const apiUrl = (settings['YOOKASSA_API_URL'] || 'https://api.yookassa.ru/v3').replace(/\/+$/, '')
  const login = `${settings['YOOKASSA_SHOP_ID']}:${settings['YOOKASSA_SECRET_KEY']}`
  const receiptFor = receipts(settings)
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`

  async function ask<T>(path: string, shape: z.ZodType<T>, write?: { key: string; body: object }) {
    const name = `yookassa ${write ? 'POST' : 'GET'} ${path.replace(/[?].*/, '')}`
    const reply = await sendCall({
      name,
      method: write ? 'POST' : 'GET',
      url: `${apiUrl}/${path}`,
      headers: { Authorization: authorization, ...(write && { 'Idempotence-Key': write.key }) },
      ...(write && { body: JSON.stringify(write.body) }),
      changes: write !== undefined,
      expect: [400, 404, 422],
    })
    if (reply.status === 404 && !write) return undefined
    if (reply.status < 300) return reply.parse(shape)
    const isOver = /"parameter"\s*:\s*"payment_method_id"/.test(reply.text())
    throw new Rejected(isOver ? 'card.over' : 'provider.refused', `${name}: ${reply.status} ${reply.quote()}`)
  }

  async function* pages<T>(path: string, shape: z.ZodType<T>, query: Record<string, string>) {
    let cursor: string | undefined
    do {
      const words = new URLSearchParams({ ...query, limit: String(PAGE), ...(cursor && { cursor }) })
      const page = await retrySafe(() => ask(`${path}?${words.toString()}`, pageOf(shape)))
      // An empty list means that nothing happened, so this answer must not look like one.
      if (!page) throw new Transient(`yookassa GET ${path}: 404`)
      yield page.items
      // A service that ignores the cursor would answer the first page for ever.
      if (page.next_cursor === cursor) return
      cursor = page.next_cursor ?? undefined
    } while (cursor)
  }

  return {
    name: 'yookassa',
    address: apiUrl,
    supports: {
      limits: limit('RUB', '1', '250000'),
      receipts: Boolean(settings['YOOKASSA_RECEIPT_VAT_CODE']),
      keepsCards: settings['YOOKASSA_KEEP_CARDS'] === 'true',
      signedWebhooks: false,
      createRepeatableMs: KEY_LIVES_MS,
      refunds: 'full',
      inexact: false,
      wallets: [],
    },

    async createInvoice({ amount, reference, description, language, returnUrl, email, keepCard }) {
      const body = {
        amount: valueOf(amount),
        capture: true,
        confirmation: {
          type: 'redirect',
          // Without a way back the service refuses the payment.
          return_url: returnUrl ?? 'https://t.me',
          locale: language === 'ru' ? 'ru_RU' : 'en_US',
        },
        description: shorten(description, 128),
        metadata: { reference },
        // The page then takes cards alone: what a bank's own application pays is not always kept.
        ...(keepCard && { save_payment_method: true, payment_method_data: { type: 'bank_card' } }),
        ...receiptFor({ amount, description, email }),
      }
      // A 500 leaves the outcome unknown, and the same key gives the same payment.
      const made = await retrySafe(() => ask('payments', paymentShape, { key: reference, body }), {
        unknownToo: true,
      })
      const payUrl = made?.confirmation?.confirmation_url
      if (!made || !payUrl) throw new Rejected('provider.refused', 'yookassa: no link to pay')
      const { state, asked } = toReading(made)
      return { invoice: made.id, payUrl, expiresAt: undefined, asked, state }
    },

    async charge({ reference, card, amount, description, email }) {
      const body = {
        amount: valueOf(amount),
        capture: true,
        payment_method_id: card,
        description: shorten(description, 128),
        metadata: { reference },
        ...receiptFor({ amount, description, email }),
      }
      const made = await retrySafe(() => ask('payments', paymentShape, { key: reference, body }), {
        unknownToo: true,
      })
      // What an answer repeats of the call's headers is removed from it, and the key is one of them.
      return { ...toReading(made!), reference }
    },

    // The service signs nothing: the secret is the last part of the path, set by hand in its cabinet, and a notification
    // never is more than a hint. The secret also holds behind a balancer, where the sender's address is not seen.
    isGenuine: ({ token = '' }) =>
      ['YOOKASSA_WEBHOOK_SECRET', 'YOOKASSA_OLD_WEBHOOK_SECRET'].some((name) =>
        sameSecret(settings[name] ?? '', token),
      ),

    readWebhook(body) {
      try {
        const { event, object } = noticeShape.parse(readJson(body))
        const key = `${object.id}-${event}`
        if (!('payment_id' in object)) return { ...toReading(paymentShape.parse(object)), key }
        const { payment_id: invoice, amount, status } = refundShape.parse(object)
        const state = status === 'succeeded' ? 'refunded' : 'refunding'
        const unsaid = { reference: undefined, received: undefined, sent: undefined, createdAt: undefined }
        return { invoice, state, status: event, asked: moneyOf(amount), deposit: false, ...unsaid, key }
      } catch (error) {
        throw new Rejected('webhook.malformed', 'yookassa notification', { cause: error })
      }
    },

    async lookup({ reference, invoice }) {
      if (invoice) {
        const found = await retrySafe(() => ask(`payments/${encodeURIComponent(invoice)}`, paymentShape))
        return found && toReading(found)
      }
      let left = SEARCHED_PAGES
      for await (const page of pages('payments', paymentShape, {})) {
        const found = page.filter((one) => one.metadata?.reference === reference)
        const paid = found.find((one) => one.status === 'succeeded')
        if (found[0]) return toReading(paid ?? found[0])
        if (--left === 0) break
      }
      return undefined
    },

    async *listPayments({ from, to }) {
      const period = { 'created_at.gte': from.toISOString(), 'created_at.lt': to.toISOString() }
      for await (const page of pages('payments', paymentShape, period)) yield* page.map(toReading)
    },

    async refund({ refund, invoice, amount, description, email }) {
      const receipt = receiptFor({ amount, description, email })
      const body = { payment_id: invoice, amount: valueOf(amount), ...receipt }
      const made = await ask('refunds', refundShape, { key: `refund-${refund}`, body })
      // A repeated key may be given the first answer again, which is older than how the refund ended. What the question
      // about it cannot say is asked later: the refund itself is made.
      const now =
        made?.status === 'pending' &&
        (await ask(`refunds/${encodeURIComponent(made.id)}`, refundShape).catch(() => undefined))
      const { status, cancellation_details: why } = now || made!
      if (status === 'succeeded') return 'done'
      if (status === 'pending') return 'started'
      const reason = why?.reason ?? status
      throw new Rejected('provider.refused', `yookassa: the refund was refused, ${reason}`)
    },

    async wasRefunded({ invoice, amount }) {
      const refunds: z.infer<typeof refundShape>[] = []
      for await (const page of pages('refunds', refundShape, { payment_id: invoice })) refunds.push(...page)
      if (sumOf(refunds, 'succeeded') >= amount.amount) return true
      if (sumOf(refunds, 'pending') > 0n) throw new Transient('yookassa: the refund is on its way')
      return false
    },
  }
}

/** YooKassa, cards and SBP in roubles: API v3 (https://yookassa.ru/developers). */
export const yookassa: ProviderEntry = {
  name: 'yookassa',
  required: ['YOOKASSA_SHOP_ID', 'YOOKASSA_SECRET_KEY', 'YOOKASSA_WEBHOOK_SECRET'],
  optional: [
    'YOOKASSA_API_URL',
    'YOOKASSA_CALLBACK_URL',
    'YOOKASSA_KEEP_CARDS',
    'YOOKASSA_OLD_WEBHOOK_SECRET',
    'YOOKASSA_RECEIPT_VAT_CODE',
    'YOOKASSA_RECEIPT_TAX_SYSTEM',
  ],
  cabinetPath: '/webhooks/yookassa/<YOOKASSA_WEBHOOK_SECRET>',
  problems(settings) {
    const [vat, taxes, keep] = ['RECEIPT_VAT_CODE', 'RECEIPT_TAX_SYSTEM', 'KEEP_CARDS'].map(
      (name) => settings[`YOOKASSA_${name}`] ?? '',
    ) as [string, string, string]
    const found = {
      'YOOKASSA_RECEIPT_VAT_CODE has to be a number from 1 to 12.': !/^([1-9]|1[0-2])?$/.test(vat),
      'YOOKASSA_RECEIPT_TAX_SYSTEM has to be a number from 1 to 6.': !/^[1-6]?$/.test(taxes),
      'YOOKASSA_RECEIPT_TAX_SYSTEM alone sends no receipts: set YOOKASSA_RECEIPT_VAT_CODE.': taxes && !vat,
      'YOOKASSA_KEEP_CARDS has to be true or false.': !/^(true|false)?$/.test(keep),
      'YOOKASSA_KEEP_CARDS needs a YOOKASSA_SHOP_ID.': keep === 'true' && !settings['YOOKASSA_SHOP_ID'],
    }
    return Object.entries(found).flatMap(([sentence, isWrong]) => (isWrong ? [sentence] : []))
  },
  build: provider,
}
