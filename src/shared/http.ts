import http from 'node:http'
import https from 'node:https'
import axios from 'axios'
import pRetry from 'p-retry'
import type { z } from 'zod'
import { explain, Rejected, Transient, UnknownOutcome } from './errors.ts'
import { checkHeld } from './queue/held.ts'
import { credentialsOf, without, withoutSent } from './scrub.ts'
import { readJson, shorten, storable } from './storable.ts'
import { calling } from './trace/trace.ts'

/** One call to another server. Secrets go only into `headers` or `body`: neither appears in an error or a log. */
export interface HttpCall {
  /**
   * The call's name in messages and logs, for example "heleket payment/info". The URL is never shown, because it may
   * hold secrets.
   */
  name: string
  /** The call's name in traces, if `name` holds somebody's id. */
  traceName?: string
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Record<string, string>
  /** The exact bytes to send, so that a signature over them stays valid. */
  body?: string | Uint8Array
  /**
   * True when the call may change something at the other side: then a lost reply is an UnknownOutcome, otherwise a
   * Transient.
   */
  changes: boolean
  /** Statuses 300-499 that the caller handles itself; every other one becomes Rejected `http.<status>`. */
  expect?: readonly number[]
  /** The wait after a 429 without Retry-After, ms. Absent = such a 429 is repeated like any other Transient. */
  throttledMs?: number
  /** For the whole call, including connecting and reading. */
  timeoutMs?: number
  maxReplyBytes?: number
  signal?: AbortSignal
}

export interface Reply {
  status: number
  header(name: string): string | undefined
  bytes: Buffer
  /** The body as text, with the call's credentials removed, as in `parse`. */
  text(): string
  /** The JSON body in the expected shape. A body of another shape is handled like a lost reply. */
  parse<T>(schema: z.ZodType<T>): T
  /** The answer or a part of it, without anything that the call sent: for messages, tables and people. */
  quote(part?: string, length?: number): string
}

const TIMEOUT_MS = 15_000
const MAX_REPLY_BYTES = 1024 * 1024
const QUOTED = 300
/**
 * How much of an answer is searched for our secrets. They are removed before the text is cut; otherwise half a secret
 * could remain at the cut.
 */
const EXCERPT_BYTES = 64 * 1024
/** A larger body is a picture and not searched. */
const LARGEST_TEXT = 1024 * 1024

/**
 * Makes one call, follows no redirect, and gives every failure its verdict.
 * @throws Transient       never sent, because the run has lost its job; never connected; 429 (with `retryAfterMs`); or any
 *                         failure of a call that changes nothing
 * @throws Rejected        a 3xx or 4xx that is not in `expect`; code `http.<status>`
 * @throws UnknownOutcome  timeout, reset, 408 or 5xx of a call with `changes` once it was connected
 */
export function sendCall(call: HttpCall): Promise<Reply> {
  return calling(
    call.traceName ?? call.name,
    () => ({ 'http.request.method': call.method, 'server.address': hostOf(call.url) }),
    () => request(call),
    ({ status }) => ({ attributes: { 'http.response.status_code': status } }),
  )
}

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined)

async function request(call: HttpCall): Promise<Reply> {
  checkHeld()
  const connection = { made: !call.changes }
  const timeout = AbortSignal.timeout(call.timeoutMs ?? TIMEOUT_MS)
  const lost = (message: string, cause?: unknown) =>
    call.changes && connection.made
      ? new UnknownOutcome(`${call.name}: ${message}`, { cause })
      : new Transient(`${call.name}: ${message}`, { cause })

  const response = await axios
    .request<Buffer>({
      method: call.method,
      url: call.url,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...call.headers },
      data: typeof call.body === 'string' ? Buffer.from(call.body) : call.body,
      responseType: 'arraybuffer',
      transformRequest: (data: unknown) => data,
      validateStatus: () => true,
      maxRedirects: 0,
      maxContentLength: call.maxReplyBytes ?? MAX_REPLY_BYTES,
      proxy: false,
      signal: call.signal ? AbortSignal.any([timeout, call.signal]) : timeout,
      ...(call.changes ? freshAgents(connection) : {}),
    })
    .catch((error: unknown) => {
      const reason = timeout.aborted ? 'no answer in time' : 'the connection failed'
      throw lost(reason, withoutSecrets(error))
    })

  const { status } = response
  const bytes = Buffer.from(response.data ?? [])
  const header = (name: string) => {
    const value: unknown = response.headers[name.toLowerCase()]
    return typeof value === 'string' ? value : undefined
  }
  const unsent = withoutSent(call)
  const quote = (part?: string, length = QUOTED) =>
    shorten(
      unsent(storable(shorten(part ?? bytes.toString('utf8', 0, EXCERPT_BYTES), EXCERPT_BYTES))),
      length,
    )
  const readable = () => {
    const text = storable(bytes.toString('utf8'))
    return text.length > LARGEST_TEXT ? text : without(credentialsOf(call))(text)
  }
  const excerpt = () => `answered ${status} ${quote()}`
  if (status === 429) {
    const retryAfterMs = readRetryAfter(header('retry-after')) ?? call.throttledMs
    throw new Transient(`${call.name}: ${excerpt()}`, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
  if (status === 408 || status >= 500) throw lost(excerpt())
  if (status >= 300 && !call.expect?.includes(status)) {
    throw new Rejected(`http.${status}`, `${call.name}: ${excerpt()}`)
  }
  return {
    status,
    header,
    bytes,
    text: readable,
    quote,
    parse(schema) {
      try {
        return schema.parse(readJson(readable()))
      } catch (error) {
        throw lost(`${excerpt()}, which is not what its contract says`, error)
      }
    },
  }
}

/**
 * Repeats `work` after Transient failures, waiting as long as the other side asked. Only for calls that may be
 * repeated: look-ups, and writes with an idempotency key; for the latter `unknownToo` also repeats after an
 * UnknownOutcome.
 */
export function retrySafe<T>(
  work: () => Promise<T>,
  options: { retries?: number; minWaitMs?: number; unknownToo?: boolean; signal?: AbortSignal } = {},
): Promise<T> {
  return pRetry(work, {
    retries: options.retries ?? 2,
    minTimeout: options.minWaitMs ?? 100,
    factor: 3,
    randomize: true,
    ...(options.signal ? { signal: options.signal } : {}),
    shouldRetry: ({ error }) => {
      if (error instanceof UnknownOutcome) return options.unknownToo === true
      // A longer wait is left to the queue, which holds no connection and no slot meanwhile.
      return error instanceof Transient && error.retryAfterMs === undefined
    },
  })
}

/** "120", "3s", "500ms", "2m" or an HTTP date, in milliseconds. */
export function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const match = /^\s*(\d{1,9})\s*(ms|s|m)?\s*$/i.exec(value)
  if (match) return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[(match[2] ?? 's').toLowerCase() as 's']
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/**
 * If the other side closes a kept-alive socket just now, the failure looks like a lost reply. So each changing call
 * gets a new connection, which also tells whether anything can have been sent.
 */
function freshAgents(connection: { made: boolean }) {
  const watch = <A extends http.Agent>(agent: A, event: string): A => {
    const open = agent.createConnection.bind(agent)
    agent.createConnection = (options, callback) => {
      const socket = open(options, callback)
      socket?.once(event, () => (connection.made = true))
      return socket
    }
    return agent
  }
  return {
    httpAgent: watch(new http.Agent(), 'connect'),
    httpsAgent: watch(new https.Agent(), 'secureConnect'),
  }
}

/** axios errors carry the request with its headers, so only the code and the text are passed on. */
function withoutSecrets(error: unknown): Error {
  const code = axios.isAxiosError(error) ? error.code : undefined
  return new Error(code ? `${code} ${explain(new Error((error as Error).message))}` : explain(error))
}

/**
 * The address at which a third party calls us back. The setting is the base address of our routes; an address that
 * already ends in the route is used as it is.
 * @param base undefined = we have no public address
 */
export function addressBelow(base: string | undefined, route: string): string | undefined {
  const root = base?.replace(/\/+$/, '')
  return !root || root.endsWith(route) ? root || undefined : root + route
}
