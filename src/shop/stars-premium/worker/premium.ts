import { sql as q } from 'kysely'
import { ahead, NOW } from '#shared/db/build.ts'
import { starsPremiumSql } from '../tables.ts'
import type { Sql } from '#shared/db/db.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe } from '#shared/queue/outbox.ts'

/**
 * Reminds people three days before their Premium ends, once, by a silent message.
 * @returns how many were reminded
 */
export async function remindOfEnds(tx: Sql): Promise<number> {
  const due = await tx.rows(
    starsPremiumSql
      .updateTable('premium_activations as a')
      .from('orders as o')
      .set({ reminded_at: NOW })
      .whereRef('o.id', '=', 'a.order_id')
      .where('a.reminded_at', 'is', null)
      .where('a.ends_at', '>=', NOW)
      .where('a.ends_at', '<=', ahead(3, 'day'))
      .where(
        q<boolean>`not exists (select from premium_activations later
          where lower(later.recipient) = lower(a.recipient) and later.ends_at > a.ends_at)`,
      )
      .returning([
        'a.order_id as orderId',
        'a.person_id as personId',
        'o.bot',
        'a.recipient',
        q<number>`ceil(extract(epoch from a.ends_at - now()) / 86400)::int`.as('days'),
      ]),
  )
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
