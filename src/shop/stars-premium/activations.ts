import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Order } from '#shared/money/tables.ts'

/**
 * Notes which Premium was given and until when; if the recipient's Premium is known to run, the gift is added to its
 * end.
 */
export async function activatePremium(
  tx: Sql,
  order: Order,
  months: number,
  recipient: string,
): Promise<void> {
  // By hand: PostgreSQL adds the months to the recipient's latest known end in one statement.
  await tx.rows(q`
    insert into premium_activations (order_id, person_id, recipient, months, starts_at, ends_at)
    select ${order.id}, ${order.personId}, ${recipient}, ${months}, start, start + ${months} * interval '1 month'
    from (select greatest(now(), max(ends_at)) as start from premium_activations
          where lower(recipient) = lower(${recipient})) as known
    on conflict (order_id) do nothing`)
}
