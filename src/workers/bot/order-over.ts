import type { Context } from '#shared/context.ts'
import { inHtml } from '#shared/i18n/format.ts'
import { readOrder } from '#shared/money/orders.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { refreshOrderCard } from './order-card.ts'
import { button } from './screen.ts'

/** An order in another state has gone on, and draws its message itself. */
const ENDS = ['expired', 'cancelled', 'delivered']

/** The message that asked for the money of an order tells how the order ended, without the keys that pay for it. */
export async function closeCard(app: Context, orderId: string): Promise<Verdict> {
  const order = await readOrder(app.db, orderId)
  const terms = app.goods.find(({ kind }) => kind === order?.good)?.order?.waiting
  if (!order?.card || !terms || !ENDS.includes(order.state)) return done
  return await refreshOrderCard(app, orderId, async (reader, { state, details, personId }) => {
    const { text, params } = terms.title(details)
    return {
      text: reader.t(`order-over-${state}`, { what: reader.t(text, inHtml(params)) }),
      keyboard: [[button({ app, personId }, reader.t('menu-open'), 'menu-below')]],
    }
  })
}
