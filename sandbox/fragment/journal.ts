import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { announceEnd } from './callbacks.ts'
import type { Fault } from './faults.ts'
import { isFinal, walk } from './lifecycle.ts'
import type { Order, State } from './state.ts'

type Entry = { order: Order } | { faults: Fault[] }

/**
 * Keeps the books in a file, a line for each change: a reseller whose server is killed has sold what it has sold.
 * Orders that were under way go on. Logins are not kept, so that callers have to log in again.
 */
export function keepJournal(state: State, file: string): void {
  if (existsSync(file)) replay(state, readFileSync(file, 'utf8'))
  const write = (entry: Entry) => {
    const text = JSON.stringify(entry, (name, value: unknown) =>
      name === 'timer' ? undefined : typeof value === 'bigint' ? String(value) : value,
    )
    appendFileSync(file, `${text}\n`)
  }
  state.keep = (order) => write({ order })
  state.keepFaults = () => write({ faults: state.faults })
  for (const order of state.orders.values()) {
    if (!isFinal(order)) walk(state, order, () => void announceEnd(state, order))
  }
}

function replay(state: State, text: string): void {
  for (const line of text.split('\n')) {
    // The last line may be half written.
    if (!line.endsWith('}')) continue
    const entry = JSON.parse(line) as Entry
    if ('faults' in entry) {
      state.faults = entry.faults
      continue
    }
    const order: Order = { ...entry.order, price: BigInt(entry.order.price), fee: BigInt(entry.order.fee) }
    state.orders.set(order.id, order)
  }
  for (const order of state.orders.values()) {
    const { id: orderId, type, receiver, quantity, createdAt: at } = order
    if (!order.returned) state.wallet[order.currency] -= order.price + order.fee
    if (order.status === 'COMPLETED') state.deliveries.push({ orderId, type, receiver, quantity, at })
  }
}
