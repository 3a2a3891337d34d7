import { sql as q } from 'kysely'
import { openDb } from '#shared/db/db.ts'
import { moneySql } from '#shared/money/tables.ts'
import type { Infra } from '../bin/infra/start.ts'
import { inTurns, rate } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const MS = 250
/** Many short turns, so that a busy second of a neighbour does not move the median. */
const ROUNDS = 15

const built = (id: bigint) =>
  moneySql
    .selectFrom('wallets')
    .select(['asset', 'available', 'held'])
    .where('person_id', '=', id)
    .where('available', '>', 0n)
    .orderBy('asset')
    .limit(10)

const byHand = (id: bigint) =>
  q<{ asset: string; available: bigint; held: bigint }>`
    select "asset", "available", "held" from "wallets"
    where "person_id" = ${id} and "available" > ${0n} order by "asset" limit ${10}`

/**
 * The same statement in the builder and in the `sql` tag: the time to write it down alone, and the time with
 * PostgreSQL's answer.
 */
export async function benchBuilder({ databaseUrl }: Infra): Promise<Result[]> {
  const db = await openDb(databaseUrl, { max: 8, name: 'bench' })
  const results: Result[] = []
  try {
    const write = (statement: typeof built | typeof byHand) => async () => {
      // A hundred statements at a time, so that no waiting is measured.
      for (let id = 0n; id < 100n; id++) statement(id).compile(moneySql)
    }
    const hundreds = async (statement: typeof built | typeof byHand) =>
      (await rate(1, MS, write(statement))) * 100
    const alone = await inTurns(
      () => hundreds(built),
      () => hundreds(byHand),
      ROUNDS,
    )
    results.push({ name: 'statement written down, builder against tag', ...alone, unit: '1/s' })
    for (const width of [1, 8]) {
      const answered = await inTurns(
        () => rate(width, MS, () => db.rows(built(1n))),
        () => rate(width, MS, () => db.rows(byHand(1n))),
        ROUNDS,
      )
      results.push({ name: `statement answered, ${width} at once`, ...answered, unit: '1/s' })
    }
    return results
  } finally {
    await db.close()
  }
}
