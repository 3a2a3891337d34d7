import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { announceEnd } from './callbacks.ts'
import type { Fault } from './faults.ts'
import { isFinal, walk } from './lifecycle.ts'
import type { Order, State } from './state.ts'

type Entry = { order: Order } | { fault: Fault; number: number }

/**
 * Keeps the books in a file, a line for each change, so that a reseller whose server is killed still has sold what
 * it sold. Orders that were under way go on. Logins are not kept, so callers have to log in again.
 */
export function keepJournal(state: State, file: string): void {
  /** The number that says which fault a line is about, because one fault may be used several times. */
  const numbers = new Map<Fault, number>()
  if (existsSync(file)) replay(state, readFileSync(file, 'utf8'), numbers)
  let next = Math.max(0, ...numbers.values()) + 1
  const write = (entry: Entry) => {
    const text = JSON.stringify(entry, (name, value: unknown) =>
      name === 'timer' ? undefined : typeof value === 'bigint' ? String(value) : value,
    )
    appendFileSync(file, `${text}\n`)
  }
  state.keep = (order) => write({ order })
  state.keepFaults = (changed) => {
    for (const fault of changed) {
      const number = numbers.get(fault) ?? next++
      if (fault.times === 0) numbers.delete(fault)
      else numbers.set(fault, number)
      write({ fault, number })
    }
  }
  for (const order of state.orders.values()) {
    if (!isFinal(order)) walk(state, order, () => void announceEnd(state, order))
  }
}

function replay(state: State, text: string, numbers: Map<Fault, number>): void {
  const faults = new Map<number, Fault>()
  for (const line of text.split('\n')) {
    // The last line may be half written after a kill.
    if (!line.endsWith('}')) continue
    const entry = JSON.parse(line) as Entry
    if ('fault' in entry) {
      if (entry.fault.times === 0) faults.delete(entry.number)
      else faults.set(entry.number, entry.fault)
      continue
    }
    const order: Order = { ...entry.order, price: BigInt(entry.order.price), fee: BigInt(entry.order.fee) }
    state.orders.set(order.id, order)
  }
  for (const [number, fault] of faults) {
    state.faults.push(fault)
    numbers.set(fault, number)
  }
  for (const order of state.orders.values()) {
    const { id: orderId, type, receiver, quantity, createdAt: at } = order
    if (!order.returned) state.wallet[order.currency] -= order.price + order.fee
    if (order.status === 'COMPLETED') state.deliveries.push({ orderId, type, receiver, quantity, at })
  }
}
