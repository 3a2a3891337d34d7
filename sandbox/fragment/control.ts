import { announceEnd } from './callbacks.ts'
import type { Fault } from './faults.ts'
import { finish } from './lifecycle.ts'
import type { Settings } from './settings.ts'
import { type Answer, moneyText, newState, type Profile, type State, units } from './state.ts'

/**
 * /control/... steers the simulator over HTTP and is no part of the vendor's API:
 * GET state | GET books | POST faults [..] | POST settings {..} | POST wallet {ton, usdt_ton} | POST users {name: profile}
 * | POST expire-tokens | POST finish {id, status, returned} | POST reset {settings}
 */
export async function control(state: State, action: string, body: unknown): Promise<Answer> {
  if (action === 'state') return { status: 200, json: report(state) }
  else if (action === 'books') return { status: 200, json: books(state) }
  else if (action === 'faults') {
    state.faults.push(...(body as Fault[]))
    state.keepFaults(body as Fault[])
  } else if (action === 'settings') Object.assign(state.settings, body as Partial<Settings>)
  else if (action === 'expire-tokens') expireTokens(state)
  else if (action === 'reset') reset(state, body as Partial<Settings>)
  else if (action === 'wallet') {
    for (const [currency, text] of Object.entries(body as Record<'ton' | 'usdt_ton', string>)) {
      state.wallet[currency as 'ton'] = units(text)
    }
  } else if (action === 'users') {
    for (const [name, profile] of Object.entries(body as Record<string, Partial<Profile>>)) {
      state.profiles.set(name.toLowerCase(), { exists: true, name: null, hasPremium: false, ...profile })
    }
  } else if (action === 'finish') {
    const { id, status, returned } = body as {
      id: string
      status: 'COMPLETED' | 'FAILED'
      returned?: boolean
    }
    const order = state.orders.get(id)
    if (!order) return { status: 404, json: { detail: 'no such order' } }
    finish(state, order, status, returned)
    await announceEnd(state, order)
  } else return { status: 404, json: { detail: 'no such action' } }
  return { status: 200, json: { ok: true } }
}

export function expireTokens(state: State): void {
  for (const token of state.tokens.values()) token.expiresAt = 0
}

/** Puts everything back to the start, under the same address. */
export function reset(state: State, settings: Partial<Settings> = {}): void {
  for (const order of state.orders.values()) clearTimeout(order.timer)
  const { url, keep, keepFaults } = state
  Object.assign(state, newState(settings), { url, keep, keepFaults })
}

/** What was sold, without the record of requests, which grows long. */
const books = (state: State) => {
  const { orders, deliveries } = report(state)
  return { orders, deliveries }
}

function report(state: State) {
  return {
    logins: state.logins,
    wallet: { ton: moneyText(state.wallet.ton), usdt_ton: moneyText(state.wallet.usdt_ton) },
    orders: [...state.orders.values()].map((order) => ({
      id: order.id,
      type: order.type,
      receiver: order.receiver,
      quantity: order.quantity,
      status: order.status,
      charged: moneyText(order.returned ? 0n : order.price + order.fee),
      responseUrl: order.responseUrl,
    })),
    deliveries: state.deliveries,
    callbacks: state.callbacks,
    requests: state.requests,
    faultsLeft: state.faults,
  }
}
