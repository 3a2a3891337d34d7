import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import type { Settings, Snapshot } from '#shared/settings/settings.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { giveEarnedBadges } from './badges.ts'
import type { Badge } from './badges.ts'
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

/**
 * Runs after XP changed: gives earned badges, and announces them and a new level, unless levels are hidden in the bot
 * that would tell of them. Each is announced once, however often levels are lost and won again.
 * @param app.setting the settings as they were before the transaction
 */
export async function settleProgress(
  tx: Sql,
  { goods, setting }: { goods: Assortment; setting: Snapshot },
  person: { id: bigint; bot: string | null; base: number },
): Promise<LevelProgress & { newBadges: Badge[]; levelUp: boolean }> {
  const newBadges = await giveEarnedBadges(tx, goods, person.id, person.bot)
  const [row] = await tx.rows(
    loyaltySql
      .selectFrom('progress')
      .select(['xp', 'announced_level as announced'])
      .where('person_id', '=', person.id)
      .forUpdate(),
  )
  const progress = progressOf(row?.xp ?? 0n, person.base)
  const levelUp = row !== undefined && progress.level > row.announced
  const isNews = levelUp || newBadges.length > 0
  const reached = isNews ? await reachableBot(tx, person.id, person.bot) : undefined
  const reach = reached && setting(levelsShown, reached.bot) ? reached : undefined
  if (levelUp) {
    await tx.rows(
      loyaltySql
        .updateTable('progress')
        .set({ announced_level: progress.level })
        .where('person_id', '=', person.id),
    )
  }
  if (levelUp && reach) {
    await owePersonNotice(tx, {
      key: `level-${person.id}-${progress.level}`,
      bot: reach.bot,
      personId: person.id,
      text: 'level-up-notice',
      params: { level: progress.level, next: progress.nextLevelAt - progress.xp },
      buttons: [[['level-open', 'level']]],
      silent: true,
    })
  }
  if (reach) {
    for (const badge of newBadges) {
      await owePersonNotice(tx, {
        key: `badge-${person.id}-${badge.code}`,
        bot: reach.bot,
        personId: person.id,
        text: 'badge-notice',
        params: { sign: badge.sign, name: badge.name[reach.language] },
        buttons: [[['level-open', 'level']]],
        silent: true,
      })
    }
  }
  return { ...progress, newBadges, levelUp }
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
