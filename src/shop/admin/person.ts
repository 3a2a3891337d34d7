import { endChargesOfTelegram } from '#shop/loyalty/subscriptions/stars.ts'
import { forgetCard } from '#shop/payments/kept-cards.ts'
import { sql as q } from 'kysely'
import { literal, NOW } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { balances, operations } from '#shared/money/read.ts'
import type { Balance, Operation } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import { adminSql } from './tables.ts'
import type { Served } from '#shared/owners.ts'

export interface PersonPage {
  id: bigint
  username: string | null
  firstName: string
  lastName: string | null
  language: string | null
  createdAt: Date
  bannedAt: Date | null
  banReason: string | null
  bots: { bot: string; blockedAt: Date | null; lastSeenAt: Date; startParam: string | null }[]
  balances: Balance[]
  /** What the person has paid, added up by asset. */
  paid: { asset: Asset; sum: bigint; payments: bigint }[]
  orders: { good: string; orders: bigint; delivered: bigint; unfinished: bigint }[]
  recent: Operation[]
}

/**
 * Everything that an admin should see at once about a person; undefined when the person does not exist. The balance
 * is one for all bots. Payments and purchases are only those in the bots that the admin serves.
 */
export async function personPage(sql: Sql, id: bigint, served?: Served): Promise<PersonPage | undefined> {
  const [person] = await sql.rows(
    adminSql
      .selectFrom('persons')
      .select(['id', 'username', 'first_name as firstName', 'last_name as lastName', 'language'])
      .select(['created_at as createdAt', 'banned_at as bannedAt', 'ban_reason as banReason'])
      .where('id', '=', id),
  )
  if (!person) return undefined
  const here = q<boolean>`${among(q`bot`, served)}`
  const [bots, wallet, paid, orders, recent] = await Promise.all([
    sql.rows(
      adminSql
        .selectFrom('bot_sessions')
        .select(['bot', 'blocked_at as blockedAt', 'last_seen_at as lastSeenAt', 'start_param as startParam'])
        .where('person_id', '=', id)
        .where(here)
        .orderBy('last_seen_at', 'desc'),
    ),
    balances(sql, id),
    sql.rows(
      adminSql
        .selectFrom('payments')
        .select(({ fn }) => [
          'asset',
          q<bigint>`sum(amount)::bigint`.as('sum'),
          fn.countAll<bigint>().as('payments'),
        ])
        .where('person_id', '=', id)
        .where('state', 'in', [q.lit('paid' as const), q.lit('overpaid' as const)])
        .where(here)
        .groupBy('asset')
        .orderBy('asset'),
    ),
    sql.rows(
      adminSql
        .selectFrom('orders')
        .select(({ fn }) => [
          'good',
          fn.countAll<bigint>().as('orders'),
          q<bigint>`count(*) filter (where state = 'delivered')`.as('delivered'),
          q<bigint>`count(*) filter (where state in ('reserved', 'fulfilling', 'unknown', 'review'))`.as(
            'unfinished',
          ),
        ])
        .where('person_id', '=', id)
        .where('state', '<>', q.lit('draft'))
        .where(here)
        .groupBy('good')
        .orderBy('good'),
    ),
    operations(sql, id, { limit: 3 }),
  ])
  return { ...person, bots, balances: wallet, paid, orders, recent }
}

/**
 * Bans a person or lifts the ban, with an audit line.
 * @param reason undefined = the person may use the bots again
 */
export async function setBan(
  db: Db,
  change: { personId: bigint; reason: string | undefined; by: bigint; bot: string },
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.rows(
      adminSql
        .updateTable('persons')
        .set({
          banned_at: change.reason === undefined ? null : NOW,
          ban_reason: change.reason ?? null,
        })
        .where('id', '=', change.personId),
    )
    // A banned person must not pay every month for bots that do not answer. A period that is paid for stays until
    // its end.
    if (change.reason !== undefined) {
      await tx.rows(
        adminSql
          .updateTable('subscriptions')
          .set({ renews: false, updated_at: NOW })
          .where('person_id', '=', change.personId)
          .where('paid_with', '=', 'balance')
          .where('state', '<>', literal('ended')),
      )
      await endChargesOfTelegram(tx, { personId: change.personId })
      // A banned person reaches no screen that forgets the card, and the card will not be charged: a card may be kept
      // only while its owner wants charges from it (152-FZ, article 5; GDPR, article 5). Refunds and disputes are about
      // payments. The payments stay and need no name of a card. After a ban a person can let a card be kept anew.
      await forgetCard(tx, change.personId)
    }
    await audit(tx, {
      actor: change.by,
      action: change.reason === undefined ? 'person.unbanned' : 'person.banned',
      target: `person ${change.personId}`,
      bot: change.bot,
      details: { reason: change.reason ?? null },
    })
  })
}
