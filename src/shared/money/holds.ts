import { literal, NOW } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import type { Asset } from '../money.ts'
import { post } from './ledger.ts'
import type { EntryKind, SystemAccount } from './ledger.ts'
import { moneySql } from './tables.ts'

export interface Hold {
  reference: string
  personId: bigint
  asset: Asset
  /** Minor units, above zero. */
  amount: bigint
  state: 'open' | 'captured' | 'released'
}

/**
 * Sets money of a person aside. The same reference reserves once.
 * Call it inside the transaction that moves the order to `reserved`.
 * @throws UserError `balance.insufficient`
 */
export async function reserve(
  tx: Sql,
  hold: { reference: string; personId: bigint; asset: Asset; amount: bigint; expiresAt?: Date; bot?: string },
): Promise<void> {
  const owner = { person: hold.personId }
  const { repeated } = await post(tx, {
    reference: `hold-${hold.reference}`,
    kind: 'hold',
    bot: hold.bot,
    entries: [
      { owner, asset: hold.asset, amount: -hold.amount },
      { owner, asset: hold.asset, amount: hold.amount, bucket: 'held' },
    ],
  })
  if (repeated) return
  await tx.rows(
    moneySql.insertInto('holds').values({
      reference: hold.reference,
      person_id: hold.personId,
      asset: hold.asset,
      amount: hold.amount,
      expires_at: hold.expiresAt ?? null,
    }),
  )
}

/**
 * Spends what was reserved. Nothing happens when it is captured already.
 * @returns false when the hold was released before: the money is the person's again
 */
export async function capture(
  tx: Sql,
  reference: string,
  spend: {
    kind: EntryKind
    to?: SystemAccount
    description?: string
    bot?: string
    details?: Record<string, unknown>
  },
): Promise<boolean> {
  const hold = await settle(tx, reference, 'captured')
  if (hold.state !== 'open') return hold.state === 'captured'
  const { to = 'sales', ...words } = spend
  await post(tx, {
    ...words,
    reference: `capture-${reference}`,
    entries: [
      { owner: { person: hold.personId }, asset: hold.asset, amount: -hold.amount, bucket: 'held' },
      { owner: { system: to }, asset: hold.asset, amount: hold.amount },
    ],
  })
  return true
}

/**
 * Closes an open hold whose money leaves by the caller's own posting in the same transaction: that posting must take
 * the amount out of the person's held bucket.
 */
export async function takeHeld(tx: Sql, reference: string): Promise<Hold> {
  const hold = await settle(tx, reference, 'captured')
  if (hold.state !== 'open') throw new Error(`the hold ${reference} is ${hold.state} already`)
  return hold
}

/**
 * Gives back what was reserved. Nothing happens when it is released already.
 * @returns false when the hold was captured before: giving that back is a refund, not a release
 */
export async function release(tx: Sql, reference: string, reason: string): Promise<boolean> {
  const hold = await settle(tx, reference, 'released')
  if (hold.state !== 'open') return hold.state === 'released'
  const owner = { person: hold.personId }
  await post(tx, {
    reference: `release-${reference}`,
    kind: 'release',
    description: reason,
    entries: [
      { owner, asset: hold.asset, amount: -hold.amount, bucket: 'held' },
      { owner, asset: hold.asset, amount: hold.amount },
    ],
  })
  return true
}

const columns = ['reference', 'person_id as personId', 'asset', 'amount'] as const

/** Moves an open hold to its end, and answers with the hold as it was before. */
async function settle(tx: Sql, reference: string, to: 'captured' | 'released'): Promise<Hold> {
  for (;;) {
    const [settled] = await tx.rows(
      moneySql
        .updateTable('holds')
        .set({ state: to, settled_at: NOW })
        .where('reference', '=', reference)
        .where('state', '=', literal('open'))
        .returning(columns),
    )
    if (settled) return { ...settled, state: 'open' }
    const [earlier] = await tx.rows(
      moneySql.selectFrom('holds').select(columns).select('state').where('reference', '=', reference),
    )
    if (!earlier) throw new Error(`there is no hold ${reference}`)
    // The hold was committed between the two statements and is still open, so the first statement is run again.
    if (earlier.state !== 'open') return earlier
  }
}
