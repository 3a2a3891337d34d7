import type { Sql } from '../db/db.ts'
import { sharedSql } from '../tables.ts'

/* What each bot holds in Stars, as it was last compared: pages, alerts and figures read the same row. */

/** A comparison of the books with Telegram, in whole Stars. */
export interface StarBalance {
  bot: string
  telegram: bigint
  books: bigint
  /** When the figures were read, and since when they differ. */
  at: Date
  since: Date | undefined
  /** Whether the difference is told to admins: payments under way do not explain it, and it has not ended. */
  lasts: boolean
}

export interface ComparedStars {
  telegram: number
  books: string
  since?: string
  lasts?: true
}

/** The name of the row in `cursors`. */
export const comparedStars = (bot: string) => `balance of stars ${bot}`

/** The last comparisons of these bots; a bot without one is left out. */
export async function balancesOf(sql: Sql, bots: readonly string[]): Promise<StarBalance[]> {
  const rows = await sql.rows(
    sharedSql
      .selectFrom('cursors')
      .select(['name', 'value', 'updated_at as at'])
      .where('name', 'in', bots.map(comparedStars)),
  )
  return rows.map(({ name, value, at }) => {
    const { telegram, books, since, lasts = false } = JSON.parse(value) as ComparedStars
    return {
      bot: name.slice(comparedStars('').length),
      telegram: BigInt(telegram),
      books: BigInt(books),
      at,
      since: since === undefined ? undefined : new Date(since),
      lasts,
    }
  })
}
