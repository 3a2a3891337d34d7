import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { eachApart } from '#shared/each-apart.ts'
import { readOrder } from '#shared/money/orders.ts'
import { telegramChat } from '#shared/queue/jobs/telegram.ts'
import { owe } from '#shared/queue/outbox.ts'
import { lockHolder, payItemBack, tellItemBuyer } from '../endings.ts'
import { mindDoor } from '../jobs.ts'
import { shelfSql } from '../tables.ts'
import { ahead, NOW } from '#shared/db/build.ts'

const WORKER = 'worker:upkeep'
/** Accesses handled in one look; the next look comes within 30 s. */
const MOST = 200
/** A person who could not be let in for this many hours gets the money back. */
const PATIENCE_HOURS = 24

/**
 * Tells people whose access ends soon, ends accesses whose time is over, and repeats or refunds those that the bot
 * could not carry out.
 */
export async function lookAfterAccesses({ db }: Pick<Context, 'db'>): Promise<void> {
  await eachApart([checkDoors, warn, end, tryAgain, payBackStuck], (part) => part(db))
}

type Database = Pick<Context, 'db'>['db']

/**
 * An update about a bot's rights may have been lost, so each chat is checked once an hour; one that lets nobody in, every ten
 * minutes, because no update tells that a bot has a new token.
 */
async function checkDoors(db: Database): Promise<void> {
  await db.tx(async (tx) => {
    const due = await tx.rows(
      shelfSql
        .updateTable('shelf_chats')
        .set({ checked_at: NOW })
        .where(
          q<boolean>`checked_at < now() - case when lost_at is null then interval '1 hour' else interval '10 minutes' end`,
        )
        .returning(['bot', 'chat_id as chatId'])
        .returning(q<string>`extract(epoch from now())::bigint::text`.as('at')),
    )
    for (const { bot, chatId, at } of due)
      await owe(tx, telegramChat, { bot, chat: String(chatId), of: `look-${at}` })
  })
}

const onlyOnes = <T extends { orderId: string }>(rows: T[]): string[] => rows.map(({ orderId }) => orderId)

/** No other order of this person continues the access. */
const isLast = q<boolean>`not exists (select from shelf_accesses next where next.person_id = a.person_id
  and next.chat_id = a.chat_id and next.ended_at is null and next.from_at >= a.until_at)`

/** Tells a person three days before the end, or when a quarter of a shorter time is left. */
async function warn(db: Database): Promise<void> {
  const due = await db.rows(
    shelfSql
      .selectFrom('shelf_accesses as a')
      .select('order_id as orderId')
      .where(
        q<boolean>`ended_at is null and warned_at is null and until_at > now()
          and until_at < now() + least(interval '3 days', (until_at - from_at) / 4)`,
      )
      .where(isLast)
      .orderBy('until_at')
      .limit(MOST),
  )
  await eachApart(onlyOnes(due), (orderId) =>
    db.tx(async (tx) => {
      const [row] = await tx.rows(
        shelfSql
          .updateTable('shelf_accesses')
          .set({ warned_at: NOW })
          .where('order_id', '=', orderId)
          .where(q<boolean>`warned_at is null and ended_at is null`)
          .returning(['person_id as personId', 'item_id as itemId', q<string>`until_at::text`.as('until')])
          .returning(
            q<number>`greatest(1, round(extract(epoch from until_at - now()) / 86400))::int`.as('days'),
          ),
      )
      if (row)
        await tell(tx, orderId, row, `soon-${row.until}`, 'shelf-access-soon-notice', { count: row.days })
    }),
  )
}

async function end(db: Database): Promise<void> {
  const due = await db.rows(
    shelfSql
      .selectFrom('shelf_accesses as a')
      .select('order_id as orderId')
      .where(q<boolean>`ended_at is null and until_at <= now()`)
      .orderBy('until_at')
      .limit(MOST),
  )
  await eachApart(onlyOnes(due), (orderId) =>
    db.tx(async (tx) => {
      const [row] = await tx.rows(
        shelfSql
          .updateTable('shelf_accesses as a')
          .set({ ended_at: NOW, tries: 1, try_at: ahead(1, 'minute') })
          .where('order_id', '=', orderId)
          .where(q<boolean>`ended_at is null and until_at <= now()`)
          .returning(['person_id as personId', 'item_id as itemId', isLast.as('last')]),
      )
      if (!row) return
      if (row.last) await tell(tx, orderId, row, 'over', 'shelf-access-over-notice')
      await owe(tx, mindDoor, { orderId, version: 'over' })
    }),
  )
}

/** Tries again after one minute, then two, four, up to an hour. */
async function tryAgain(db: Database): Promise<void> {
  await db.tx(async (tx) => {
    const due = await tx.rows(
      shelfSql
        .updateTable('shelf_accesses')
        .set({
          tries: q`tries + 1`,
          try_at: q`now() + least(60, 2 ^ least(tries, 6)) * interval '1 minute'`,
        })
        .where('order_id', 'in', (from) =>
          from
            .selectFrom('shelf_accesses')
            .select('order_id')
            .where(
              q<boolean>`out_at is null and (ended_at is not null or asked_at is not null) and try_at < now()`,
            )
            .orderBy('try_at')
            .limit(MOST)
            .forUpdate()
            .skipLocked(),
        )
        .returning(['order_id as orderId', 'tries']),
    )
    for (const { orderId, tries } of due) await owe(tx, mindDoor, { orderId, version: `try-${tries}` })
  })
}

async function payBackStuck(db: Database): Promise<void> {
  const atLostDoors = await db.rows(
    shelfSql
      .selectFrom('shelf_accesses as a')
      .innerJoin('shelf_chats as c', (on) =>
        on.onRef('c.chat_id', '=', 'a.chat_id').onRef('c.bot', '=', 'a.bot'),
      )
      .select(['a.order_id as orderId', 'a.person_id as personId'])
      .distinct()
      .where(q<boolean>`a.joined_at is null and a.ended_at is null`)
      .where(q<boolean>`c.lost_at < now() - ${PATIENCE_HOURS} * interval '1 hour'`)
      .limit(MOST),
  )
  const refused = await db.rows(
    shelfSql
      .selectFrom('shelf_accesses')
      .select(['order_id as orderId', 'person_id as personId'])
      // As the index of those that are tried again says it.
      .where(q<boolean>`out_at is null and asked_at is not null and joined_at is null and ended_at is null`)
      .where(q<boolean>`refused_at < now() - ${PATIENCE_HOURS} * interval '1 hour'`)
      .limit(MOST),
  )
  await eachApart([...atLostDoors, ...refused], ({ orderId, personId }) =>
    db.tx(async (tx) => {
      await lockHolder(tx, orderId)
      const order = await readOrder(tx, orderId, true)
      if (order?.state !== 'delivered') return
      await payItemBack(tx, order, { actor: WORKER, reason: 'the bot could not let the buyer in' })
      await tellItemBuyer(tx, order, 'refunded', {
        text: 'shelf-access-back-notice',
        params: { sum: { asset: order.asset, amount: order.price } },
      })
      if (personId !== order.personId)
        await tellItemBuyer(tx, order, 'taken-back', { text: 'shelf-access-gift-back-notice', personId })
    }),
  )
}

async function tell(
  tx: Sql,
  orderId: string,
  { personId, itemId }: { personId: bigint; itemId: bigint },
  key: string,
  text: string,
  params: Record<string, number> = {},
): Promise<void> {
  const order = await readOrder(tx, orderId)
  if (order)
    await tellItemBuyer(tx, order, key, {
      text,
      params,
      personId,
      buttons: [['shelf-key-prolong', 'item', String(itemId)]],
    })
}
