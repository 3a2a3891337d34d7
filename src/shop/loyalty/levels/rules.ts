import { sql as q } from 'kysely'
import { loyaltySql } from '../tables.ts'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import { defaultRules, xpRules } from './settings.ts'
import type { XpRule } from './settings.ts'

/** What one posting moved for one person in one asset, minor units, and when. */
export interface Movement {
  postingId: bigint
  reference: string
  kind: string
  details: Record<string, unknown>
  personId: bigint
  asset: string
  amount: bigint
  bot: string | null
  at: Date
}

/** Every version that the rules ever had, oldest first. The first version holds until somebody changes the rules. */
export type RuleHistory = { since: Date; rules: XpRule[] }[]

export async function ruleHistory(sql: Sql, goods: Assortment): Promise<RuleHistory> {
  const { key, schema } = xpRules(goods)
  const defaults = defaultRules(goods)
  const rows = await sql.rows(
    loyaltySql
      .selectFrom('settings_history')
      .select(['updated_at as since', 'value'])
      .where('bot', '=', '')
      .where('key', '=', key)
      .orderBy('id'),
  )
  const versions = rows.map(({ since, value }) => {
    const parsed = schema.safeParse(value)
    return { since, rules: parsed.success ? parsed.data : defaults }
  })
  return [{ since: new Date(0), rules: defaults }, ...versions]
}

/** XP of a movement by the rules that held at its time, so that counting again gives the same sum. */
function xpOf(history: RuleHistory, movement: Movement): number {
  const rules = history.findLast(({ since }) => since <= movement.at)?.rules ?? []
  const { kind, asset, amount } = movement
  const direction = amount > 0n ? 'in' : 'out'
  const size = amount > 0n ? amount : -amount
  return rules
    .filter((rule) => rule.kind === kind && rule.asset === asset && rule.direction === direction)
    .reduce((sum, rule) => sum + Number(size / BigInt(rule.per)) * rule.xp, 0)
}

/** One line of XP for each posting and person. The source never changes, so no line counts twice. */
export function xpLines(history: RuleHistory, movements: readonly Movement[]): XpLine[] {
  const lines = new Map<string, XpLine>()
  for (const movement of movements) {
    const xp = xpOf(history, movement)
    if (xp === 0) continue
    const { postingId, personId, bot, at } = movement
    const source = `posting-${postingId}-${personId}`
    const line = lines.get(source)
    if (line) line.xp += xp
    else lines.set(source, { source, personId, xp, bot, at })
  }
  return [...lines.values()].filter(({ xp }) => xp !== 0)
}

export interface XpLine {
  /** `posting-<id>-<person>` or `activity-<id>`. */
  source: string
  personId: bigint
  xp: number
  bot: string | null
  at: Date
}

/** The movements of some postings. Holds and releases move nothing in sum. */
export function movements(sql: Sql, ids: readonly bigint[]): Promise<Movement[]> {
  return sql.rows(
    loyaltySql
      .selectFrom('postings as p')
      .innerJoin('entries as e', 'e.posting_id', 'p.id')
      .select(['e.posting_id as postingId', 'p.reference', 'p.kind', 'p.details', 'e.asset', 'p.bot'])
      .select((are) => [
        are.ref('e.person_id').$notNull().as('personId'),
        'p.created_at as at',
        q<bigint>`sum(e.amount)::bigint`.as('amount'),
      ])
      .where('p.id', '=', anyOf(ids))
      .where('e.person_id', 'is not', null)
      .groupBy(['e.posting_id', 'p.reference', 'p.kind', 'p.details', 'e.person_id', 'e.asset', 'p.bot'])
      .groupBy('p.created_at')
      .having(({ fn }) => fn.sum('e.amount'), '<>', 0)
      .orderBy('e.posting_id'),
  )
}
