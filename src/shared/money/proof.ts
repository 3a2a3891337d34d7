import { sql as q } from 'kysely'
import { rememberChain, wrongAuditLines } from './audit-chain.ts'
import type { Db, Sql } from '../db/db.ts'

export interface LedgerProof {
  ok: boolean
  /** `new` = of what came since a proof that was ok. */
  of: 'all' | 'new'
  postings: bigint
  /** No posting up to here can still appear, so that a proof of the new may begin behind it. */
  provenTo: bigint
  /** Assets whose entries do not sum to zero, with the sum in minor units. */
  unbalanced: { asset: string; sum: string }[]
  /** Wallets that differ from the sum of their entries. */
  wrongWallets: { personId: bigint; asset: string }[]
  /** Open holds that do not add up to what the wallets hold. */
  wrongHolds: { personId: bigint; asset: string }[]
  /** Lines of the audit log that somebody changed, took out or put in: their numbers. The books may add up all the same. */
  wrongLines: bigint[]
}

/**
 * Reads the whole ledger in one snapshot and checks what must always be true: everything sums to zero,
 * cached balances equal derived ones, held money equals open holds. It corrects nothing.
 */
export async function prove(db: Db): Promise<LedgerProof> {
  return db.tx(async (tx) => {
    await tx.rows(q`set transaction isolation level repeatable read, read only`)
    const [{ postings, provenTo }] = (await tx.rows(
      q<{ postings: bigint; provenTo: bigint }>`
        select count(*) as postings, coalesce(max(id) filter (where ${isSettled}), 0) as "provenTo" from postings`,
    )) as [{ postings: bigint; provenTo: bigint }]
    const unbalanced = await tx.rows(q<{ asset: string; sum: string }>`
      select asset, sum(amount)::text as sum from entries group by asset having sum(amount) <> 0`)
    const wrongWallets = await tx.rows(q<{ personId: bigint; asset: string }>`
      select coalesce(w.person_id, e.person_id) as "personId", coalesce(w.asset, e.asset) as asset
      from wallets w full join (
        select person_id, asset, sum(amount) filter (where bucket = 'available') as available,
               sum(amount) filter (where bucket = 'held') as held
        from entries where person_id is not null group by person_id, asset
      ) e on e.person_id = w.person_id and e.asset = w.asset
      where coalesce(w.available, 0) <> coalesce(e.available, 0) or coalesce(w.held, 0) <> coalesce(e.held, 0)
      limit 20`)
    const wrongHolds = await tx.rows(q<{ personId: bigint; asset: string }>`
      select coalesce(w.person_id, h.person_id) as "personId", coalesce(w.asset, h.asset) as asset
      from wallets w full join (
        select person_id, asset, sum(amount) as held from holds where state = 'open' group by person_id, asset
      ) h on h.person_id = w.person_id and h.asset = w.asset
      where coalesce(w.held, 0) <> coalesce(h.held, 0)
      limit 20`)
    const wrongLines = await wrongAuditLines(tx)
    const ok = unbalanced.length === 0 && wrongWallets.length === 0 && wrongHolds.length === 0
    return { ok, of: 'all', postings, provenTo, unbalanced, wrongWallets, wrongHolds, wrongLines }
  })
}

/** No transaction lives longer: the server ends those that idle for a minute, and none works for long. */
export const isSettled = q`created_at < now() - interval '10 minutes'`

/** The last proof, for screens that must not read the whole ledger. */
export interface LastProof {
  ok: boolean
  at: Date
}

/** A proof of the new that is ok says nothing about what was wrong before: only one of all ends that. */
export async function rememberProof(sql: Sql, proof: LedgerProof): Promise<void> {
  const keep = (name: string, value: string) =>
    sql.rows(q`
    insert into cursors (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value, updated_at = now()`)
  if (proof.of === 'all' && proof.wrongLines.length === 0) await rememberChain(sql)
  await keep('ledger proof', proof.ok ? 'ok' : 'wrong')
  if (!proof.ok) return
  await keep('ledger proven to', String(proof.provenTo))
  if (proof.of === 'all') await keep('ledger proof of all', 'ok')
}

export async function lastProof(sql: Sql): Promise<LastProof | undefined> {
  const [row] = await sql.rows(q<LastProof>`
    select value = 'ok' as ok, updated_at as at from cursors where name = 'ledger proof'`)
  return row
}
