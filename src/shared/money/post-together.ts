import type { Sql } from '../db/db.ts'
import { together } from '../together.ts'
import { post, postFree } from './ledger.ts'
import type { Posting } from './ledger.ts'

/**
 * `post` for a door at which many callers wait: postings that come while others are written share one statement and one
 * wait for the disk. A posting whose wallet another transaction has in hand or has too little, or whose person is unknown,
 * goes by itself, so that it neither holds up nor spoils its neighbours.
 */
export const postTogether = (sql: Sql): ((posting: Posting) => Promise<void>) =>
  together<Posting>({
    key: ({ reference }) => reference,
    alone: async (posting) => void (await post(sql, posting)),
    async all(calls) {
      // One alone costs less by its own statement.
      return calls.length === 1
        ? new Set()
        : await postFree(
            sql,
            calls.map(({ one }) => one),
          )
    },
  })
