import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'
import type { Faults } from './faults.ts'

/** One event on its way to the shop. */
export interface Delivery {
  id: number
  url: string
  status: string
  attempts: { at: number; answer: number | 'failed' }[]
  state: 'waiting' | 'delivered' | 'lost' | 'given up'
  body: string
}

export interface Outgoing {
  url: string | undefined
  /** The status that the event tells, by which the fault script finds it: "paid". */
  status: string
  headers: Record<string, string>
  body: string
  /** The same event with a signature that does not fit. */
  forged: { headers: Record<string, string>; body: string }
}

export interface RetrySettings {
  retryBaseMs: number
  retryMaxMs: number
  /** How many times the event is sent again; 0 for until it is accepted. */
  retryLimit: number
}

/**
 * Sends events to the shop, and again until it answers 200 (as with the engine, another 2xx is not enough). Events
 * of different invoices run in parallel and may overtake each other.
 */
export function createDeliveries(clock: Clock, faults: Faults, settings: RetrySettings) {
  const list: Delivery[] = []
  const running = new Set<Promise<unknown>>()
  let swapped: (() => void) | undefined
  let closed = false

  async function attempt(delivery: Delivery, headers: Record<string, string>): Promise<void> {
    const answer = await fetch(delivery.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: delivery.body,
      signal: AbortSignal.timeout(10_000),
    })
      .then((response) => response.status)
      .catch(() => 'failed' as const)
    delivery.attempts.push({ at: clock.now(), answer })
    if (answer === 200) return void (delivery.state = 'delivered')
    if (settings.retryLimit > 0 && delivery.attempts.length >= settings.retryLimit) {
      return void (delivery.state = 'given up')
    }
    if (closed) return
    const wait = Math.min(settings.retryMaxMs, settings.retryBaseMs * 2 ** (delivery.attempts.length - 1))
    clock.after(wait, () => void start(delivery, headers))
  }

  function start(delivery: Delivery, headers: Record<string, string>): Promise<void> {
    const work = attempt(delivery, headers).finally(() => running.delete(work))
    running.add(work)
    return work
  }

  function send(event: Outgoing): Promise<unknown> {
    if (!event.url) return Promise.resolve()
    const fault = faults.take('webhook', event.status) ?? {}
    const { headers, body } = fault.forge ? event.forged : event
    const copies = Array.from({ length: 1 + (fault.duplicate ?? 0) }, () => {
      const delivery: Delivery = {
        id: list.length + 1,
        url: event.url ?? '',
        status: event.status,
        attempts: [],
        state: fault.lose ? 'lost' : 'waiting',
        body,
      }
      list.push(delivery)
      return delivery
    })
    if (fault.lose) return Promise.resolve()
    const go = () => Promise.all(copies.map((delivery) => start(delivery, headers)))
    if (fault.swap) {
      swapped = () => void go()
      return Promise.resolve()
    }
    if (fault.delay_ms) {
      clock.after(fault.delay_ms, () => void go())
      return Promise.resolve()
    }
    const waiting = swapped
    swapped = undefined
    return go().then(() => waiting?.())
  }

  return {
    list,
    send,
    /** Sends nothing again, and waits for what is on its way. */
    async close() {
      closed = true
      await Promise.allSettled(running)
    },
  }
}
