import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { writeJson } from '#shared/storable.ts'

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
  const rows = await tx.rows(q`
    insert into payment_events (provider, event_id, kind, payload, payment_id)
    values (${event.provider}, ${event.eventId}, ${event.kind}, ${writeJson(event.payload)}::jsonb,
            ${event.paymentId ?? null})
    on conflict (provider, event_id) do nothing returning id`)
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
  await tx.rows(q`
    insert into payment_updates (bot, update_id, payment_id)
    values (${update.bot}, ${update.updateId}, ${update.paymentId}) on conflict (bot, update_id) do nothing`)
}
