import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Movement } from '../levels/rules.ts'
import { loyaltySql } from '../tables.ts'

/** What may follow from the movements of a batch, besides XP. */
export interface Concerns {
  /** Persons whom somebody invited. */
  invited: ReadonlySet<bigint>
  /** Persons with a code that waits for its purchase or payment, or with a plan. */
  discounted: ReadonlySet<bigint>
  /** Payments in Stars that may be for a plan. */
  plans: ReadonlySet<string>
}

/**
 * Asks once for a whole batch: of most postings nothing follows, and asking for each of them was nine tenths of the follower's
 * statements. What begins after this look began after the postings, and does not count for them.
 */
export async function concernsOf(tx: Sql, moved: readonly Movement[]): Promise<Concerns> {
  const persons = [...new Set(moved.map(({ personId }) => personId))]
  // By hand: each kind is looked up in its own index, person by person.
  const rows = await tx.rows(q<{ id: bigint; invited: boolean; discounted: boolean }>`
    select person.id,
      exists (select from referrals r where r.person_id = person.id) as invited,
      exists (select from promo_uses u where u.person_id = person.id and u.state = 'waiting')
        or exists (select from subscriptions s where s.person_id = person.id and s.state <> 'ended') as discounted
    from unnest(${persons}::bigint[]) as person(id)`)
  return {
    invited: new Set(rows.filter(({ invited }) => invited).map(({ id }) => id)),
    discounted: new Set(rows.filter(({ discounted }) => discounted).map(({ id }) => id)),
    plans: await plansAmong(tx, moved),
  }
}

async function plansAmong(tx: Sql, moved: readonly Movement[]): Promise<ReadonlySet<string>> {
  const ids = moved.flatMap(({ details: { provider, payment } }) =>
    provider === 'stars' && typeof payment === 'string' ? [payment] : [],
  )
  if (ids.length === 0) return new Set()
  const rows = await tx.rows(
    loyaltySql
      .selectFrom('payments')
      .select('id')
      .where('id', '=', anyOf(ids))
      .where(q<boolean>`details ?| array['plan', 'repeats']`),
  )
  return new Set(rows.map(({ id }) => id))
}
