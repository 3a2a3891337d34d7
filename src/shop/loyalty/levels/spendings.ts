import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'

/**
 * What the person has spent in one asset by followed postings of these kinds. The first question about a person adds
 * up all their postings; from then on the sums are kept.
 */
export async function spent(
  tx: Sql,
  personId: bigint,
  kinds: readonly string[],
  asset: string,
): Promise<bigint> {
  const [progress] = await tx.rows(
    loyaltySql.selectFrom('progress').select('spendings_kept as isKept').where('person_id', '=', personId),
  )
  if (!progress?.isKept) await begin(tx, personId)
  const [row] = await tx.rows(
    loyaltySql
      .selectFrom('spendings')
      .select(q<bigint>`coalesce(sum(amount), 0)::bigint`.as('amount'))
      .where('person_id', '=', personId)
      .where(q<string>`asset`, '=', asset)
      .where('kind', '=', anyOf(kinds)),
  )
  return row!.amount
}

/** Only followed postings are added up here. The others are added when they are followed. */
async function begin(tx: Sql, personId: bigint): Promise<void> {
  await lock(tx, [personId])
  // By hand: the sums are begun and filled in one statement.
  await tx.rows(q`
    with begun as (
      update progress set spendings_kept = true where person_id = ${personId} and not spendings_kept returning person_id
    )
    insert into spendings (person_id, kind, asset, amount)
    select e.person_id, p.kind, e.asset, -sum(e.amount)
    from begun join entries e on e.person_id = begun.person_id join postings p on p.id = e.posting_id
    where e.amount < 0 and (p.id <= (select posting_id from follow_position)
      or exists (select from followed_postings f where f.posting_id = p.id))
    group by e.person_id, p.kind, e.asset`)
}

/** Adds what these postings spent, each posting once, for persons whose sums have begun. */
export async function addSpendings(
  tx: Sql,
  postings: readonly bigint[],
  persons: readonly bigint[],
): Promise<void> {
  await lock(tx, persons)
  // By hand: amounts are added in the order of persons that all workers keep.
  await tx.rows(q`
    insert into spendings as s (person_id, kind, asset, amount)
    select e.person_id, p.kind, e.asset, -sum(e.amount)
    from postings p join entries e on e.posting_id = p.id join progress g on g.person_id = e.person_id
    where p.id = any(${[...postings]}) and e.amount < 0 and g.spendings_kept
    group by e.person_id, p.kind, e.asset order by e.person_id, p.kind, e.asset
    on conflict (person_id, kind, asset) do update set amount = s.amount + excluded.amount`)
}

/**
 * A worker that begins a person's sums and a worker that adds to them wait for one another. Without this lock a
 * posting that is being followed would be missing: the first worker finds it not followed yet, the second finds no
 * sums to add it to.
 */
async function lock(tx: Sql, persons: readonly bigint[]): Promise<void> {
  // By hand: the text of the statement is the same for a list of any length.
  await tx.rows(q`
    insert into progress (person_id) select unnest(${[...persons]}::bigint[]) as id order by id on conflict do nothing`)
  await tx.rows(
    loyaltySql
      .selectFrom('progress')
      .select('person_id')
      .where('person_id', '=', anyOf(persons))
      .orderBy('person_id')
      .forUpdate(),
  )
}
