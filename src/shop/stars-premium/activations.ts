import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'

/** Notes what was given and until when; a gift to somebody whose Premium we know to run is added to its end. */
export async function activatePremium(
  tx: Sql,
  order: Order,
  months: number,
  recipient: string,
): Promise<void> {
  // By hand: the database's months, after the newest that is known of the recipient, in one statement.
  await tx.rows(q`
    insert into premium_activations (order_id, person_id, recipient, months, starts_at, ends_at)
    select ${order.id}, ${order.personId}, ${recipient}, ${months}, start, start + ${months} * interval '1 month'
    from (select greatest(now(), max(ends_at)) as start from premium_activations
          where lower(recipient) = lower(${recipient})) as known
    on conflict (order_id) do nothing`)
}
