import { sql as q } from 'kysely'
import type { Db, Sql } from '../db/db.ts'
import { isSettled, unbalancedIn, wrongHoldsIn, wrongWalletsIn } from './proof.ts'
import type { LedgerProof } from './proof.ts'

/** Postings, and then persons, in one statement. */
const POSTINGS = 1_000
const PERSONS = 200

type Wrong = LedgerProof['wrongWallets']

/**
 * Whether the whole ledger is to be read: once a night (three o'clock in Moscow), when it was not proven yet, and as
 * long as it does not add up.
 * @returns else the posting behind which the new ones begin
 */
export async function provenSince(sql: Sql): Promise<bigint | undefined> {
  const [row] = await sql.rows(q<{ to: bigint }>`
    select p.value::bigint as to from cursors p
      join cursors f on f.name = 'ledger proof of all' join cursors l on l.name = 'ledger proof'
    where p.name = 'ledger proven to' and l.value = 'ok' and f.updated_at >= (
      date_trunc('day', now() at time zone 'Europe/Moscow' - interval '3 hours') + interval '3 hours'
    ) at time zone 'Europe/Moscow'`)
  return row?.to
}

/**
 * Proves what came behind a posting: each of them sums to zero, and everybody whom they touched has what all of their
 * entries, old ones too, and their open holds say. A change by hand of somebody who got nothing since is left to the
 * proof of all.
 */
export async function proveNew(db: Db, since: bigint): Promise<LedgerProof> {
  return db.tx(async (tx) => {
    await tx.rows(q`set transaction isolation level repeatable read, read only`)
    const persons = new Set<bigint>()
    const sums = new Map<string, bigint>()
    let [postings, provenTo] = [0n, since]
    for (let after = since; ;) {
      const batch = await tx.rows(q<{ id: bigint; isSettled: boolean }>`
        select id, ${isSettled()} as "isSettled" from postings where id > ${after} order by id limit ${POSTINGS}`)
      if (batch.length === 0) break
      const ids = batch.map(({ id }) => id)
      for (const { asset, sum } of await unbalancedIn(tx, q`posting_id = any(${ids})`))
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
      const which = q`person_id = any(${some})`
      wrongWallets.push(...(await wrongWalletsIn(tx, which)))
      wrongHolds.push(...(await wrongHoldsIn(tx, which)))
    }
    const unbalanced = [...sums].map(([asset, sum]) => ({ asset, sum: String(sum) }))
    const ok = unbalanced.length === 0 && wrongWallets.length === 0 && wrongHolds.length === 0
    return { ok, of: 'new', postings, provenTo, unbalanced, wrongWallets, wrongHolds, wrongLines: [] }
  })
}

async function personsOf(tx: Sql, ids: bigint[]): Promise<bigint[]> {
  const rows = await tx.rows(q<{ id: bigint }>`
    select distinct person_id as id from entries where posting_id = any(${ids}) and person_id is not null`)
  return rows.map(({ id }) => id)
}
