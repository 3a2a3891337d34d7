import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { eachApart } from '#shared/each-apart.ts'
import { readOrder } from '#shared/money/orders.ts'
import { oweAdminAlert, toldOf } from '#shared/notices.ts'
import { itemOf } from '../good.ts'
import { endOverdue } from '../services.ts'
import { shelfSql } from '../tables.ts'
import { NOW } from '#shared/db/build.ts'

const WORKER = 'worker:upkeep'
/** Services handled in one look; the next look comes within 30 s. */
const MOST = 200

/**
 * Tells admins once when a service is paid for and once when a quarter of its time is left; ends services whose time
 * is over and returns their money. Two looks at once end different services.
 */
export async function lookAfterServices(app: Pick<Context, 'db' | 'bots'>): Promise<void> {
  await tell(app, 'new', q<boolean>`told = 'nothing'`)
  await tell(
    app,
    'late',
    q<boolean>`told = 'new' and due_at < now() + least(interval '12 hours',
      (select make_interval(hours => coalesce((i.terms ->> 'hours')::int, 24)) / 4 from shelf_items i
       where i.id = shelf_services.item_id))`,
  )
  const overdue = await app.db.rows(openOnes().where('due_at', '<', NOW))
  await eachApart(overdue, ({ orderId }) => app.db.tx((tx) => endOverdue(tx, orderId, WORKER)))
}

const openOnes = () =>
  shelfSql
    .selectFrom('shelf_services')
    .select('order_id as orderId')
    .where(q<boolean>`ended_at is null and due_at is not null`)
    .orderBy('due_at')
    .limit(MOST)

async function tell(
  { db, bots }: Pick<Context, 'db' | 'bots'>,
  told: 'new' | 'late',
  due: ReturnType<typeof q<boolean>>,
): Promise<void> {
  await eachApart(await db.rows(openOnes().where(due)), ({ orderId }) =>
    db.tx(async (tx) => {
      const order = await readOrder(tx, orderId)
      await tx.rows(shelfSql.updateTable('shelf_services').set({ told }).where('order_id', '=', orderId))
      if (!order) return
      await oweAdminAlert(tx, toldOf(bots, order.bot), {
        key: `shelf-service-${told}-${orderId}`,
        text: told === 'new' ? 'alert-shelf-service' : 'alert-shelf-service-late',
        params: { name: itemOf(order).name },
        buttons: [
          ...(order.state === 'reserved' ? [[['shelf-key-take', 'item-take', orderId]]] : []),
          [['shelf-key-order', 'a-order', orderId]],
        ],
      })
    }),
  )
}
