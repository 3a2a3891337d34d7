import { randomUUID } from 'node:crypto'

/** A refusal of the API, with the status and the code for programs. */
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
/** Answers of the shop, or of a proxy in front of it, to a call that came too fast or while nobody was there. */
const AGAIN = new Set([429, 502, 503, 504])

/** The page of a proxy is no problem document, but an answer with a status all the same. */
function problemOf(answer) {
  try {
    return JSON.parse(answer)
  } catch {
    return { title: answer.slice(0, 200) }
  }
}

/** A parameter without a value is left out. */
function queryOf(page) {
  const given = Object.entries(page).filter(([, value]) => value !== undefined && value !== null)
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/**
 * A client of the Balance API. Changes carry an Idempotency-Key, so they are sent again after a lost answer,
 * 429 and 502 to 504 without being made twice; give a key of your own to make them once over restarts of your program, too.
 */
export function createClient({ url, key, fetch: send = fetch, timeoutMs = 10_000 }) {
  const base = `${url.replace(/\/+$/, '')}/v1`

  async function call(method, path, { body, headers = {}, safe = true } = {}) {
    for (let tried = 1; ; tried++) {
      const again = safe && tried < TRIES
      let reply, answer
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
        // Read within the try, because an answer that breaks off half way is a lost answer.
        answer = await reply.text()
      } catch (error) {
        if (!again) throw error
        await pause(tried)
        continue
      }
      if (again && AGAIN.has(reply.status)) {
        await pause(tried, Number(reply.headers.get('retry-after')))
        continue
      }
      if (!reply.ok) throw new ApiProblem(reply.status, problemOf(answer))
      return JSON.parse(answer)
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
    getEntries: (id, page = {}) => call('GET', `${user(id)}/entries${queryOf(page)}`),
    getSession: (id) => call('GET', `${user(id)}/session`),
    putSession: (id, session, version) =>
      call('PUT', `${user(id)}/session`, {
        body: session,
        headers: version === undefined ? {} : { 'if-match': `"${version}"` },
        // A second try would meet the change of the first try and take it for somebody else's.
        safe: version === undefined,
      }),
    postActivity: (id, activity, idempotencyKey) =>
      call('POST', `${user(id)}/activities`, { body: activity, headers: once(idempotencyKey) }),
    getActivities: (id, page = {}) => call('GET', `${user(id)}/activities${queryOf(page)}`),
    redeemPromocode: (code, id, idempotencyKey) =>
      call('POST', `/promocodes/${encodeURIComponent(code)}/redemptions`, {
        body: { telegramId: String(id) },
        headers: once(idempotencyKey),
      }),
    checkCode: (code) => call('POST', '/codes/check', { body: { code } }),
    redeemCode: (code, usedFor, idempotencyKey) =>
      call('POST', '/codes/redeem', { body: { code, usedFor }, headers: once(idempotencyKey) }),
  }
}

function pause(tried, seconds = 0) {
  const ms = Math.min(Math.max(seconds * 1000, 200 * 2 ** tried), 30_000)
  return new Promise((resolve) => setTimeout(resolve, ms))
}
