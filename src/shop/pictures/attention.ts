import { sql as q } from 'kysely'
import { ago } from '#shared/db/build.ts'
import type { Attention } from '#shared/attention.ts'
import { picturesSql } from './tables.ts'

/** Orders of the last hour that were refunded because the shop's own account or key at a provider does not work. */
export const picturesOutOfOrder: Attention = {
  text: 'image-admin-section',
  route: 'pictures-admin',
  minimum: 'read-only',
  async waiting({ app }) {
    const [row] = await app.db.rows(
      picturesSql
        .selectFrom('generations')
        .select(q<number>`count(*)::int`.as('count'))
        .where('stage', '=', 'failed')
        .where('reason', 'in', ['no-credits', 'unavailable'])
        .where('finished_at', '>', ago(1, 'hour')),
    )
    return row!
  },
  waitingText: 'image-admin-waiting',
}
