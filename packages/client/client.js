import { randomUUID } from 'node:crypto'

/** What the API refused, with the status and the code for programs. */
export class ApiProblem extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `status ${status}`)
    this.name = 'ApiProblem'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.problem = problem
  }
}

const TRIES = 4

/**
 * A client of the Balance API. Changes carry an Idempotency-Key, so they are sent again after a lost answer,
 * 429 and 503 without being made twice; give a key of your own to make them once over restarts of your program, too.
 */
export function createClient({ url, key, fetch: send = fetch, timeoutMs = 10_000 }) {
  const base = `${url.replace(/\/+$/, '')}/v1`

  async function call(method, path, { body, headers = {}, safe = true } = {}) {
    for (let tried = 1; ; tried++) {
      const again = safe && tried < TRIES
      let reply
      try {
        reply = await send(base + path, {
          method,
          headers: {
            authorization: `Bearer ${key}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(timeoutMs),
        })
      } catch (error) {
        if (!again) throw error
        await pause(tried)
        continue
      }
      if (again && (reply.status === 429 || reply.status === 503)) {
        await reply.body?.cancel()
        await pause(tried, Number(reply.headers.get('retry-after')))
        continue
      }
      const answer = await reply.json()
      if (!reply.ok) throw new ApiProblem(reply.status, answer)
      return answer
    }
  }

  const user = (id) => `/users/${encodeURIComponent(String(id))}`
  const once = (idempotencyKey) => ({ 'idempotency-key': idempotencyKey ?? randomUUID() })
  return {
    getUser: (id) => call('GET', user(id)),
    putUser: (id, profile = {}) => call('PUT', user(id), { body: profile }),
    getBalance: (id) => call('GET', `${user(id)}/balance`),
    postEntry: (id, entry, idempotencyKey) =>
      call('POST', `${user(id)}/entries`, { body: entry, headers: once(idempotencyKey) }),
    getEntries: (id, page = {}) => call('GET', `${user(id)}/entries?${new URLSearchParams(page)}`),
    getSession: (id) => call('GET', `${user(id)}/session`),
    putSession: (id, session, version) =>
      call('PUT', `${user(id)}/session`, {
        body: session,
        headers: version === undefined ? {} : { 'if-match': `"${version}"` },
        // A second try would find its own first one and look like somebody else's change.
        safe: version === undefined,
      }),
    postActivity: (id, activity, idempotencyKey) =>
      call('POST', `${user(id)}/activities`, { body: activity, headers: once(idempotencyKey) }),
    redeemPromocode: (code, id, idempotencyKey) =>
      call('POST', `/promocodes/${encodeURIComponent(code)}/redemptions`, {
        body: { telegramId: String(id) },
        headers: once(idempotencyKey),
      }),
  }
}

function pause(tried, seconds = 0) {
  const ms = Math.min(Math.max(seconds * 1000, 200 * 2 ** tried), 30_000)
  return new Promise((resolve) => setTimeout(resolve, ms))
}
