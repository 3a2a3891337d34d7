import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { writeJson } from '#shared/storable.ts'

/**
 * Remembers what a provider told us, each event once, whether or not its payment is known yet.
 * @returns whether the event is new
 */
export async function recordEvent(
  tx: Sql,
  event: { provider: string; eventId: string; kind: string; payload: object; paymentId?: string },
): Promise<boolean> {
  const rows = await tx.rows(q`
    insert into payment_events (provider, event_id, kind, payload, payment_id)
    values (${event.provider}, ${event.eventId}, ${event.kind}, ${writeJson(event.payload)}::jsonb,
            ${event.paymentId ?? null})
    on conflict (provider, event_id) do nothing returning id`)
  return rows.length > 0
}
