import type { Money } from '#shared/money.ts'
import type { Goods, Purchase, Supplier, Supply, SupplyState } from '../supplier.ts'
import { Rejected, UnknownOutcome } from '#shared/errors.ts'
import type { Reply } from '#shared/http.ts'
import { readResellerMoney } from './amounts.ts'
import type { ResellerClient } from './client.ts'
import { orderSchema, type RawOrder } from './schemas.ts'
import { shorten } from '#shared/storable.ts'

export interface OrderOptions {
  /** Which of our wallets pays. */
  currency: 'ton' | 'usdt_ton'
  showSender: boolean
}

/** Where each kind of goods that the reseller sells is ordered, and what it calls it. */
const CALLS: { [K in Goods['kind']]?: { path: string; type: string } } = {
  stars: { path: '/order/stars/', type: 'STARS' },
  premium: { path: '/order/premium/', type: 'PREMIUM' },
}
const KINDS = Object.keys(CALLS) as Goods['kind'][]

/** Stars and Premium through the reseller. */
export function resellerSupplier(client: ResellerClient, options: OrderOptions): Supplier {
  return {
    name: 'fragment',
    timeoutMs: client.orderTimeoutMs,
    async deliver(purchase, signal) {
      const sold = CALLS[purchase.goods.kind]
      if (!sold) throw new Rejected('fragment.field-refused', 'the reseller does not sell this')
      return bought(await client.buy(sold.path, orderBody(purchase, options), signal))
    },
    async lookup(id, signal) {
      const reply = await client.get(`/order/${encodeURIComponent(id)}/`, signal, [404])
      return reply.status === 404 ? undefined : readSupply(reply.parse(orderSchema))
    },
  }
}

function orderBody({ goods, recipient, callbackUrl }: Purchase, options: OrderOptions) {
  if (!recipient.username) throw new Rejected('fragment.username-missing', 'the recipient has no username')
  // The reseller names the number as we do: quantity, months.
  const { kind: _, ...number } = goods
  return {
    username: recipient.username,
    ...number,
    show_sender: options.showSender,
    currency: options.currency,
    ...(callbackUrl ? { response_url: callbackUrl } : {}),
  }
}

/** The answer to a purchase. `success: false` without a final status proves nothing. */
function bought(reply: Reply): Supply {
  const raw = reply.parse(orderSchema)
  const supply = readSupply(raw)
  if (supply.state === 'in_flight' && !supply.id) {
    throw new UnknownOutcome(`fragment order answered ${reply.quote()}`)
  }
  return supply
}

/** Both versions of the order object in one shape. */
export function readSupply(raw: RawOrder): Supply {
  return {
    id: raw.id ?? null,
    state: stateOf(raw),
    cost: costOf(raw),
    reference: raw.ref_id ?? null,
    error: raw.error === null || raw.error === undefined ? null : shorten(JSON.stringify(raw.error), 500),
    receiver: raw.receiver ?? raw.username ?? null,
    quantity: raw.goods_quantity ?? null,
    kind: KINDS.find((kind) => CALLS[kind]!.type === raw.type) ?? null,
  }
}

/**
 * Only COMPLETED is delivered, and BLOCKCHAIN_SENT only says that money left. Statuses nobody has told us of, and
 * a status that contradicts `success`, count as in flight. The older version has no status: its `success`
 * with a price is the final result.
 */
function stateOf({ status, success, ton_price }: RawOrder): SupplyState {
  if (status === 'COMPLETED' && success !== false) return 'delivered'
  if (status === 'FAILED' && success !== true) return 'failed'
  if (status === 'BLOCKCHAIN_SENT') return 'sent'
  if (typeof status !== 'string' && success === true && ton_price) return 'delivered'
  return 'in_flight'
}

function costOf({ price, fee, ton_price }: RawOrder): Money | null {
  if (ton_price) return readResellerMoney(ton_price, 'ton') ?? null
  const main = price && readResellerMoney(price.amount, price.currency)
  if (!main) return null
  const extra = fee ? readResellerMoney(fee.amount, fee.currency) : undefined
  if (fee && extra?.asset !== main.asset) return null
  return { asset: main.asset, amount: main.amount + (extra?.amount ?? 0n) }
}
