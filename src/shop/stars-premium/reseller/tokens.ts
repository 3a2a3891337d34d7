import { explain, Transient } from '#shared/errors.ts'
import { LoginFailed, TokenRefused } from './errors.ts'
import type { Login } from './login.ts'
import { NO_TOKEN, type StoredToken, type TokenStore } from './token-store.ts'

export interface TokenOptions {
  store: TokenStore
  /** Gets a new token or throws; undefined = there are no credentials, only a token that the operator set. */
  login: (() => Promise<Login>) | undefined
  /** FRAGMENT_JWT_TOKEN: used until it is refused. */
  presetJwt: string | undefined
  onLoginFailed?: (failure: string) => Promise<void> | void
}

/** The wait after a failed login: 30 s, doubled with each failure up to 10 minutes, for all workers together. */
const BACKOFF_MS = 30_000
const MAX_BACKOFF_MS = 600_000

/**
 * Runs calls with the shared token. When it is refused, one worker of all logs in while the others wait,
 * and each call is repeated once: a 401 or 403 proves that nothing was executed.
 */
export function tokenUser(options: TokenOptions) {
  const { store, presetJwt } = options
  const renewals = new Map<string | null, Promise<string>>()

  async function read(): Promise<StoredToken> {
    return (await store.get()) ?? { ...NO_TOKEN, jwt: presetJwt ?? null }
  }

  /** One renewal per process, so that fifty waiting orders need one lock and one connection instead of fifty. */
  function renew(old: string | null, refused: boolean): Promise<string> {
    const running = renewals.get(old)
    if (running) return running
    const renewal = store.withLock(() => renewAlone(old, refused)).finally(() => renewals.delete(old))
    renewals.set(old, renewal)
    return renewal
  }

  async function renewAlone(old: string | null, refused: boolean): Promise<string> {
    let stored = await read()
    if (stored.jwt && stored.jwt !== old && !stored.refused) return stored.jwt
    const isNews = refused && !stored.refused
    if (refused) stored = { ...stored, refused: true }
    if (isPaused(stored)) {
      await store.save(stored)
      // A login ahead of the token's end had failed, and that is over now.
      if (isNews) await options.onLoginFailed?.(stored.failure ?? '')
      throw paused(stored)
    }
    if (!options.login) {
      if (presetJwt && presetJwt !== old) return keep({ jwt: presetJwt, renewAtMs: null }, stored)
      throw await failed(stored, new Error('the token was refused and there are no credentials'))
    }
    // Before its end the token still works, so a failed renewal is not reported yet.
    const isAhead = old !== null && !stored.refused
    const fresh = await options.login().catch(async (error: unknown) => {
      throw await failed(stored, error, isAhead)
    })
    return keep(fresh, stored)
  }

  /** The failures stay counted until the new token has worked once. */
  async function keep(fresh: Login, stored: StoredToken): Promise<string> {
    await store.save({ ...stored, ...fresh, refused: false, retryAtMs: 0 })
    return fresh.jwt
  }

  async function failed(stored: StoredToken, cause: unknown, quietly = false): Promise<LoginFailed> {
    const asked = cause instanceof Transient ? cause.retryAfterMs : undefined
    const waitMs = asked ?? Math.min(BACKOFF_MS * 2 ** stored.failures, MAX_BACKOFF_MS)
    const failure = explain(cause)
    await store.save({ ...stored, failures: stored.failures + 1, retryAtMs: Date.now() + waitMs, failure })
    if (!quietly) await options.onLoginFailed?.(failure)
    return new LoginFailed(`fragment login: ${failure}`, { cause, retryAfterMs: waitMs })
  }

  /** A new token that is refused: without this note every waiting call would log in again. */
  function refusedAgain(jwt: string, cause: TokenRefused): Promise<LoginFailed> {
    return store.withLock(async () => {
      const stored = await read()
      if (stored.jwt !== jwt || stored.refused) return paused(stored)
      return failed({ ...stored, refused: true }, cause)
    })
  }

  /** The token works, so earlier failures are forgotten, unless they concern its successor. */
  async function forgetFailures(jwt: string): Promise<void> {
    await store.withLock(async () => {
      const stored = await read()
      if (stored.jwt === jwt && !isDue(stored))
        await store.save({ ...stored, failures: 0, retryAtMs: 0, failure: null })
    })
  }

  async function firstToken(stored: StoredToken): Promise<string> {
    const { jwt } = stored
    if (!jwt || stored.refused) return renew(jwt, stored.refused)
    if (!isDue(stored)) return jwt
    // A failed early renewal does no harm: the token works until it is refused.
    return renew(jwt, false).catch(() => jwt)
  }

  return async function withToken<T>(work: (jwt: string) => Promise<T>): Promise<T> {
    const stored = await beforeCall(read)
    const first = await beforeCall(() => firstToken(stored))
    let used = first
    let result = await attempt(work, first)
    if (result instanceof TokenRefused) {
      used = await beforeCall(() => renew(first, true))
      result = await attempt(work, used)
    }
    if (result instanceof TokenRefused) {
      const cause = result
      throw await beforeCall(() => refusedAgain(used, cause))
    }
    // A failed note must not hide the result of a purchase.
    if (stored.failures > 0) await forgetFailures(used).catch(() => undefined)
    return result
  }
}

/** Without a token nothing was sent, so every error here is one before the call. */
async function beforeCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LoginFailed) throw error
    throw new Transient('the shared token cannot be had', { cause: error })
  }
}

async function attempt<T>(work: (jwt: string) => Promise<T>, jwt: string): Promise<T | TokenRefused> {
  try {
    return await work(jwt)
  } catch (error) {
    if (error instanceof TokenRefused) return error
    throw error
  }
}

const isDue = ({ renewAtMs }: StoredToken) => renewAtMs !== null && renewAtMs <= Date.now()
const isPaused = (stored: StoredToken) => stored.failures > 0 && stored.retryAtMs > Date.now()

function paused(stored: StoredToken): LoginFailed {
  const retryAfterMs = Math.max(1_000, stored.retryAtMs - Date.now())
  return new LoginFailed(`fragment login: ${stored.failure}`, { retryAfterMs })
}
