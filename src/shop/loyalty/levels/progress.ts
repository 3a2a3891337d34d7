import { sql as q } from 'kysely'
import { anyOf } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import type { Settings, Snapshot } from '#shared/settings/settings.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { giveEarnedBadges } from './badges.ts'
import type { Badge, Where } from './badges.ts'
import { placeOf } from './places.ts'
import { levelOf, xpOfLevel } from './curve.ts'
import { levelBase, levelsShown } from './settings.ts'
import { loyaltySql } from '../tables.ts'

export interface LevelProgress {
  xp: number
  level: number
  /** XP at which this level began and at which the next one begins. */
  levelFrom: number
  nextLevelAt: number
}

export function progressOf(xp: bigint | number, base: number): LevelProgress {
  const shown = Math.max(0, Number(xp))
  const level = levelOf(shown, base)
  return { xp: shown, level, levelFrom: xpOfLevel(level, base), nextLevelAt: xpOfLevel(level + 1, base) }
}

export async function readProgress(sql: Sql, settings: Settings, personId: bigint): Promise<LevelProgress> {
  return progressWith(await settings.get(levelBase), sql, personId)
}

/** @param base the setting, for a transaction that has read it before it began */
export async function progressWith(base: number, sql: Sql, personId: bigint): Promise<LevelProgress> {
  const [row] = await sql.rows(
    loyaltySql.selectFrom('progress').select('xp').where('person_id', '=', personId),
  )
  return progressOf(row?.xp ?? 0n, base)
}

export interface Settled extends LevelProgress {
  newBadges: Badge[]
  levelUp: boolean
}

/**
 * Runs after XP changed: gives earned badges, and announces them and a new level, unless levels are hidden in the bot
 * that would tell of them. Each is announced once, however often levels are lost and won again. Only news cost statements of
 * their own; without any, 200 persons cost as many statements as one.
 * @param app.setting the settings as they were before the transaction
 * @param app.base the setting `levelBase`
 */
export async function settleProgress(
  tx: Sql,
  app: { goods: Assortment; setting: Snapshot; base: number },
  persons: Where,
): Promise<Map<bigint, Settled>> {
  const badges = await giveEarnedBadges(tx, app.goods, persons)
  const rows = await tx.rows(
    loyaltySql
      .selectFrom('progress')
      .select(['person_id as id', 'xp', 'announced_level as announced'])
      .where('person_id', '=', anyOf([...persons.keys()]))
      .orderBy('person_id')
      .forUpdate(),
  )
  const settled = new Map<bigint, Settled>()
  for (const id of persons.keys()) {
    const row = rows.find((one) => one.id === id)
    const progress = progressOf(row?.xp ?? 0n, app.base)
    const levelUp = row !== undefined && progress.level > row.announced
    settled.set(id, { ...progress, newBadges: badges.get(id) ?? [], levelUp })
  }
  for (const [id, one] of settled) {
    if (one.levelUp) await remember(tx, id, one.level)
    if (one.levelUp || one.newBadges.length > 0)
      await announce(tx, app.setting, { id, bot: persons.get(id)!, ...one })
  }
  return settled
}

const remember = (tx: Sql, personId: bigint, level: number) =>
  tx.rows(
    loyaltySql.updateTable('progress').set({ announced_level: level }).where('person_id', '=', personId),
  )

async function announce(
  tx: Sql,
  setting: Snapshot,
  { id, bot, xp, level, nextLevelAt, newBadges, levelUp }: Settled & { id: bigint; bot: string | null },
): Promise<void> {
  const reach = await reachableBot(tx, id, bot)
  if (!reach || !setting(levelsShown, reach.bot)) return
  const notice = { bot: reach.bot, personId: id, buttons: [[['level-open', 'level']]], silent: true }
  if (levelUp) {
    await owePersonNotice(tx, {
      ...notice,
      key: `level-${id}-${level}`,
      text: 'level-up-notice',
      params: { level, next: nextLevelAt - xp },
    })
  }
  for (const badge of newBadges) {
    await owePersonNotice(tx, {
      ...notice,
      key: `badge-${id}-${badge.code}`,
      text: 'badge-notice',
      params: { sign: badge.sign, name: badge.name[reach.language] },
    })
  }
}

export interface Rank {
  place: number
  personId: bigint
  /** null = the person did not agree to be named */
  name: string | null
  xp: number
}

/** The first places of the leaderboard, and the place of one person (undefined without XP). */
export async function leaderboard(
  sql: Sql,
  personId: bigint,
  limit: number,
): Promise<{ best: Rank[]; own: { place: number; xp: number } | undefined; shown: boolean }> {
  const best = await sql.rows(
    loyaltySql
      .selectFrom('progress as g')
      .innerJoin('persons as p', 'p.id', 'g.person_id')
      .select([
        q<number>`row_number() over (order by g.xp desc, g.person_id)::int`.as('place'),
        'g.person_id as personId',
        q<number>`g.xp::float8`.as('xp'),
        q<string | null>`case when p.shown_in_top then coalesce(nullif(p.first_name, ''), p.username) end`.as(
          'name',
        ),
      ])
      .where('g.xp', '>', q<bigint>`0`)
      .orderBy('g.xp', 'desc')
      .orderBy('g.person_id')
      .limit(limit),
  )
  const [person] = await sql.rows(
    loyaltySql.selectFrom('persons').select('shown_in_top as shown').where('id', '=', personId),
  )
  return { best, own: await placeOf(sql, personId), shown: person?.shown === true }
}
