import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { formatAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { worthInRub } from '#shared/settings/rates.ts'
import type { ExchangeRates } from '#shared/settings/rates.ts'
import type { ApiKey } from './keys.ts'
import { Problem } from './problem.ts'

export type CappedKey = Pick<ApiKey, 'id' | 'mostPerEntry' | 'mostPerDay' | 'createdBy'>

export interface EntryLimits {
  rates: ExchangeRates
  /** Kopecks that all bots of one owner may give away within 24 hours. */
  mintedPerDay: bigint
}

/**
 * Whether a key counts in its owner's sum of the day. A key that an admin made always counts, also when it has no
 * limits because it is older than the limits. A key that the deployment's command made without limits does not
 * count: that is the operator's own choice.
 */
export const hasCaps = ({ mostPerEntry, mostPerDay, createdBy }: CappedKey): boolean =>
  mostPerEntry !== null || mostPerDay !== null || createdBy !== null

/**
 * Counts an entry that was just posted against its key, in the same transaction. So a thief of the key moves no more
 * than its limit, in either direction, and all keys of one owner give away no more than the owner's admins may.
 * Entries of one key wait for each other here, and those by which one owner's keys give wait in `lockMinted`.
 * @throws Problem `key-cap`, `owner-cap`: the entry must be rolled back
 */
export async function countEntry(
  tx: Sql,
  key: CappedKey,
  { rates, mintedPerDay }: EntryLimits,
  entry: Money,
): Promise<void> {
  const worth = worthInRub(rates, entry)
  const refuse = (cap: bigint, what: string) => {
    const rub = formatAmount(cap, 'RUB')
    throw new Problem(403, 'key-cap', `This key moves at most ${rub} RUB ${what}, in any asset`)
  }
  if (key.mostPerEntry !== null && worth > key.mostPerEntry) refuse(key.mostPerEntry, 'with one entry')
  const given = entry.amount > 0n ? worth : 0n
  // By hand: the function counts and adds under one lock.
  const [day] = await tx.rows(q<{ ofKey: bigint; ofOwner: bigint }>`
    select of_key as "ofKey", of_owner as "ofOwner" from count_key_entry(${key.id}, ${worth}, ${given})`)
  if (key.mostPerDay !== null && day!.ofKey > key.mostPerDay) refuse(key.mostPerDay, 'within 24 hours')
  if (day!.ofOwner > mintedPerDay) {
    const rub = formatAmount(mintedPerDay, 'RUB')
    const words = `The bots of one owner give at most ${rub} RUB within 24 hours, by keys, corrections, codes and requests`
    throw new Problem(403, 'owner-cap', `${words}; an admin who serves all bots can raise it`)
  }
}
