import { sql as q } from 'kysely'
import { starsPremiumSql } from './tables.ts'
import { NOW, jsonb } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'
import type { ResellerClient } from './reseller/client.ts'
import { readPrices, type SupplierPrices } from './reseller/misc.ts'
import type { KeptPrice, KeptPrices } from './tables.ts'

/** Prices follow the rate of TON; a quote may be a minute behind. */
const FRESH_MS = 60_000
/** While the vendor is away, its last list is used this long: it still tells a loss from a profit. */
const USABLE_MS = 6 * 3_600_000

/**
 * The reseller's price list, read at most once a minute by all processes together.
 * @returns undefined when no list is new enough
 */
export async function supplierPrices(
  sql: Sql,
  connect: () => Promise<ResellerClient>,
): Promise<SupplierPrices | undefined> {
  const kept = await load(sql)
  if (kept && kept.ageMs < FRESH_MS) return kept.prices
  try {
    const prices = await readPrices(await connect())
    // An empty answer of the vendor does not make the last list wrong, so it is not stored.
    if (prices.stars.length + prices.premium.length > 0) {
      await save(sql, prices)
      return prices
    }
  } catch (error) {
    if (!kept) throw error
  }
  return kept && kept.ageMs < USABLE_MS ? kept.prices : undefined
}

async function load(sql: Sql): Promise<{ prices: SupplierPrices; ageMs: number } | undefined> {
  const [row] = await sql.rows(
    starsPremiumSql
      .selectFrom('supplier_prices')
      .select(['prices', q<number>`(extract(epoch from now() - read_at) * 1000)::float8`.as('ageMs')])
      .where('supplier', '=', 'fragment'),
  )
  if (!row) return undefined
  const price = ({ asset, amount }: KeptPrice) => ({ asset, amount: BigInt(amount) })
  const stars = row.prices.stars.map((line) => ({ quantity: line.quantity!, price: price(line) }))
  const premium = row.prices.premium.map((line) => ({ months: line.months!, price: price(line) }))
  return { prices: { stars, premium }, ageMs: row.ageMs }
}

async function save(sql: Sql, prices: SupplierPrices): Promise<void> {
  const flat = (line: { price: { asset: Asset; amount: bigint } }) => ({
    asset: line.price.asset,
    amount: line.price.amount.toString(),
  })
  const kept: KeptPrices = {
    stars: prices.stars.map((line) => ({ quantity: line.quantity, ...flat(line) })),
    premium: prices.premium.map((line) => ({ months: line.months, ...flat(line) })),
  }
  const row = { prices: jsonb(kept), read_at: NOW }
  await sql.rows(
    starsPremiumSql
      .insertInto('supplier_prices')
      .values({ supplier: 'fragment', ...row })
      .onConflict((there) => there.column('supplier').doUpdateSet(row)),
  )
}
