import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'

/**
 * How many unknown keys an address may send in a minute to each gateway before the database is asked no more. A key
 * has 256 bits and cannot be guessed, but each guess costs a statement. All people behind one proxy share an address,
 * and a page whose session has ended sends one unknown key.
 */
const UNKNOWN_KEYS = 1_000
const GOOD_KEYS = 10_000

/**
 * Looks up sessions by key, and stops doing so for an address that guesses.
 * @param read undefined = there is no such session
 */
export function createKeys<Row>(name: string, read: (key: string) => Promise<Row | undefined>) {
  const unknown = createLimit(
    { redis: undefined, key: (one) => one },
    { name, points: UNKNOWN_KEYS, seconds: 60 },
  )
  /** Keys that were valid lately: they go on working while somebody behind the same proxy guesses. */
  const good = new Set<string>()

  function remember(key: string): void {
    if (good.size >= GOOD_KEYS) good.clear()
    good.add(key)
  }

  return {
    /** Tells that a session with this key was opened here just now. */
    remember,

    /**
     * A key is counted before the look-up, so that many at once do not all pass, and the count is returned if the key
     * is valid.
     * @throws UserError `web.often`
     */
    async sessionOf(key: string, address: string): Promise<Row | undefined> {
      const isNew = !good.has(key)
      if (isNew && (await unknown.take(address)) > 0) throw new UserError('web.often')
      const session = await read(key)
      if (!session) {
        good.delete(key)
        return undefined
      }
      if (isNew) await unknown.giveBack(address)
      remember(key)
      return session
    },
  }
}
