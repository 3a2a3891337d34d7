import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { inHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import type { Order } from '#shared/money/tables.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sharedSql } from '#shared/tables.ts'
import { refreshOrderCard } from './order-card.ts'
import { button } from './screen.ts'

/** An order in another state has gone on, and draws its message itself. */
const ENDS = ['expired', 'cancelled', 'delivered']

/** The message that asked for the money of an order tells how the order ended, without the keys that pay for it. */
export async function closeCard(app: Context, orderId: string): Promise<Verdict> {
  const order = await readOrder(app.db, orderId)
  const terms = app.goods.find(({ kind }) => kind === order?.good)?.order?.waiting
  if (!order?.card || !terms || !ENDS.includes(order.state) || (await isElsewhere(app.db, order))) return done
  return await refreshOrderCard(app, orderId, async (reader, { state, details, personId }) => {
    const { text, params } = terms.title(details)
    return {
      text: reader.t(`order-over-${state}`, { what: reader.t(text, inHtml(params)) }),
      keyboard: [[button({ app, personId }, reader.t('menu-open'), 'menu-below')]],
    }
  })
}

/** The person has gone on in this very message: another screen stands there by now. */
async function isElsewhere(sql: Sql, { bot, personId, card }: Order): Promise<boolean> {
  const [session] = await sql.rows(
    sharedSql
      .selectFrom('bot_sessions')
      .select(q<string | null>`session_data ->> 'anchor'`.as('anchor'))
      .where('bot', '=', bot)
      .where('person_id', '=', personId),
  )
  return session?.anchor === String(card?.messageId)
}
