import { randomUUID } from 'node:crypto'
import { refused } from './auth.ts'
import { type Fault, find } from './faults.ts'
import { type Answer, type Currency, moneyText, type Order, type State, units } from './state.ts'

export const USERNAME = /^[a-zA-Z][a-zA-Z0-9_]{2,31}$/
const GAS_FOR_USDT = units('0.05')

/** Checks the body and charges the wallet. Every call makes a new order, because the vendor recognises no repeats. */
export function placeOrder(
  state: State,
  type: Order['type'],
  body: Record<string, unknown>,
  faults: Fault[],
): Order | Answer {
  const wrong = (field: string, text: string): Answer => ({ status: 400, json: { [field]: [text] } })
  const countField = type === 'STARS' ? 'quantity' : 'months'
  for (const field of ['username', countField]) {
    if (body[field] === undefined) return wrong(field, 'This field is required.')
  }
  const { username, show_sender, currency = 'ton', response_url } = body
  const count = body[countField]
  if (typeof username !== 'string' || !USERNAME.test(username)) {
    return wrong('username', 'Enter a valid username.')
  }
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    return wrong(countField, 'A valid integer is required.')
  }
  if (type === 'STARS' && count < 50) {
    return wrong('quantity', 'Ensure this value is greater than or equal to 50.')
  }
  if (type === 'STARS' && count > 1_000_000) {
    return wrong('quantity', 'Ensure this value is less than or equal to 1000000.')
  }
  if (type === 'PREMIUM' && ![3, 6, 12].includes(count)) {
    return wrong('months', `"${count}" is not a valid choice.`)
  }
  if (show_sender !== undefined && typeof show_sender !== 'boolean') {
    return wrong('show_sender', 'Must be a valid boolean.')
  }
  if (currency !== 'ton' && currency !== 'usdt_ton') {
    return wrong('currency', `"${String(currency)}" is not a valid choice.`)
  }
  if (response_url !== undefined && (typeof response_url !== 'string' || !URL.canParse(response_url))) {
    return wrong('response_url', 'Enter a valid URL.')
  }

  const field = find(faults, 'field')
  if (field) return wrong(field.field, field.message)
  const coded = find(faults, 'coded')
  if (coded) return refused(coded.code, coded.error)
  if (state.profiles.get(username.toLowerCase())?.exists === false || /^(ghost|nobody)/i.test(username)) {
    return refused('20', 'Recipient not found on Fragment')
  }

  const { price, fee } = priceOf(state, type, count, currency)
  const lacksGas = currency === 'usdt_ton' && state.wallet.ton < GAS_FOR_USDT
  if (state.wallet[currency] < price + fee || lacksGas) {
    const balance = `${moneyText(state.wallet[currency]).replace(/\.?0+$/, '')} ${currency.toUpperCase()}`
    return refused('0', `Not enough funds on wallet ${state.settings.walletAddress}, balance: '${balance}'`)
  }
  state.wallet[currency] -= price + fee
  const order: Order = {
    id: randomUUID(),
    type,
    receiver: username,
    quantity: count,
    status: 'CREATED',
    success: null,
    currency,
    price,
    fee,
    returned: false,
    refId: null,
    error: null,
    createdAt: new Date().toISOString(),
    responseUrl: response_url ?? null,
    faults,
  }
  state.orders.set(order.id, order)
  state.keep(order)
  return order
}

export function priceOf(state: State, type: Order['type'], count: number, currency: Currency) {
  const { starPrice, premiumPrices, fee, usdtPerTon } = state.settings
  const inTon = type === 'STARS' ? units(starPrice) * BigInt(count) : units(premiumPrices[count as 3])
  const rate = currency === 'ton' ? 1n : BigInt(usdtPerTon)
  return { price: inTon * rate, fee: units(fee) * rate }
}

/** The order as JSON, in the chosen shape. */
export function view(state: State, order: Order): unknown {
  if (state.settings.orderShape === 'old') {
    return {
      id: order.id,
      success: order.status !== 'FAILED',
      username: order.receiver,
      ton_price: moneyText(order.price + order.fee),
    }
  }
  return {
    success: order.success,
    id: order.id,
    receiver: order.receiver,
    goods_quantity: order.quantity,
    sender: { phone_number: state.settings.phoneNumber, name: null },
    price: { currency: order.currency, amount: moneyText(order.price) },
    fee: { currency: order.currency, amount: moneyText(order.fee) },
    ref_id: order.refId,
    status: order.status,
    type: order.type,
    error: order.error,
    created_at: order.createdAt,
  }
}
