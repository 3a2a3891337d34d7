import type { Context } from '#shared/context.ts'
import { ago, literal } from '#shared/db/build.ts'
import { eachApart } from '#shared/each-apart.ts'
import { moneySql } from '#shared/money/tables.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { drawPayment } from '../jobs.ts'
import { movePayment } from '../payments.ts'
import { done } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'

/** Late money is taken even after expiry, so waiting a little before saying "expired" costs nothing. */
const GRACE_MINUTES = 5
/** After this long a request by hand without a proof expires. */
const REQUEST_DAYS = 3
/**
 * An invoice in Stars that has no end of its own expires after this long. Releases before made such invoices for plans.
 */
const OPEN_DAYS = 1
const BATCH = 500

/**
 * Ends drafts and invoices whose time is over. An invoice of a provider ends when the provider says so, and not here.
 */
export async function expireUnpaid({ db, goods }: Pick<Context, 'db' | 'goods'>): Promise<Verdict> {
  const due = ago(GRACE_MINUTES, 'minute')
  const payments = await db.rows(
    moneySql
      .selectFrom('payments')
      .select('id')
      .where('state', '=', literal('created'))
      .where((are) =>
        are.or([
          are.and([are('provider', '=', 'stars'), are('expires_at', '<', due)]),
          are.and([
            are('provider', '=', 'stars'),
            are('expires_at', 'is', null),
            are('created_at', '<', ago(OPEN_DAYS, 'day')),
          ]),
          are.and([are('provider', '=', 'manual'), are('created_at', '<', ago(REQUEST_DAYS, 'day'))]),
        ]),
      )
      // Without an order a plan made without the values may look for five hundred through the whole table.
      .orderBy('created_at')
      .limit(BATCH),
  )
  await eachApart(payments, ({ id }) =>
    db.tx(async (tx) => {
      const over = await movePayment(tx, id, 'expired', { from: ['created'] })
      // An invoice in Stars is Telegram's own message, which we cannot redraw.
      if (over?.card && over.provider === 'manual')
        await owe(tx, drawPayment, { paymentId: id, round: 'expired' })
    }),
  )
  const orders = await db.rows(
    moneySql
      .selectFrom('orders')
      .select(['id', 'good', 'state'])
      .where('state', 'in', [literal('draft'), literal('awaiting_payment')])
      .where('expires_at', '<', due)
      .orderBy('expires_at')
      .limit(BATCH),
  )
  await eachApart(orders, ({ id, good, state }) => {
    const terms = goods.find(({ kind }) => kind === good)?.order?.waiting
    return db.tx(async (tx) => {
      const moved = await moveOrder(tx, id, 'expired', { actor: 'upkeep' })
      if (moved && state === 'awaiting_payment') await terms?.over?.(tx, id)
    })
  })
  return done
}
