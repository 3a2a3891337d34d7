import { sql as q } from 'kysely'
import { ago } from '#shared/db/build.ts'
import { resoldKinds } from './good.ts'
import { starsPremiumSql } from './tables.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Asset, Money } from '#shared/money.ts'

/** The newest balance, if it was read within the last two minutes. */
async function recentBalance(sql: Sql, asset: Asset): Promise<bigint | undefined> {
  const [row] = await sql.rows(
    starsPremiumSql
      .selectFrom('wallet_readings')
      .select('balance')
      .where('supplier', '=', 'fragment')
      .where(q<string>`asset`, '=', asset)
      .where('at', '>', ago(2, 'minute'))
      .orderBy('id', 'desc')
      .limit(q.lit(1)),
  )
  return row?.balance
}

/**
 * What is left of the newest balance when everything that is paid for has been bought: orders that wait for their
 * purchase, and purchases made after the reading, each by its quote.
 * @returns undefined when the wallet was not read within the last two minutes
 */
export async function uncommitted(sql: Sql, asset: Asset): Promise<bigint | undefined> {
  // By hand, like the evidence below: what orders still cost is a field of their details, added up beside the reading.
  const [row] = await sql.rows(q<{ left: bigint }>`
    with newest as (
      select balance, at from wallet_readings
      where supplier = 'fragment' and asset = ${asset} and at > now() - interval '2 minutes'
      order by id desc limit 1
    ), owed as (
      select details -> 'cost' as cost from orders
      where state = 'reserved' and good = any(${[...resoldKinds]}) and details ->> 'way' = 'fragment'
      union all
      select o.details -> 'cost' from newest, attempts a join orders o on o.id = a.order_id
      where a.supplier = 'fragment' and a.created_at > newest.at and a.state <> 'refused'
    )
    select balance - (
      select coalesce(sum((cost ->> 'amount')::bigint), 0)::bigint from owed where cost ->> 'asset' = ${asset}
    ) as left from newest`)
  return row?.left
}

/**
 * True when the wallet certainly has too little for this cost. When the balance is not known, the order need not wait.
 */
export async function cannotAfford(
  sql: Sql,
  cost: { asset: Asset; amount: string } | null,
): Promise<boolean> {
  const balance = cost ? await recentBalance(sql, cost.asset) : undefined
  return balance !== undefined && balance < BigInt(cost!.amount)
}

/** Why the wallet tells nothing: the text `fadmin-unclear-<code>` says it to admins. */
type Unclear = 'no-base' | 'open' | 'murky' | 'filled' | 'not-read'

export interface Evidence {
  /**
   * `untouched`: nothing is missing, as far as readings tell; a top-up of the same size between two of them, or a
   * debit yet to come, would look the same. `charged`: something is missing. `unclear`: no way to tell.
   */
  verdict: 'untouched' | 'charged' | 'unclear'
  /** Why the verdict is unclear, or what left the wallet, for the admin's screen. */
  facts:
    | { before: string; booked: string; now: string; missing: string; doubtful: number }
    | { why: Unclear; count?: number }
}

/**
 * Explains the wallet's balance by our attempts. The base is a reading at a moment without any purchase under way;
 * what was certainly bought since is subtracted, and what is missing then was charged for the purchases in doubt.
 * Money that came in, a purchase that failed after it was accepted, or one still under way make it unclear.
 */
export async function walletEvidence(sql: Sql, current: Money): Promise<Evidence> {
  // By hand: see above; all figures must belong to one moment.
  const [row] = await sql.rows(q<{
    before: bigint | null
    booked: bigint
    doubtful: bigint
    open: bigint
    murky: bigint
    filled: boolean
  }>`
    with doubt as (
      select id, created_at from attempts
      where supplier = 'fragment' and state = 'unknown' and supplier_ref is null
    ), base as (
      select id, balance, at from wallet_readings
      where supplier = 'fragment' and asset = ${current.asset} and quiet
        and at < (select min(created_at) from doubt)
      order by id desc limit 1
    ), others as (
      select a.* from attempts a, base
      where a.supplier = 'fragment' and a.id not in (select id from doubt)
        -- A refused one that was delivered late may have been charged on either side of the base.
        and (a.created_at > base.at
          or (a.details ? 'deliveredLate' and a.updated_at > base.at))
    ), since as (
      select r.balance, lag(r.balance) over (order by r.id) as before from wallet_readings r, base
      where r.supplier = 'fragment' and r.asset = ${current.asset} and r.id >= base.id
    )
    select (select balance from base) as before,
      (select coalesce(sum(cost), 0)::bigint from others where state = 'done' and cost_asset = ${current.asset}) as booked,
      (select count(*) from doubt) as doubtful,
      (select count(*) from others where state in ('sent', 'unknown')) as open,
      (select count(*) from others where (state = 'refused' and supplier_ref is not null)
        or (state = 'done' and cost is null)) as murky,
      exists (select from since where balance > before) as filled`)
  const { before, booked, doubtful, open, murky, filled } = row!
  if (before === null) return unclear('no-base')
  if (open > 0n) return unclear('open', open)
  if (murky > 0n) return unclear('murky', murky)
  if (filled) return unclear('filled')
  const missing = before - booked - current.amount
  const facts = {
    before: before.toString(),
    booked: booked.toString(),
    now: current.amount.toString(),
    missing: missing.toString(),
    doubtful: Number(doubtful),
  }
  if (missing < 0n) return { verdict: 'unclear', facts }
  return { verdict: missing === 0n ? 'untouched' : 'charged', facts }
}

/**
 * The evidence by the newest reading, for somebody who looks at an order now.
 * A reading older than two minutes proves nothing about a purchase that may have come after it.
 */
export async function currentEvidence(sql: Sql, asset: Asset): Promise<Evidence> {
  const amount = await recentBalance(sql, asset)
  if (amount === undefined) return unclear('not-read')
  return walletEvidence(sql, { asset, amount })
}

const unclear = (why: Unclear, count?: bigint): Evidence => ({
  verdict: 'unclear',
  facts: { why, ...(count !== undefined && { count: Number(count) }) },
})
