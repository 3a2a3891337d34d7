import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, createClock } from '@telekassa/telegram-sandbox/lib/clock'
import { listen, readBody, sendJson } from '@telekassa/telegram-sandbox/lib/http'
import { createFaults } from './faults.ts'

/** One request, as the operations of a simulator see it. */
export interface Incoming {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingHttpHeaders
  raw: Buffer
  json(): unknown
}

export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string | number>
  /** How long the answer is held back. */
  delayMs?: number
  /** True if the connection ends without an answer. */
  lost?: boolean
}

export interface Seen {
  id: number
  at: number
  operation: string
  method: string
  path: string
  body: unknown
  status: number | 'dropped'
  fault?: string
}

/** What makes one picture API different from another. */
export interface Api<Settings extends object> {
  settings: Settings
  /** The name of the operation that a request is for, as faults and the record call it; undefined for 404. */
  route(incoming: Incoming): string | undefined
  work(operation: string, incoming: Incoming): Promise<Answer> | Answer
  /** The body of an error in the shape of this API, for a fault rule with `{ status }` or `{ retry_after }`. */
  failure(status: number, message: string): unknown
  /** Answers further control calls, such as `GET tasks`; undefined for 404. */
  control(call: string, body: unknown): unknown
  reset(): void
}

export interface Simulator {
  url: string
  close(): Promise<void>
}

export interface StartAt<Settings> {
  port?: number
  host?: string
  settings?: Partial<Settings>
  /** The file that keeps the tasks over a restart, also over kill -9 (KIE AI only). */
  file?: string | undefined
}

const BODY_LIMIT = 64 * 1024 * 1024

/** A real HTTP server around a picture API, with faults, a record of requests, a control API and a clock. */
export async function startSimulator<Settings extends object>(
  build: (context: { clock: Clock; url: () => string; file: string | undefined }) => Api<Settings>,
  at: StartAt<Settings> = {},
): Promise<Simulator> {
  const clock = createClock()
  let url = ''
  const api = build({ clock, url: () => url, file: at.file })
  const defaults = structuredClone(api.settings)
  Object.assign(api.settings, at.settings)
  const faults = createFaults()
  let seen: Seen[] = []
  let lastId = 0

  function control(call: string, body: unknown): unknown {
    switch (call) {
      case 'GET requests':
        return seen
      case 'GET settings':
        return api.settings
      case 'PUT settings':
        return Object.assign(api.settings, body)
      case 'GET faults':
        return faults.rules()
      case 'PUT faults':
        return faults.replace(body)
      case 'POST faults':
        return faults.add(body)
      case 'PUT clock': {
        const { advance_ms: ms = 0, stand } = body as { advance_ms?: number; stand?: true }
        if (stand) clock.stand()
        clock.advance(ms)
        return { now: clock.now() }
      }
      case 'POST reset':
        seen = []
        faults.replace([])
        Object.assign(api.settings, defaults, at.settings)
        api.reset()
        return {}
      default:
        return api.control(call, body)
    }
  }

  const server = await listen(async (request, response) => {
    const address = new URL(request.url ?? '/', 'http://simulator')
    const raw = await readBody(request, BODY_LIMIT)
    const incoming: Incoming = {
      method: request.method ?? 'GET',
      path: address.pathname,
      query: address.searchParams,
      headers: request.headers,
      raw,
      json: () => JSON.parse(raw.toString('utf8')),
    }
    if (incoming.path.startsWith('/control/')) {
      const call = `${incoming.method} ${incoming.path.slice('/control/'.length)}`
      const answer = control(call, raw.length > 0 ? incoming.json() : undefined)
      return answer === undefined
        ? sendJson(response, 404, { error: `no control call ${call}` })
        : sendJson(response, 200, answer)
    }

    const operation = api.route(incoming)
    const record: Seen = {
      id: ++lastId,
      at: clock.now(),
      operation: operation ?? 'unknown',
      method: incoming.method,
      path: incoming.path,
      body: readable(raw),
      status: 404,
    }
    seen.push(record)
    if (operation === undefined) return sendJson(response, 404, { error: 'Not Found' })
    const fault = faults.take(operation)
    if (fault) record.fault = JSON.stringify(fault)
    const drop = () => {
      record.status = 'dropped'
      response.destroy()
    }
    const refuses = fault?.status !== undefined || fault?.retry_after !== undefined
    if (fault?.drop === 'before') return drop()
    let answer: Answer | undefined
    if (!refuses || fault.after) answer = await api.work(operation, incoming)
    const delayMs = (fault?.delay_ms ?? 0) + (answer?.delayMs ?? 0)
    if (delayMs > 0) await new Promise<void>((resolve) => void clock.after(delayMs, resolve))
    if (fault?.drop === 'after' || answer?.lost) return drop()
    if (refuses || !answer) {
      const status = fault?.status ?? 429
      const wait = fault?.retry_after
      const body = fault?.body ?? api.failure(status, 'as the fault script says')
      answer = { status, body, headers: wait === undefined ? {} : { 'Retry-After': wait } }
    }
    record.status = answer.status
    if (answer.body instanceof Buffer || typeof answer.body === 'string') {
      response.writeHead(answer.status, {
        'Content-Length': Buffer.byteLength(answer.body),
        ...answer.headers,
      })
      return void response.end(answer.body)
    }
    sendJson(response, answer.status, answer.body, answer.headers)
  }, at)
  url = server.url
  return {
    url,
    async close() {
      clock.stop()
      await server.close()
    },
  }
}

/** The part of a body that can be read, because long base64 would only fill the memory. */
function readable(raw: Buffer): unknown {
  if (raw.length > 100_000) return `${raw.length} bytes`
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch {
    return raw.toString('utf8')
  }
}
