import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { formatAmount } from '#shared/money.ts'
import type { Money } from '#shared/money.ts'
import { worthInRub } from '#shared/settings/rates.ts'
import type { ExchangeRates } from '#shared/settings/rates.ts'
import type { ApiKey } from './keys.ts'
import { Problem } from './problem.ts'

export type CappedKey = Pick<ApiKey, 'id' | 'mostPerEntry' | 'mostPerDay'>

export const hasCaps = ({ mostPerEntry, mostPerDay }: CappedKey): boolean =>
  mostPerEntry !== null || mostPerDay !== null

/**
 * Counts an entry that has just been posted against its key, in the same transaction: who stole the key moves no more
 * than this, in either direction. Entries of one key wait for each other here.
 * @throws Problem `key-cap`: the entry must be rolled back
 */
export async function countEntry(tx: Sql, key: CappedKey, rates: ExchangeRates, entry: Money): Promise<void> {
  const worth = worthInRub(rates, entry)
  const refuse = (cap: bigint, what: string) => {
    const rub = formatAmount(cap, 'RUB')
    throw new Problem(403, 'key-cap', `This key moves at most ${rub} RUB ${what}, in any asset`)
  }
  if (key.mostPerEntry !== null && worth > key.mostPerEntry) refuse(key.mostPerEntry, 'with one entry')
  if (key.mostPerDay === null) return
  const [day] = await tx.rows(q<{ sum: bigint }>`select count_key_entry(${key.id}, ${worth}) as sum`)
  if (day!.sum > key.mostPerDay) refuse(key.mostPerDay, 'within 24 hours')
}
