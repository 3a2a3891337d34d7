import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import { anyOf } from '../db/build.ts'
import type { Db, Sql } from '../db/db.ts'
import { sharedSql } from '../tables.ts'
import { moneySql } from './tables.ts'
import { isSettled, unbalancedIn, wrongHoldsIn, wrongWalletsIn } from './proof.ts'
import type { LedgerProof } from './proof.ts'

/** How many postings, and then persons, one statement checks. */
const POSTINGS = 1_000
const PERSONS = 200

/** The last time it was three o'clock at night in Moscow. */
const LAST_NIGHT = q`(
  date_trunc('day', now() at time zone 'Europe/Moscow' - interval '3 hours') + interval '3 hours'
) at time zone 'Europe/Moscow'` as RawBuilder<Date>

type Wrong = LedgerProof['wrongWallets']

/**
 * Whether the whole ledger is to be read: once a night (three o'clock in Moscow), when it was not proven yet, and as
 * long as it does not add up.
 * @returns else the posting behind which the new ones begin
 */
export async function provenSince(sql: Sql): Promise<bigint | undefined> {
  const [row] = await sql.rows(
    sharedSql
      .selectFrom('cursors as proven')
      .innerJoin('cursors as full', (on) => on.on('full.name', '=', 'ledger proof of all'))
      .innerJoin('cursors as last', (on) => on.on('last.name', '=', 'ledger proof'))
      .select(q<bigint>`proven.value::bigint`.as('to'))
      .where('proven.name', '=', 'ledger proven to')
      .where('last.value', '=', 'ok')
      .where('full.updated_at', '>=', LAST_NIGHT),
  )
  return row?.to
}

/**
 * Proves the postings after `since`: each sums to zero, and the wallets of all persons in them equal the sums of all
 * their entries and open holds. If somebody changed a wallet by hand and the person got no entry since, only the
 * nightly proof of everything finds it.
 */
export async function proveNew(db: Db, since: bigint): Promise<LedgerProof> {
  return db.tx(async (tx) => {
    await tx.rows(q`set transaction isolation level repeatable read, read only`)
    const persons = new Set<bigint>()
    const sums = new Map<string, bigint>()
    let [postings, provenTo] = [0n, since]
    for (let after = since; ;) {
      const batch = await tx.rows(
        moneySql
          .selectFrom('postings')
          .select(['id', isSettled().as('isSettled')])
          .where('id', '>', after)
          .orderBy('id')
          .limit(POSTINGS),
      )
      if (batch.length === 0) break
      const ids = batch.map(({ id }) => id)
      for (const { asset, sum } of await unbalancedIn(tx, q<boolean>`posting_id = any(${ids})`))
        sums.set(asset, (sums.get(asset) ?? 0n) + sum)
      for (const id of await personsOf(tx, ids)) persons.add(id)
      postings += BigInt(batch.length)
      provenTo = batch.findLast((posting) => posting.isSettled)?.id ?? provenTo
      after = ids.at(-1)!
    }
    const wrongWallets: Wrong = []
    const wrongHolds: Wrong = []
    const everybody = [...persons]
    for (let at = 0; at < everybody.length; at += PERSONS) {
      const some = everybody.slice(at, at + PERSONS)
      const which = q<boolean>`person_id = any(${some})`
      wrongWallets.push(...(await wrongWalletsIn(tx, which)))
      wrongHolds.push(...(await wrongHoldsIn(tx, which)))
    }
    const unbalanced = [...sums].map(([asset, sum]) => ({ asset, sum: String(sum) }))
    const ok = unbalanced.length === 0 && wrongWallets.length === 0 && wrongHolds.length === 0
    return { ok, of: 'new', postings, provenTo, unbalanced, wrongWallets, wrongHolds, wrongLines: [] }
  })
}

async function personsOf(tx: Sql, ids: bigint[]): Promise<bigint[]> {
  const rows = await tx.rows(
    moneySql
      .selectFrom('entries')
      .select('person_id as id')
      .distinct()
      .where('posting_id', '=', anyOf(ids))
      .where('person_id', 'is not', null),
  )
  return rows.flatMap(({ id }) => id ?? [])
}
