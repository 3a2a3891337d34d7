import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'

/**
 * Reminds people three days before their Premium ends, once, by a silent message.
 * @returns how many were reminded
 */
export async function remindOfEnds(tx: Sql): Promise<number> {
  // By hand: who is due is marked and answered in one statement, with the order's bot.
  const due = await tx.rows(q<{
    orderId: string
    personId: bigint
    bot: string
    recipient: string
    days: number
  }>`
    update premium_activations a set reminded_at = now()
    from orders o
    where o.id = a.order_id and a.reminded_at is null and a.ends_at between now() and now() + interval '3 days'
      and not exists (select from premium_activations later
        where lower(later.recipient) = lower(a.recipient) and later.ends_at > a.ends_at)
    returning a.order_id as "orderId", a.person_id as "personId", o.bot, a.recipient,
      ceil(extract(epoch from a.ends_at - now()) / 86400)::int as days`)
  for (const { orderId, personId, bot, recipient, days } of due) {
    await owe(tx, sendNotice, {
      key: `premium-ends-${orderId}`,
      bot,
      personId: personId.toString(),
      text: 'fragment-premium-ends',
      params: { recipient, days },
      buttons: [[['fragment-renew', 'premium-renew', orderId]]],
      silent: true,
    })
  }
  return due.length
}
