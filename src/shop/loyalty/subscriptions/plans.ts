import { sql as q } from 'kysely'
import { literal } from '#shared/db/build.ts'
import type { RawBuilder } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { loyaltySql } from '../tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import { idFrom } from '#shared/ids.ts'
import type { Reader } from '#shared/reader.ts'

export interface Plan {
  code: string
  name: Record<Language, string>
  days: number
  /** Price in Telegram Stars for 30 days, renewed by Telegram itself; null = not sold for Stars. */
  priceStars: number | null
  /** Price in tokens for `days`; null = not sold for tokens. */
  priceTokens: bigint | null
  /** Per cent of every purchase that come back to the balance at once. */
  discountPercent: number
  /** Limits that the plan raises above the usual ones, by name. */
  limits: Record<string, number>
  /** Whether the plan is sold now. A retired plan runs on for the people who have it. */
  active: boolean
}

export const planColumns = [
  'code',
  'name',
  'days',
  'price_stars as priceStars',
  'price_tokens as priceTokens',
  'discount_percent as discountPercent',
  'limits',
  'active',
] as const

export function plansForSale(sql: Sql): Promise<Plan[]> {
  return sql.rows(
    loyaltySql
      .selectFrom('plans')
      .select(planColumns)
      .where('active', '=', true)
      .orderBy('price_tokens', (price) => price.asc().nullsLast())
      .orderBy('code'),
  )
}

/** What a plan costs, in words: a price in tokens, in Stars, or either. */
export function planPrices(
  { money, t }: Pick<Reader, 'money' | 't'>,
  { priceTokens, priceStars }: Plan,
): string {
  const tokens = priceTokens === null ? '' : money(priceTokens, 'TOK')
  const stars = priceStars === null ? '' : money(BigInt(priceStars), 'XTR')
  return tokens && stars ? t('plan-prices', { tokens, stars }) : tokens || stars
}

export async function readPlan(sql: Sql, code: string): Promise<Plan | undefined> {
  const [plan] = await sql.rows(loyaltySql.selectFrom('plans').select(planColumns).where('code', '=', code))
  return plan
}

/**
 * A short code for the price and the days that a person saw, which the button holds. It has four characters, because
 * the plan's code and the purchase's number leave no room for the price itself. Two terms of one plan get the same
 * code once in 2^20.
 * @param roubles kopecks of the balance that buy the missing tokens
 */
export const termsOf = ({ code, priceTokens, days }: Plan, roubles = 0n): string =>
  idFrom('plan-terms', code, String(priceTokens), days, ...(roubles > 0n ? [String(roubles)] : [])).slice(
    0,
    4,
  )

/** The names of the limits that a plan may raise. They are stored in the plan's row. */
export const PICTURES_AT_ONCE = 'pictures-at-once'

/**
 * The best value of a limit over a person's running subscriptions.
 * @returns undefined when no plan of theirs raises it
 */
export async function planLimit(sql: Sql, personId: bigint, name: string): Promise<number | undefined> {
  const [row] = await sql.rows(loyaltySql.selectNoFrom(bestLimit(q`${personId}::bigint`, name).as('best')))
  return row?.best ?? undefined
}

/** The best limit as an expression within a statement, for the person whose id the column holds. */
export function bestLimit(person: RawBuilder<unknown>, name: string): RawBuilder<number | null> {
  // By hand: the statement that picks the next picture is by hand, and contains this expression.
  return q<
    number | null
  >`(select max((p.limits ->> ${name}::text)::float8) from subscriptions s join plans p on p.code = s.plan
    where s.person_id = ${person} and s.state <> 'ended')`
}

/** Per cent of a purchase that a person's best plan gives back, now or at a given moment. */
export async function planDiscount(sql: Sql, personId: bigint, at?: Date): Promise<number> {
  const best = loyaltySql
    .selectFrom('subscriptions as s')
    .innerJoin('plans as p', 'p.code', 's.plan')
    .select(({ fn }) => fn.max<number | null>('p.discount_percent').as('best'))
    .where('s.person_id', '=', personId)
    .where('s.state', '<>', literal('ended'))
  const [row] = await sql.rows(
    at ? best.where(q<boolean>`date_trunc('milliseconds', s.created_at) <= ${at}`) : best,
  )
  return row?.best ?? 0
}
