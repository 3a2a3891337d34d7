import { randomInt } from 'node:crypto'
import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Reads, Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { entryKindsOf } from '#shared/good.ts'
import type { Assortment } from '#shared/good.ts'
import { MAX_AMOUNT } from '#shared/money.ts'
import type { Asset, Money } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import type { Served } from '#shared/owners.ts'
import { loyaltySql } from '../tables.ts'
import { CODE, campaignColumns, normalCode } from './promo.ts'
import type { Campaign } from './promo.ts'

export interface NewCampaign extends Pick<Campaign, 'name' | 'kind' | 'value'> {
  asset?: Asset
  product?: string
  plan?: string
  bot?: string
  perPerson?: number
  firstPurchaseOnly?: boolean
  minimum?: bigint
  maximumBonus?: bigint
  startsAt?: Date
  endsAt?: Date
  createdBy: bigint
}

export async function createCampaign(tx: Sql, wanted: NewCampaign): Promise<bigint> {
  const [row] = await tx.rows(
    loyaltySql
      .insertInto('promo_campaigns')
      .values({
        name: wanted.name,
        kind: wanted.kind,
        value: wanted.value,
        asset: wanted.asset ?? null,
        product: wanted.product ?? null,
        plan: wanted.plan ?? null,
        bot: wanted.bot ?? null,
        per_person: wanted.perPerson ?? 1,
        first_purchase_only: wanted.firstPurchaseOnly ?? false,
        minimum: wanted.minimum ?? 0n,
        maximum_bonus: wanted.maximumBonus ?? null,
        starts_at: wanted.startsAt ?? null,
        ends_at: wanted.endsAt ?? null,
        created_by: wanted.createdBy,
      })
      .returning('id'),
  )
  return row!.id
}

/**
 * Adds one code that an admin has worded.
 * @throws UserError `promo.taken`
 */
export async function addCode(tx: Sql, campaignId: bigint, code: string, uses: number): Promise<string> {
  const normal = normalCode(code)
  if (!CODE.test(normal)) throw new UserError('promo.bad-code')
  const rows = await tx.rows(
    loyaltySql
      .insertInto('promo_codes')
      .values({ code: normal, campaign_id: campaignId, uses_left: uses })
      .onConflict((conflict) => conflict.column('code').doNothing())
      .returning('code'),
  )
  if (rows.length === 0) throw new UserError('promo.taken')
  return normal
}

/** Letters and digits, without those that look alike. */
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const LENGTH = 10
const BATCH = 1_000

/** Codes that nobody can guess (31^10 of them), each for `uses` people. @returns the codes */
export async function generateCodes(
  tx: Sql,
  campaignId: bigint,
  count: number,
  uses: number,
): Promise<string[]> {
  const made: string[] = []
  while (made.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - made.length) }, randomCode)
    const rows = await tx.rows(
      loyaltySql
        .insertInto('promo_codes')
        .columns(['code', 'campaign_id', 'uses_left'])
        // By hand: a thousand codes are one parameter, which `unnest` makes rows of.
        .expression(q`select code, ${campaignId}::bigint, ${uses}::int from unnest(${batch}::text[]) as code`)
        .onConflict((on) => on.column('code').doNothing())
        .returning('code'),
    )
    made.push(...rows.map(({ code }) => code))
  }
  return made
}

function randomCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

export interface CampaignReport extends Campaign {
  codes: number
  usesLeft: number
  uses: number
  people: number
  /** What the campaign gave, and what the people who used it have paid since, by asset, in minor units. */
  cost: { asset: Asset; amount: bigint }[]
  revenue: { asset: Asset; amount: bigint }[]
}

export function campaigns(
  sql: Reads,
  page: { limit: number; offset: number; before?: bigint },
  served?: Served,
): Promise<Campaign[]> {
  const all = loyaltySql
    .selectFrom('promo_campaigns as c')
    .select(campaignColumns)
    .where(among(q`c.bot`, served))
    .orderBy('c.id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
  return sql.rows(page.before === undefined ? all : all.where('c.id', '<', page.before))
}

export async function countCampaigns(sql: Sql, served?: Served): Promise<number> {
  const [row] = await sql.rows(
    loyaltySql
      .selectFrom('promo_campaigns')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where(q<boolean>`${among(q`bot`, served)}`),
  )
  return Number(row!.count)
}

/** How often the codes of these campaigns were used, and how often they can still be used. */
export async function usesOf(
  sql: Reads,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, { uses: number; left: number }>> {
  // Each code counts its uses, so that the uses of a code that everybody knows are not read.
  const rows = await sql.rows(
    loyaltySql
      .selectFrom('promo_codes as k')
      .select(['k.campaign_id as id', q<number>`sum(k.uses_left)::int`.as('left')])
      .select(q<number>`sum(k.uses)::int`.as('uses'))
      .where('k.campaign_id', '=', anyOf(ids))
      .groupBy('k.campaign_id'),
  )
  return new Map(rows.map(({ id, left, uses }) => [id, { left, uses }]))
}

export async function campaignReport(sql: Sql, id: bigint): Promise<CampaignReport | undefined> {
  const [campaign] = await sql.rows(
    loyaltySql
      .selectFrom('promo_campaigns as c')
      .select(campaignColumns)
      .select([
        q<number>`(select count(*) from promo_codes k where k.campaign_id = c.id)::int`.as('codes'),
        q<number>`(select coalesce(sum(uses_left), 0) from promo_codes k where k.campaign_id = c.id)::int`.as(
          'usesLeft',
        ),
        q<number>`(select coalesce(sum(uses), 0) from promo_codes k where k.campaign_id = c.id)::int`.as(
          'uses',
        ),
        q<number>`(select count(distinct person_id) from promo_uses u where u.campaign_id = c.id)::int`.as(
          'people',
        ),
      ])
      .where('c.id', '=', id),
  )
  if (!campaign) return undefined
  const cost = await sql.rows(
    loyaltySql
      .selectFrom('promo_uses')
      .select(['asset', q<bigint>`sum(given)::bigint`.as('amount')])
      .where('campaign_id', '=', id)
      .where('state', '=', 'given')
      .where('given', 'is not', null)
      .groupBy('asset')
      .orderBy('asset')
      .$narrowType<{ asset: Asset }>(),
  )
  const revenue = await sql.rows(
    loyaltySql
      .selectFrom('payments as p')
      .innerJoin(
        (from) =>
          from
            .selectFrom('promo_uses')
            .select(({ fn }) => ['person_id', fn.min('created_at').as('since')])
            .where('campaign_id', '=', id)
            .groupBy('person_id')
            .as('u'),
        (on) => on.onRef('u.person_id', '=', 'p.person_id').onRef('p.created_at', '>=', 'u.since'),
      )
      .select(['p.asset', q<bigint>`sum(p.amount)::bigint`.as('amount')])
      .where('p.state', 'in', [q.lit('paid' as const), q.lit('overpaid' as const)])
      .groupBy('p.asset')
      .orderBy('p.asset'),
  )
  return { ...campaign, cost, revenue }
}

/** The most that a campaign can give, and whether one admin may decide about it whatever the sum. */
export interface Most {
  money: Money
  large?: true
}

/**
 * The most that a campaign can give to all people together. A bonus without a maximum counts as if each purchase
 * were of the sum from which two admins decide. A discount without a maximum gives as much as people buy: two admins
 * decide about it, and it counts as one such purchase, because otherwise it would fill the sum of a day alone. Goods
 * whose cost limits the discount give nothing away.
 */
export async function mostOf(
  sql: Sql,
  id: bigint,
  purchase: bigint,
  goods: Assortment,
): Promise<Most | undefined> {
  const limited = entryKindsOf(goods.filter(({ limitedBack }) => limitedBack))
  // By hand: what a campaign gives is a case over its kind.
  const [row] = await sql.rows(q<{ asset: Asset; amount: string; endless: boolean }>`
    select case when c.kind = 'tokens' then 'TOK'
        when c.kind = 'days' then case when p.price_tokens is null then 'XTR' else 'TOK' end
        when c.kind in ('percent', 'discount') and c.maximum_bonus is null then 'RUB' else coalesce(c.asset, 'RUB') end as asset,
      c.kind = 'discount' and c.maximum_bonus is null as endless,
      least(${String(MAX_AMOUNT)}::numeric, ceil(case
        when c.kind = 'discount' and c.maximum_bonus is null then least(k.uses, 1) else k.uses end * case
        when c.kind in ('percent', 'discount')
          then coalesce(c.maximum_bonus, c.value * ${String(purchase)}::numeric / 100)
        when c.kind = 'days' then c.value::numeric * coalesce(p.price_tokens, p.price_stars, 0) / coalesce(p.days, 30)
        else c.value end))::text as amount
    from promo_campaigns c left join plans p on p.code = c.plan
    cross join (select coalesce(sum(uses + uses_left), 0) as uses from promo_codes where campaign_id = ${id}) k
    where c.id = ${id} and not (c.kind = 'discount' and c.product = any(${limited}))`)
  if (!row || row.amount === '0') return undefined
  return {
    money: { asset: row.asset, amount: BigInt(row.amount) },
    ...(row.endless && { large: true }),
  }
}

export async function pauseCampaign(tx: Sql, id: bigint, paused: boolean): Promise<boolean> {
  const rows = await tx.rows(
    loyaltySql
      .updateTable('promo_campaigns')
      .set({ paused })
      .where('id', '=', id)
      .where('paused', '<>', paused)
      .returning('id'),
  )
  return rows.length > 0
}
