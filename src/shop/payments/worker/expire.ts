import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
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
/** An invoice in Stars without an end of its own; earlier versions made such for plans. */
const OPEN_DAYS = 1
const BATCH = 500

/** Drafts and invoices whose time is over. Providers' own invoices are expired by their own look-up, not here. */
export async function expireUnpaid({ db }: Pick<Context, 'db'>): Promise<Verdict> {
  const due = q`expires_at < now() - ${GRACE_MINUTES} * interval '1 minute'`
  const payments = await db.rows(q<{ id: string }>`
    select id from payments
    where state = 'created' and (
      (provider = 'stars' and ${due})
      or (provider = 'stars' and expires_at is null and created_at < now() - ${OPEN_DAYS} * interval '1 day')
      or (provider = 'manual' and created_at < now() - ${REQUEST_DAYS} * interval '1 day'))
    limit ${BATCH}`)
  for (const { id } of payments) {
    await db.tx(async (tx) => {
      const over = await movePayment(tx, id, 'expired', { from: ['created'] })
      // An invoice in Stars is Telegram's own message.
      if (over?.card && over.provider === 'manual')
        await owe(tx, drawPayment, { paymentId: id, round: 'expired' })
    })
  }
  const orders = await db.rows(q<{ id: string }>`
    select id from orders where state in ('draft', 'awaiting_payment') and ${due} limit ${BATCH}`)
  for (const { id } of orders) await db.tx((tx) => moveOrder(tx, id, 'expired', { actor: 'upkeep' }))
  return done
}
