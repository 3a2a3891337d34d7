import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { shorten } from '#shared/storable.ts'
import type { ResoldGood } from './good.ts'
import { starsPremiumSql } from './tables.ts'

/**
 * Why Stars and Premium are not for sale: login (our token was refused), wallet (too little money there), kyc
 * (the vendor wants documents), down (it does not answer), cost (it does not name its prices), admin.
 */
export type StopReason = 'login' | 'wallet' | 'kyc' | 'down' | 'cost' | 'admin'

export interface SaleStop {
  reason: StopReason
  details: string
  since: Date
}

export function saleStops(sql: Sql): Promise<SaleStop[]> {
  return sql.rows(
    starsPremiumSql
      .selectFrom('sale_stops')
      .select([q.ref<StopReason>('reason').as('reason'), 'details', 'since'])
      .orderBy('since'),
  )
}

/** Whether none of this good can be bought in this bot now. */
export async function isStopped(
  good: Pick<ResoldGood, 'way' | 'from'>,
  { settings, bot, stops }: { settings: Settings; bot: string; stops: readonly SaleStop[] },
): Promise<boolean> {
  const [from, way] = await Promise.all([good.from(settings, bot), good.way(settings, bot)])
  return from === undefined || (way === 'fragment' && stops.length > 0)
}

/** @returns true when the sale was not stopped for this reason before: the moment to tell the admins */
export async function stopSale(sql: Sql, reason: StopReason, details: string, by?: bigint): Promise<boolean> {
  const rows = await sql.rows(
    starsPremiumSql
      .insertInto('sale_stops')
      .values({ reason, details: shorten(details, 500), updated_by: by ?? null })
      .onConflict((was) =>
        was.column('reason').doUpdateSet((is) => ({ details: is.ref('excluded.details') })),
      )
      // Only `xmax` tells a new row from one that was there.
      .returning(q<boolean>`xmax = 0`.as('fresh')),
  )
  return rows[0]!.fresh
}

/** @returns true when it was stopped for this reason until now */
export async function resumeSale(sql: Sql, reason: StopReason): Promise<boolean> {
  const rows = await sql.rows(
    starsPremiumSql.deleteFrom('sale_stops').where('reason', '=', reason).returning('reason'),
  )
  return rows.length > 0
}
