import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'

/**
 * Unknown keys that one address may send in a minute, at each gateway, before the database is asked no more: a key has
 * 256 bits and cannot be guessed, but each guess costs a statement. All people behind one proxy are one address, and a
 * page whose session is over sends one.
 */
const UNKNOWN_KEYS = 1_000
const GOOD_KEYS = 10_000

/** Looks keys up, and none for whoever guesses. @param read undefined = there is no such session */
export function createKeys<Row>(name: string, read: (key: string) => Promise<Row | undefined>) {
  const unknown = createLimit(
    { redis: undefined, key: (one) => one },
    { name, points: UNKNOWN_KEYS, seconds: 60 },
  )
  /** Keys that were good lately: whoever guesses keeps out none of the people behind the same proxy. */
  const good = new Set<string>()

  function remember(key: string): void {
    if (good.size >= GOOD_KEYS) good.clear()
    good.add(key)
  }

  return {
    /** The session of a key has just been opened here. */
    remember,

    /**
     * A key is counted before it is looked up, so that many at once are not all let through, and given back if right.
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
