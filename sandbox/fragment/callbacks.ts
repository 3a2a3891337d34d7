import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { find } from './faults.ts'
import { view } from './orders.ts'
import type { Order, State } from './state.ts'

/**
 * Sends a callback once and never repeats it, whatever the other side answers, because nothing is known about
 * repeats of the vendor's.
 */
export async function callBack(state: State, order: Order): Promise<void> {
  const url = order.responseUrl
  if (!url) return
  const answer = await post(url, JSON.stringify(view(state, order))).catch(() => 'failed' as const)
  state.callbacks.push({ orderId: order.id, url, answer, at: new Date().toISOString() })
}

/** Sends the callbacks of an order that has ended: late, twice, or none, as the faults say. */
export async function announceEnd(state: State, order: Order): Promise<void> {
  const told = find(order.faults, 'callback')
  const mode = told?.mode ?? state.settings.callbacks
  if (mode === 'never' || mode === 'before-reply') return
  await sleep(told?.delayMs ?? state.settings.callbackDelayMs, undefined, { ref: false })
  await Promise.all(
    mode === 'twice' ? [callBack(state, order), callBack(state, order)] : [callBack(state, order)],
  )
}

function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const request = client.request(
      url,
      { method: 'POST', headers, timeout: 5_000, agent: false },
      (reply) => {
        reply.resume()
        reply.on('end', () => resolve(reply.statusCode ?? 0))
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end(body)
  })
}
