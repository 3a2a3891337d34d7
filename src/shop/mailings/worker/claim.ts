import { sql as q } from 'kysely'
import { NOW, ago, ahead } from '#shared/db/build.ts'
import { LEASE_MS, RESTS } from '../mailings.ts'
import { mailingsSql } from '../tables.ts'
import type { Db } from '#shared/db/db.ts'

/** Recipients of one lease; small, so that lanes end their slices soon and a killed worker leaves little behind. */
const BATCH = 30

export interface Lease {
  first: number
  last: number
}

/** Takes the next range of a mailing for this lane: one that a dead or paused worker left, or else the next numbers. */
export async function claim(db: Db, mailingId: string, token: string): Promise<Lease | undefined> {
  const [left] = await db.rows(
    mailingsSql
      .updateTable('broadcast_leases')
      .set({ token, until: ahead(LEASE_MS, 'millisecond') })
      .where((are) =>
        are(
          are.refTuple('broadcast_id', 'first'),
          '=',
          are
            .selectFrom('broadcast_leases as l')
            .innerJoin('broadcasts as b', 'b.id', 'l.broadcast_id')
            .select(['l.broadcast_id', 'l.first'])
            .where('l.broadcast_id', '=', mailingId)
            .where('l.until', '<', NOW)
            .where('b.state', '=', 'running')
            .orderBy('l.first')
            .limit(1)
            .forUpdate('l')
            .skipLocked()
            .$asTuple('broadcast_id', 'first'),
        ),
      )
      .returning(['first', 'last']),
  )
  if (left) {
    await doubt(db, mailingId, left)
    return left
  }
  // By hand: the next numbers are taken from the mailing and become a lease in one statement.
  const [next] = await db.rows(q<Lease>`
    with old as (
      select id, next_number, total from broadcasts
      where id = ${mailingId} and state = 'running' and next_number <= total for update
    ), moved as (
      update broadcasts b set next_number = least(old.next_number + ${BATCH}, old.total + 1) from old
      where b.id = old.id returning old.next_number as first, b.next_number - 1 as last
    )
    insert into broadcast_leases (broadcast_id, first, last, token, until)
    select ${mailingId}, first, last, ${token}, now() + ${LEASE_MS} * interval '1 millisecond' from moved
    returning first, last`)
  return next
}

/**
 * The worker of this range died. What it was about to send may have arrived, so it becomes `uncertain`, and only an
 * admin may send it again. A deletion or an edit has no such rows, because repeating it does no harm.
 */
async function doubt(db: Db, mailingId: string, { first, last }: Lease): Promise<void> {
  // By hand: rows and their count move in one statement.
  await db.rows(q`
    with doubted as (
      update broadcast_recipients set state = 'uncertain', reason = 'the worker stopped while it was sending'
      where broadcast_id = ${mailingId} and number between ${first} and ${last} and state = 'sending' returning 1
    )
    update broadcasts set uncertain = uncertain + (select count(*) from doubted)
    where id = ${mailingId} and exists (select from doubted)`)
}

/**
 * Nobody takes up the ranges of a cancelled mailing, so what dead workers were sending in them becomes `uncertain`
 * here.
 * @returns false while a worker is still at work
 */
export async function doubtRest(db: Db, mailingId: string): Promise<boolean> {
  const left = await db.rows(
    mailingsSql
      .selectFrom('broadcast_leases')
      .select(['first', 'last', q<boolean>`until < now() or token = ${RESTS}`.as('over')])
      .where('broadcast_id', '=', mailingId),
  )
  for (const lease of left.filter(({ over }) => over)) {
    await doubt(db, mailingId, lease)
    await db.rows(
      mailingsSql
        .deleteFrom('broadcast_leases')
        .where('broadcast_id', '=', mailingId)
        .where('first', '=', lease.first)
        .where(q<boolean>`(until < now() or token = ${RESTS})`),
    )
  }
  return left.every(({ over }) => over)
}

/** @returns false when the lease is somebody else's now */
export async function renewLease(db: Db, mailingId: string, lease: Lease, token: string): Promise<boolean> {
  const renewed = await db.rows(
    mailingsSql
      .updateTable('broadcast_leases')
      .set({ until: ahead(LEASE_MS, 'millisecond') })
      .where('broadcast_id', '=', mailingId)
      .where('first', '=', lease.first)
      .where('token', '=', token)
      .returning('first'),
  )
  return renewed.length > 0
}

/**
 * @param left undefined = the range is done; `restMs` = when somebody may take up the rest of it, 0 = at once
 */
export async function giveUpLease(
  db: Db,
  mailingId: string,
  lease: Lease,
  token: string,
  left: { restMs: number } | undefined,
): Promise<void> {
  const mine = q<boolean>`broadcast_id = ${mailingId} and first = ${lease.first} and token = ${token}`
  const rest = mailingsSql.updateTable('broadcast_leases').where(mine)
  await db.rows(
    left === undefined
      ? mailingsSql.deleteFrom('broadcast_leases').where(mine)
      : left.restMs > 0
        ? rest.set({ token: RESTS, until: ahead(left.restMs, 'millisecond') })
        : rest.set({ until: ago(1, 'second') }),
  )
}

/** Whether nothing is left of a mailing but ranges that rest. */
export async function onlyRests(db: Db, mailingId: string): Promise<boolean> {
  const [left] = await db.rows(
    mailingsSql
      .selectFrom('broadcast_leases')
      .select(q<boolean>`coalesce(bool_and(token = ${RESTS}), false)`.as('rest'))
      .where('broadcast_id', '=', mailingId),
  )
  return left!.rest
}
