/** The connection's token as all workers share it, together with the last failed login. */
export interface StoredToken {
  /** null when there never was one. */
  jwt: string | null
  /** The vendor has refused the token, so using it is pointless. */
  refused: boolean
  /** From when it is renewed before its end, ms since 1970; null when the token does not tell its end. */
  renewAtMs: number | null
  /** Failed logins in a row. While there are some, nobody logs in before `retryAtMs`. */
  failures: number
  retryAtMs: number
  failure: string | null
}

export const NO_TOKEN: StoredToken = {
  jwt: null,
  refused: false,
  renewAtMs: null,
  failures: 0,
  retryAtMs: 0,
  failure: null,
}

export interface TokenStore {
  get(): Promise<StoredToken | undefined>
  save(token: StoredToken): Promise<void>
  /** Runs `work` in one process at a time; the others wait for their turn. */
  withLock<T>(work: () => Promise<T>): Promise<T>
}

/** A store for one process without a database: the command line and tests. */
export function memoryTokenStore(initial?: StoredToken): TokenStore {
  let token = initial
  let turn: Promise<unknown> = Promise.resolve()
  return {
    get: () => Promise.resolve(token),
    save(next) {
      token = next
      return Promise.resolve()
    },
    withLock(work) {
      const result = turn.then(work)
      turn = result.catch(() => undefined)
      return result
    },
  }
}
