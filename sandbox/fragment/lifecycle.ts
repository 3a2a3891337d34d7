import { randomBytes } from 'node:crypto'
import { callBack } from './callbacks.ts'
import { find } from './faults.ts'
import type { Order, State } from './state.ts'

/** Moves the order one status on, then plans the next move; ends in COMPLETED or FAILED. */
export function walk(state: State, order: Order, ended: () => void): void {
  const stuck = find(order.faults, 'stuck')
  if (stuck?.at === order.status) return
  order.timer = setTimeout(() => {
    const failure = find(order.faults, 'fail-later')
    const fails =
      failure && order.status === (failure.afterSent ? 'BLOCKCHAIN_SENT' : 'PENDING') ? failure : undefined
    if (fails) finish(state, order, 'FAILED', fails.returned ?? !fails.afterSent)
    else if (order.status === 'BLOCKCHAIN_SENT') finish(state, order, 'COMPLETED')
    else {
      order.status = order.status === 'CREATED' ? 'PENDING' : 'BLOCKCHAIN_SENT'
      if (order.status === 'BLOCKCHAIN_SENT') order.refId = randomBytes(6).toString('base64url')
      state.keep(order)
      if (state.settings.callbackOn === 'every-status') void callBack(state, order)
    }
    if (isFinal(order)) ended()
    else walk(state, order, ended)
  }, state.settings.stepMs)
}

export function finish(state: State, order: Order, status: 'COMPLETED' | 'FAILED', returned = false): void {
  if (isFinal(order)) return
  clearTimeout(order.timer)
  order.status = status
  order.success = status === 'COMPLETED'
  if (status === 'COMPLETED') {
    const { id, type, receiver, quantity } = order
    state.deliveries.push({ orderId: id, type, receiver, quantity, at: new Date().toISOString() })
    state.keep(order)
    return
  }
  order.error = 'Transaction was not executed'
  order.returned = returned
  if (returned) state.wallet[order.currency] += order.price + order.fee
  state.keep(order)
}

export const isFinal = (order: Order) => order.status === 'COMPLETED' || order.status === 'FAILED'
