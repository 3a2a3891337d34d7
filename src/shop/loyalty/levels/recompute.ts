import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import { movements, ruleHistory, xpLines } from './rules.ts'
import type { XpLine } from './rules.ts'
import { giveXp } from './xp.ts'

const BATCH = 1_000

/**
 * Makes all XP again from postings and activities, by the rules that held at the time of each event, in one
 * transaction. Badges, and what was announced, stay as they are.
 * @returns how many persons had other XP before
 */
export async function recomputeXp(db: Db, goods: Assortment): Promise<number> {
  return db.tx(async (tx) => {
    // The lock keeps others from giving XP meanwhile. Reading goes on.
    await tx.rows(q`lock table xp_events in share row exclusive mode`)
    await tx.rows(
      q`create temporary table progress_before on commit drop as select person_id, xp from progress`,
    )
    await tx.rows(loyaltySql.deleteFrom('xp_events'))
    await tx.rows(loyaltySql.updateTable('progress').set({ xp: 0n }))
    const history = await ruleHistory(tx, goods)
    for (let after = 0n; ;) {
      const ids = await followed(tx, after)
      if (ids.length === 0) break
      await giveXp(tx, xpLines(history, await movements(tx, ids)))
      after = ids.at(-1)!
    }
    for (let after = 0n; ;) {
      const activities = await activitiesAfter(tx, after)
      if (activities.length === 0) break
      await giveXp(
        tx,
        activities.filter(({ xp }) => xp > 0),
      )
      after = activities.at(-1)!.id
    }
    // By hand, like the statement that makes the table: no declared table is temporary.
    const changed = await tx.rows(q`
      select p.person_id from progress p left join progress_before b on b.person_id = p.person_id
      where p.xp <> coalesce(b.xp, 0)`)
    return changed.length
  })
}

/** Only postings that the follower has seen are read. It will give the XP of the others. */
async function followed(tx: Sql, after: bigint): Promise<bigint[]> {
  const rows = await tx.rows(
    loyaltySql
      .selectFrom('postings as p')
      .select('p.id')
      .where('p.id', '>', after)
      .where((are) =>
        are.or([
          are('p.id', '<=', are.selectFrom('follow_position').select('posting_id')),
          are.exists(
            are
              .selectFrom('followed_postings as f')
              .select('f.posting_id')
              .whereRef('f.posting_id', '=', 'p.id'),
          ),
        ]),
      )
      .orderBy('p.id')
      .limit(BATCH),
  )
  return rows.map(({ id }) => id)
}

/** By hand: the table is that of the Balance API, which this room does not know. */
function activitiesAfter(tx: Sql, after: bigint): Promise<(XpLine & { id: bigint })[]> {
  return tx.rows(q<XpLine & { id: bigint }>`
    select id, 'activity-' || id as source, person_id as "personId", xp, bot, created_at as at
    from activities where id > ${after} order by id limit ${BATCH}`)
}
