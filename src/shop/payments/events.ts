import { paymentsSql } from './tables.ts'
import { jsonb } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'

export interface PaymentEvent {
  provider: string
  eventId: string
  kind: string
  payload: object
  paymentId?: string
}

/**
 * Remembers what a provider told us, each event once, whether or not its payment is known yet.
 * @returns whether the event is new
 */
export async function recordEvent(tx: Sql, event: PaymentEvent): Promise<boolean> {
  const { provider, eventId, kind, paymentId = null } = event
  const rows = await tx.rows(
    paymentsSql
      .insertInto('payment_events')
      .values({
        provider,
        event_id: eventId,
        kind,
        payload: jsonb({ ...event.payload }),
        payment_id: paymentId,
      })
      .onConflict((there) => there.columns(['provider', 'event_id']).doNothing())
      .returning('id'),
  )
  return rows.length > 0
}

/**
 * Remembers which payment an update was about. These rows are kept apart from the updates of chats, so that no trouble
 * with those delays money.
 * @param paymentId null = the update names no payment of ours
 */
export async function rememberUpdate(
  tx: Sql,
  update: { bot: string; updateId: number; paymentId: string | null },
): Promise<void> {
  const { bot, updateId, paymentId } = update
  await tx.rows(
    paymentsSql
      .insertInto('payment_updates')
      .values({ bot, update_id: BigInt(updateId), payment_id: paymentId })
      .onConflict((there) => there.columns(['bot', 'update_id']).doNothing()),
  )
}
