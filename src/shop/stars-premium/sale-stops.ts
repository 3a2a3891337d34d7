import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { inLanguages, LANGUAGES } from '#shared/i18n/languages.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { TextParams, Texts } from '#shared/i18n/texts.ts'
import type { Words } from '#shared/notices.ts'
import { readerIn } from '#shared/reader.ts'
import type { Reader } from '#shared/reader.ts'
import { readJson, shorten } from '#shared/storable.ts'
import type { ResoldGood } from './good.ts'
import { starsPremiumSql } from './tables.ts'

/**
 * Why Stars and Premium are not for sale: login (our token was refused), wallet (too little money there), kyc
 * (the vendor wants documents), down (it does not answer), cost (it does not name its prices), admin.
 */
export type StopReason = 'login' | 'wallet' | 'kyc' | 'down' | 'cost' | 'admin'

export interface SaleStop {
  reason: StopReason
  details: Details
  since: Date
}

/** What else admins read about a stop: our words in each language, or a vendor's as they came. */
type Details = Words | string

export async function saleStops(sql: Sql): Promise<SaleStop[]> {
  const rows = await sql.rows(
    starsPremiumSql
      .selectFrom('sale_stops')
      .select([q.ref<StopReason>('reason').as('reason'), 'details', 'since'])
      .orderBy('since'),
  )
  return rows.map(({ details, ...stop }) => ({ ...stop, details: storedDetails(details) }))
}

function storedDetails(stored: string): Details {
  if (!stored.startsWith('{')) return stored
  try {
    const words = readJson(stored) as Partial<Words>
    return LANGUAGES.every((language) => typeof words[language] === 'string') ? (words as Words) : stored
  } catch {
    return stored
  }
}

export const inWordsOf = (language: Language, details: Details): string =>
  typeof details === 'string' ? details : details[language]

/** Words of ours in each language. */
export const said = (texts: Texts, key: string, params?: (reader: Reader) => TextParams): Words =>
  inLanguages((language) => {
    const reader = readerIn(texts, language)
    return reader.t(key, params?.(reader))
  })

/** Whether none of this good can be bought in this bot now. */
export async function isStopped(
  good: Pick<ResoldGood, 'way' | 'from'>,
  { settings, bot, stops }: { settings: Settings; bot: string; stops: readonly SaleStop[] },
): Promise<boolean> {
  const [from, way] = await Promise.all([good.from(settings, bot), good.way(settings, bot)])
  return from === undefined || (way === 'fragment' && stops.length > 0)
}

/** @returns true when the sale was not stopped for this reason before: the moment to tell the admins */
export async function stopSale(
  sql: Sql,
  reason: StopReason,
  details: Details,
  by?: bigint,
): Promise<boolean> {
  const stored = typeof details === 'string' ? shorten(details, 500) : JSON.stringify(details)
  const rows = await sql.rows(
    starsPremiumSql
      .insertInto('sale_stops')
      .values({ reason, details: stored, updated_by: by ?? null })
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
