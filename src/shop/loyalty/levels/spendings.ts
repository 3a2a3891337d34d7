import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'

/**
 * Finds the persons who have spent so much in one asset by followed postings of these kinds. The first question about a
 * person adds up all their postings; from then on the sums are kept.
 */
export async function thoseWhoSpent(
  tx: Sql,
  persons: readonly bigint[],
  least: { kinds: readonly string[]; asset: string; amount: bigint },
): Promise<bigint[]> {
  const kept = await tx.rows(
    loyaltySql
      .selectFrom('progress')
      .select('person_id as id')
      .where('person_id', '=', anyOf(persons))
      .where('spendings_kept', '=', true),
  )
  const known = new Set(kept.map(({ id }) => id))
  const unknown = persons.filter((id) => !known.has(id))
  if (unknown.length > 0) await begin(tx, unknown)
  const rows = await tx.rows(
    loyaltySql
      .selectFrom('spendings')
      .select('person_id as id')
      .where('person_id', '=', anyOf(persons))
      .where(q<string>`asset`, '=', least.asset)
      .where('kind', '=', anyOf(least.kinds))
      .groupBy('person_id')
      .having(q<bigint>`sum(amount)`, '>=', least.amount),
  )
  return rows.map(({ id }) => id)
}

/** Only followed postings are added up here. The others are added when they are followed. */
async function begin(tx: Sql, persons: readonly bigint[]): Promise<void> {
  await lock(tx, persons)
  // By hand: the sums are begun and filled in one statement.
  await tx.rows(q`
    with begun as (
      update progress set spendings_kept = true
      where person_id = any(${[...persons]}) and not spendings_kept returning person_id
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
