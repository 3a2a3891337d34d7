import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import { jsonb } from '#shared/db/build.ts'
import { audit } from '#shared/audit.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { keptCount } from '#shared/kept-counts.ts'
import { loyaltySql } from '../tables.ts'
import { PICTURES_AT_ONCE, planColumns, readPlan } from './plans.ts'
import type { Plan } from './plans.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'

/** The fields of a plan that an admin typed. A field that was left out stays as it is. */
export type PlanChange = Partial<Omit<Plan, 'code' | 'active' | 'limits'>> & { pictures?: number }

/** Every plan with the number of people who have it now. Retired plans come last. */
export function allPlans(sql: Sql): Promise<(Plan & { subscribers: number })[]> {
  return sql.rows(
    loyaltySql
      .selectFrom('plans as p')
      .select(planColumns)
      .select(
        q<number>`coalesce(${keptCount('subscribers', q`p.code`)},
          (select count(*) from subscriptions s where s.plan = p.code and s.state <> 'ended'))::int`.as(
          'subscribers',
        ),
      )
      .orderBy('active', 'desc')
      .orderBy('price_tokens', (price) => price.asc().nullsLast())
      .orderBy('code'),
  )
}

/**
 * Makes a plan or changes it. Running periods keep what was paid for them, and their renewals the terms that were agreed.
 * @throws UserError `plan.invalid` with what is missing, `plan.range` with what is allowed, `plan.stars`
 */
export async function savePlan(tx: Sql, code: string, { pictures, ...change }: PlanChange): Promise<Plan> {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(code)) throw new UserError('plan.invalid', { what: 'code' })
  await lockWord(tx, `plan ${code}`)
  const old = await readPlan(tx, code)
  const limits: Plan['limits'] = pictures === undefined ? {} : { [PICTURES_AT_ONCE]: pictures }
  const plan: Plan = {
    ...(old ?? {
      name: inLanguages(() => ''),
      days: 30,
      priceStars: null,
      priceTokens: null,
      discountPercent: 0,
    }),
    ...change,
    limits: { ...old?.limits, ...limits },
    code,
    active: old?.active ?? true,
  }
  mustBeWhole(plan)
  const columns = {
    name: jsonb(plan.name),
    days: plan.days,
    price_stars: plan.priceStars,
    price_tokens: plan.priceTokens,
    discount_percent: plan.discountPercent,
    limits: jsonb(plan.limits),
  }
  await tx.rows(
    loyaltySql
      .insertInto('plans')
      .values({ code, ...columns })
      .onConflict((there) => there.column('code').doUpdateSet(columns)),
  )
  return plan
}

/** Telegram takes 1 to 10,000 Stars for a subscription, and knows no period but 30 days. */
function mustBeWhole({ name, days, priceStars, priceTokens, discountPercent, limits }: Plan): void {
  const within = (what: string, value: number | bigint, min: number, max: number) => {
    if ((typeof value === 'number' && !Number.isInteger(value)) || value < min || value > max)
      throw new UserError('plan.range', { what, min, max })
  }
  if (Object.values(name).some((one) => one.trim() === '' || one.length > 32))
    throw new UserError('plan.invalid', { what: LANGUAGES.join(', ') })
  within('days', days, 1, 3_650)
  if (priceStars !== null) {
    within('stars', priceStars, 1, 10_000)
    if (days !== 30) throw new UserError('plan.stars')
  }
  if (priceTokens !== null) within('tokens', priceTokens, 1, 1_000_000_000)
  if (priceTokens === null && priceStars === null)
    throw new UserError('plan.invalid', { what: 'tokens, stars' })
  within('discount', discountPercent, 0, 90)
  within('pictures', limits[PICTURES_AT_ONCE] ?? 1, 1, 100)
}

/**
 * Stops selling a plan. The people who have it keep it and renew it.
 * @returns false when it was retired already
 */
async function retirePlan(tx: Sql, code: string, retired: boolean): Promise<boolean> {
  const rows = await tx.rows(
    loyaltySql
      .updateTable('plans')
      .set({ active: !retired })
      .where('code', '=', code)
      .where('active', '=', retired)
      .returning('code'),
  )
  return rows.length > 0
}

/** Retires a plan or sells it again as an admin's decision, with its line in the audit log. */
export function switchPlan(
  db: Db,
  change: { code: string; retired: boolean; bot: string; by: bigint },
): Promise<boolean> {
  const { code, retired, bot, by } = change
  return db.tx(async (tx) => {
    if (!(await retirePlan(tx, code, retired))) return false
    await audit(tx, { actor: by, action: retired ? 'plan.retired' : 'plan.resold', target: code, bot })
    return true
  })
}
