import { setTimeout as sleep } from 'node:timers/promises'
import { announceEnd, callBack } from './callbacks.ts'
import { type Fault, find } from './faults.ts'
import { finish, walk } from './lifecycle.ts'
import { placeOrder, view } from './orders.ts'
import type { Answer, Order, State } from './state.ts'

export type Lost = 'dropped' | 'silent'
export const HTML = '<html><head><title>Error</title></head><body><h1>Bad Gateway</h1></body></html>'

/** Answers with the faults that happen before anything is bought. */
export async function before(state: State, faults: Fault[]): Promise<Answer | Lost | undefined> {
  const throttle = find(faults, 'throttle')
  if (throttle) return throttled(throttle.retryAfter ?? state.settings.retryAfter)
  const told = find(faults, 'answer')
  if (told) return { status: told.status, json: told.json }
  const delay = find(faults, 'delay-before')
  if (delay) await sleep(delay.ms, undefined, { ref: false })
  if (find(faults, 'drop-before')) return 'dropped'
  const status = find(faults, 'status-before')
  return status && { status: status.status, ...(status.html ? { html: HTML } : { json: {} }) }
}

/** POST /v1/order/stars/ and /v1/order/premium/ for a caller who is logged in. */
export async function sell(
  state: State,
  type: Order['type'],
  body: Record<string, unknown>,
  faults: Fault[],
): Promise<Answer | Lost> {
  const { ordersPerSecond, retryAfter } = state.settings
  if (ordersPerSecond) {
    state.recentOrders = state.recentOrders.filter((at) => at > Date.now() - 1000)
    if (state.recentOrders.length >= ordersPerSecond) return throttled(retryAfter)
    state.recentOrders.push(Date.now())
  }
  const late = find(faults, 'books-late')
  if (late) {
    void bookLater(state, type, body, faults, late.ms)
    return { status: 500, json: {} }
  }
  const placed = placeOrder(state, type, body, faults)
  if (!('id' in placed)) return placed
  const failure = find(faults, 'success-false')
  if (failure) {
    finish(state, placed, 'FAILED', true)
    const { status, ...rest } = view(state, placed) as Record<string, unknown>
    return { status: 200, json: failure.status ? { ...rest, status } : rest }
  }

  const first = view(state, placed)
  const mode = find(faults, 'callback')?.mode ?? state.settings.callbacks
  if (mode === 'before-reply' && placed.responseUrl) {
    finish(state, placed, 'COMPLETED')
    await callBack(state, placed)
  } else {
    const ended = new Promise<void>((resolve) => walk(state, placed, resolve))
    const announced = ended.then(() => announceEnd(state, placed))
    if (!placed.responseUrl || isOld(state)) await announced
  }
  const delay = find(faults, 'delay-after')
  if (delay) await sleep(delay.ms, undefined, { ref: false })
  if (find(faults, 'drop-after')) return 'dropped'
  if (find(faults, 'silent-after')) return 'silent'
  if (find(faults, 'garbage-after')) return { status: 200, html: '{"success": tr' }
  const status = find(faults, 'status-after')
  if (status) return { status: status.status, ...(status.html ? { html: HTML } : { json: {} }) }
  // The early reply shows the order as it was made, even if the callback was faster.
  return { status: 200, json: placed.responseUrl && !isOld(state) ? first : view(state, placed) }
}

async function bookLater(
  state: State,
  type: Order['type'],
  body: Record<string, unknown>,
  faults: Fault[],
  ms: number,
): Promise<void> {
  await sleep(ms, undefined, { ref: false })
  const placed = placeOrder(state, type, body, faults)
  if ('id' in placed) walk(state, placed, () => void announceEnd(state, placed))
}

const isOld = (state: State) => state.settings.orderShape === 'old'
/** The header Retry-After may be absent: '' leaves it out. */
const throttled = (retryAfter: string): Answer => ({
  status: 429,
  json: { detail: 'Request was throttled.' },
  ...(retryAfter ? { headers: { 'retry-after': retryAfter } } : {}),
})
