import { Transient, UnknownOutcome } from '#shared/errors.ts'
import { type HttpCall, type Reply, retrySafe, sendCall } from '#shared/http.ts'
import { refusal, TokenRefused } from './errors.ts'
import { type Credentials, login } from './login.ts'
import { type TokenOptions, tokenUser } from './tokens.ts'

/**
 * The wait after a 429, ms. The vendor publishes no limit and may send no `Retry-After`; other clients leave one to
 * three seconds between calls.
 */
const THROTTLED_MS = 5_000

/** A call that waits longer raises a doubt whether the reseller answers; purchases themselves may take minutes. */
const LONG_MS = 5_000

export interface ResellerOptions extends Omit<TokenOptions, 'login'> {
  /** The base address, with or without `/v1`. */
  baseUrl: string
  credentials: Credentials | undefined
  /** Without `response_url` the vendor takes up to five minutes; 90 s if left out. */
  orderTimeoutMs?: number
  /** Called when a call got no answer, or has waited long for one. */
  trouble?: (() => void) | undefined
}

export interface ResellerClient {
  /** How long the answer to a purchase is waited for, ms. */
  orderTimeoutMs: number
  /** A look-up, repeated a few times when the network fails. @throws Transient, Rejected, LoginFailed */
  get(path: string, signal?: AbortSignal, expect?: number[]): Promise<Reply>
  /** A look-up that needs no token. */
  getPublic(path: string): Promise<Reply>
  /**
   * A purchase. Every POST that arrives buys anew, so it is repeated only where nothing was executed for certain:
   * after 401/403 with a new token, and when no connection was made. 429 is left to the queue.
   * @throws Transient, Rejected, UnknownOutcome, LoginFailed
   */
  buy(path: string, body: object, signal?: AbortSignal): Promise<Reply>
}

/** The reseller's HTTP API, version 1: a slash at the end of each path, `Authorization: JWT <token>`. */
export function resellerClient(options: ResellerOptions): ResellerClient {
  const base = rootOf(options.baseUrl)
  const { credentials, orderTimeoutMs = 90_000 } = options
  const send = (call: HttpCall) => watched(call, options.trouble)
  const withToken = tokenUser({
    ...options,
    // Some operators store the token with the header's prefix.
    presetJwt: options.presetJwt?.trim().replace(/^JWT\s+/i, ''),
    login: credentials && (() => retrySafe(() => login(base, credentials), { retries: 1 })),
  })

  async function authorized(call: Omit<HttpCall, 'url'> & { path: string }, expect: number[] = []) {
    return withToken(async (jwt) => {
      const reply = await send({
        ...call,
        url: base + call.path,
        throttledMs: THROTTLED_MS,
        headers: { Authorization: `JWT ${jwt}` },
        expect: [400, 401, 403, 404],
      })
      if (reply.status === 401 || reply.status === 403) throw new TokenRefused(`${call.name} ${reply.status}`)
      if (reply.status === 200 || expect.includes(reply.status)) return reply
      if (reply.status < 300) throw new UnknownOutcome(`${call.name} answered ${reply.status}`)
      throw refusal(call.name, reply, call.changes)
    })
  }

  return {
    orderTimeoutMs,
    get: (path, signal, expect) =>
      retrySafe(
        () =>
          authorized(
            {
              name: `fragment ${path}`,
              // The last part of the path is a username or the vendor's order id, which traces must not contain.
              traceName: `fragment ${path.replace(/^(\/order|\/misc\/user)\/.*/, '$1')}`,
              method: 'GET',
              path,
              changes: false,
              signal,
            },
            expect,
          ),
        { signal },
      ),
    getPublic: (path) =>
      retrySafe(() => send({ name: `fragment ${path}`, method: 'GET', url: base + path, changes: false })),
    buy: (path, body, signal) =>
      retrySafe(
        () =>
          authorized({
            name: `fragment ${path}`,
            method: 'POST',
            path,
            body: JSON.stringify(body),
            changes: true,
            timeoutMs: orderTimeoutMs,
            signal,
          }),
        { signal },
      ),
  }
}

async function watched(call: HttpCall, trouble: (() => void) | undefined): Promise<Reply> {
  if (!trouble) return await sendCall(call)
  const timer = setTimeout(trouble, LONG_MS)
  try {
    return await sendCall(call)
  } catch (error) {
    const unanswered = error instanceof Transient && error.retryAfterMs === undefined
    if (unanswered || error instanceof UnknownOutcome) trouble()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

export function rootOf(baseUrl: string): string {
  const trimmed = baseUrl.replace(/\/+$/, '')
  return /\/v\d+$/.test(trimmed) ? trimmed : `${trimmed}/v1`
}
