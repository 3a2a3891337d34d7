import { sql as q } from 'kysely'
import { literal, NOW } from '../db/build.ts'
import type { RawBuilder } from 'kysely'
import { rememberChain, wrongAuditLines } from './audit-chain.ts'
import type { Db, Sql } from '../db/db.ts'
import { sharedSql } from '../tables.ts'
import { moneySql } from './tables.ts'

export interface LedgerProof {
  ok: boolean
  /** `new` = only postings that came after the last proof without a fault. */
  of: 'all' | 'new'
  postings: bigint
  /** Every posting up to this id is committed, so the next proof of new postings may begin behind it. */
  provenTo: bigint
  /** Assets whose entries do not sum to zero, with the sum in minor units. */
  unbalanced: { asset: string; sum: string }[]
  /** Wallets that differ from the sum of their entries. */
  wrongWallets: { personId: bigint; asset: string }[]
  /** Open holds that do not add up to what the wallets hold. */
  wrongHolds: { personId: bigint; asset: string }[]
  /** Numbers of audit lines that somebody changed, removed or inserted. The books may add up all the same. */
  wrongLines: bigint[]
}

/** At most this many wrong wallets are named: enough for an operator to see what happened. */
const NAMED = 20

/**
 * Reads the whole ledger, step by step, and checks what must always be true: every posting sums to zero, cached balances
 * equal derived ones, held money equals open holds. It corrects nothing. Each step is a statement that reads some thousand
 * rows, with a view of its own: what it compares changes in one commit, so it is right at any moment, and nothing is held
 * while ten million entries are read.
 */
export async function prove(db: Db, step = STEP): Promise<LedgerProof> {
  // As a text the moment has its microseconds; a date has no more than milliseconds.
  const [begun] = await db.rows(sharedSql.selectNoFrom(q<string>`now()::text`.as('at')))
  const sums = new Map<string, bigint>()
  let [postings, provenTo] = [0n, 0n]
  await inRanges(
    async (after) => {
      const next = moneySql.selectFrom('postings').select(['id', 'created_at']).where('id', '>', after)
      const [part] = await db.rows(
        moneySql.selectFrom(next.orderBy('id').limit(step.postings).as('part')).select(({ fn }) => [
          fn.max<bigint | null>('id').as('last'),
          fn.countAll<bigint>().as('count'),
          fn
            .max<bigint | null>('id')
            .filterWhere(isSettled(q`${begun!.at}::timestamptz`))
            .as('settled'),
        ]),
      )
      postings += part!.count
      provenTo = part!.settled ?? provenTo
      return part!.last
    },
    async (range) => {
      for (const { asset, sum } of await unbalancedIn(db, range(q`posting_id`)))
        sums.set(asset, (sums.get(asset) ?? 0n) + sum)
    },
  )
  const wrongWallets: LedgerProof['wrongWallets'] = []
  const wrongHolds: LedgerProof['wrongHolds'] = []
  await inRanges(
    async (after) => {
      const persons = sharedSql.selectFrom('persons').select('id').where('id', '>', after)
      const [part] = await db.rows(
        sharedSql
          .selectFrom(persons.orderBy('id').limit(step.persons).as('part'))
          .select(({ fn }) => fn.max<bigint | null>('id').as('last')),
      )
      return part!.last
    },
    async (range) => {
      wrongWallets.push(...(await wrongWalletsIn(db, range(q`person_id`))))
      wrongHolds.push(...(await wrongHoldsIn(db, range(q`person_id`))))
    },
  )
  const wrongLines = await wrongAuditLines(db)
  const unbalanced = [...sums].map(([asset, sum]) => ({ asset, sum: String(sum) }))
  const ok = unbalanced.length === 0 && wrongWallets.length === 0 && wrongHolds.length === 0
  return {
    ok,
    of: 'all',
    postings,
    provenTo,
    unbalanced,
    wrongWallets: wrongWallets.slice(0, NAMED),
    wrongHolds: wrongHolds.slice(0, NAMED),
    wrongLines,
  }
}

type Range = (column: RawBuilder<unknown>) => RawBuilder<boolean>

/**
 * Splits the ids into ranges without a gap. The last range has no end, so that entries of unknown persons are checked
 * too.
 */
async function inRanges(
  lastOf: (after: bigint) => Promise<bigint | null>,
  look: (range: Range) => Promise<void>,
): Promise<void> {
  for (let after = FIRST; ;) {
    const [from, last] = [after, await lastOf(after)]
    await look((column) =>
      last === null
        ? q<boolean>`${column} > ${from}`
        : q<boolean>`${column} > ${from} and ${column} <= ${last}`,
    )
    if (last === null) return
    after = last
  }
}

/** Smaller than every id. */
const FIRST = -(2n ** 63n)
/** How many rows one statement checks. */
const STEP = { postings: 10_000, persons: 2_000 }

/** Each posting is checked by itself: in one sum over many, two wrong postings could cancel each other out. */
export function unbalancedIn(
  sql: Sql,
  which: RawBuilder<boolean>,
): Promise<{ asset: string; sum: bigint }[]> {
  return sql.rows(
    moneySql
      .selectFrom('entries')
      .select(['asset', q<bigint>`sum(amount)::bigint`.as('sum')])
      .where(which)
      .groupBy(['posting_id', 'asset'])
      .having(q<boolean>`sum(amount) <> 0`),
  )
}

const NONE = q.lit(0) as unknown as RawBuilder<bigint>

/** Finds wrong wallets of the persons whose `person_id` meets the condition. */
export function wrongWalletsIn(sql: Sql, which: RawBuilder<boolean>): Promise<LedgerProof['wrongWallets']> {
  const wallets = moneySql.selectFrom('wallets').selectAll().where(which)
  const entries = moneySql
    .selectFrom('entries')
    .select(['person_id', 'asset'])
    .select(({ fn }) => [
      fn.sum<bigint>('amount').filterWhere('bucket', '=', literal('available')).as('available'),
      fn.sum<bigint>('amount').filterWhere('bucket', '=', literal('held')).as('held'),
    ])
    .where(which)
    .groupBy(['person_id', 'asset'])
  return sql.rows(
    moneySql
      .selectFrom(wallets.as('w'))
      .fullJoin(entries.as('e'), (on) =>
        on.onRef('e.person_id', '=', 'w.person_id').onRef('e.asset', '=', 'w.asset'),
      )
      .select(({ fn }) => [
        fn.coalesce('w.person_id', 'e.person_id').$notNull().as('personId'),
        fn.coalesce('w.asset', 'e.asset').$notNull().as('asset'),
      ])
      .where((are) =>
        are.or([
          are(are.fn.coalesce('w.available', NONE), '<>', are.fn.coalesce('e.available', NONE)),
          are(are.fn.coalesce('w.held', NONE), '<>', are.fn.coalesce('e.held', NONE)),
        ]),
      ),
  )
}

/** Finds wrong holds of the persons whose `person_id` meets the condition. */
export function wrongHoldsIn(sql: Sql, which: RawBuilder<boolean>): Promise<LedgerProof['wrongHolds']> {
  const wallets = moneySql.selectFrom('wallets').selectAll().where(which)
  const holds = moneySql
    .selectFrom('holds')
    .select(['person_id', 'asset'])
    .select(({ fn }) => fn.sum<bigint>('amount').as('held'))
    .where(which)
    .where('state', '=', literal('open'))
    .groupBy(['person_id', 'asset'])
  return sql.rows(
    moneySql
      .selectFrom(wallets.as('w'))
      .fullJoin(holds.as('h'), (on) =>
        on.onRef('h.person_id', '=', 'w.person_id').onRef('h.asset', '=', 'w.asset'),
      )
      .select(({ fn }) => [
        fn.coalesce('w.person_id', 'h.person_id').$notNull().as('personId'),
        fn.coalesce('w.asset', 'h.asset').$notNull().as('asset'),
      ])
      .where(({ eb, fn }) => eb(fn.coalesce('w.held', NONE), '<>', fn.coalesce('h.held', NONE))),
  )
}

/**
 * Rows older than this are committed or gone, because no transaction lives longer: the server ends one that is idle
 * for a minute, and none works for long.
 */
export const isSettled = (now: RawBuilder<unknown> = NOW): RawBuilder<boolean> =>
  q<boolean>`created_at < ${now} - interval '10 minutes'`

/** The last proof, for screens that must not read the whole ledger. */
export interface LastProof {
  ok: boolean
  at: Date
}

/** Only a proof of the whole ledger ends an alarm: a proof of new postings says nothing about older faults. */
export async function rememberProof(sql: Sql, proof: LedgerProof): Promise<void> {
  const keep = (name: string, value: string) =>
    sql.rows(
      sharedSql
        .insertInto('cursors')
        .values({ name, value })
        .onConflict((there) => there.column('name').doUpdateSet({ value, updated_at: NOW })),
    )
  if (proof.of === 'all' && proof.wrongLines.length === 0) await rememberChain(sql)
  await keep('ledger proof', proof.ok ? 'ok' : 'wrong')
  if (!proof.ok) return
  await keep('ledger proven to', String(proof.provenTo))
  if (proof.of === 'all') await keep('ledger proof of all', 'ok')
}

export async function lastProof(sql: Sql): Promise<LastProof | undefined> {
  const [row] = await sql.rows(
    sharedSql.selectFrom('cursors').select(['value', 'updated_at as at']).where('name', '=', 'ledger proof'),
  )
  return row && { ok: row.value === 'ok', at: row.at }
}
