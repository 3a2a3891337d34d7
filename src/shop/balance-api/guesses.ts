import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { Problem } from './problem.ts'

/**
 * Wrong codes that one key may send within ten minutes. An owner's own codes are words and no random letters, and at
 * its usual rate a key could try 60,000 of them. For one person the limit is that of the bot.
 */
const OF_KEY = 100
const OF_PERSON = 8
const SECONDS = 600
const UNKNOWN = ['promo.unknown', 'code.unknown']

/** Keeps callers of the API from guessing codes. */
export type CodeGuesses = ReturnType<typeof createCodeGuesses>

export function createCodeGuesses(backend: Pick<QueueBackend, 'redis' | 'key'>) {
  const limits = {
    key: createLimit(backend, { name: 'api-codes', points: OF_KEY, seconds: SECONDS }),
    person: createLimit(backend, { name: 'api-codes-of', points: OF_PERSON, seconds: SECONDS }),
  }
  /**
   * A call is counted before its code is looked up, so that many at once are not all let through. It is given back
   * unless the code does not exist.
   * @throws Problem 429
   */
  return async <T>(who: { key: string; person?: string }, run: () => Promise<T>): Promise<T> => {
    const counted = (['key', 'person'] as const).flatMap((by) => {
      const name = who[by]
      return name === undefined
        ? []
        : [{ limit: limits[by], name: by === 'person' ? `${who.key} ${name}` : name }]
    })
    const waits = await Promise.all(counted.map(({ limit, name }) => limit.take(name)))
    const waitMs = Math.max(...waits)
    if (waitMs > 0) {
      throw new Problem(429, 'rate-limit', 'Too many codes that there are not: try again later', {
        'retry-after': String(Math.ceil(waitMs / 1000)),
      })
    }
    const giveBack = () => Promise.all(counted.map(({ limit, name }) => limit.giveBack(name)))
    try {
      const answer = await run()
      await giveBack()
      return answer
    } catch (error) {
      if (!(error instanceof UserError && UNKNOWN.includes(error.code))) await giveBack()
      throw error
    }
  }
}
