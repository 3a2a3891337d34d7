import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { post, transfer } from '#shared/money/ledger.ts'
import type { Asset } from '#shared/money.ts'

/** Puts a sum on somebody's balance, or takes it away, as a correction does. */
export const give = (db: Db, personId: number | bigint, amount: bigint, asset: Asset = 'RUB', bot = 'main') =>
  post(
    db,
    transfer(
      { system: 'adjustments' },
      { person: BigInt(personId) },
      { asset, amount },
      { reference: `given-${newId()}`, kind: 'adjustment', bot },
    ),
  )
