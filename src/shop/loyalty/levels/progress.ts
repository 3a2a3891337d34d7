import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { reachableBot } from '#shared/reachable.ts'
import { giveEarnedBadges } from './badges.ts'
import type { Badge } from './badges.ts'
import { placeOf } from './places.ts'
import { levelOf, xpOfLevel } from './curve.ts'
import { levelBase } from './settings.ts'

export interface LevelProgress {
  xp: number
  level: number
  /** XP at which this level began, and the next one begins. */
  levelFrom: number
  nextLevelAt: number
}

export function progressOf(xp: bigint | number, base: number): LevelProgress {
  const shown = Math.max(0, Number(xp))
  const level = levelOf(shown, base)
  return { xp: shown, level, levelFrom: xpOfLevel(level, base), nextLevelAt: xpOfLevel(level + 1, base) }
}

export async function readProgress(sql: Sql, settings: Settings, personId: bigint): Promise<LevelProgress> {
  const base = await settings.get(levelBase)
  const [row] = await sql.rows(q<{ xp: bigint }>`select xp from progress where person_id = ${personId}`)
  return progressOf(row?.xp ?? 0n, base)
}

/**
 * After XP changed: gives earned badges and announces them and a new level, each once, however often levels are lost
 * and won again.
 */
export async function settleProgress(
  tx: Sql,
  goods: Assortment,
  person: { id: bigint; bot: string | null; base: number; silent?: boolean },
): Promise<LevelProgress & { newBadges: Badge[]; levelUp: boolean }> {
  const newBadges = await giveEarnedBadges(tx, goods, person.id, person.bot)
  const [row] = await tx.rows(
    q<{ xp: bigint; announced: number }>`
      select xp, announced_level as announced from progress where person_id = ${person.id} for update`,
  )
  const progress = progressOf(row?.xp ?? 0n, person.base)
  const levelUp = row !== undefined && progress.level > row.announced
  const isNews = !person.silent && (levelUp || newBadges.length > 0)
  const reach = isNews ? await reachableBot(tx, person.id, person.bot) : undefined
  if (levelUp) {
    await tx.rows(q`update progress set announced_level = ${progress.level} where person_id = ${person.id}`)
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
  /** null = they did not agree to be named. */
  name: string | null
  xp: number
}

/** The best, and the place of one person (undefined without XP). */
export async function leaderboard(
  sql: Sql,
  personId: bigint,
  limit: number,
): Promise<{ best: Rank[]; own: { place: number; xp: number } | undefined; shown: boolean }> {
  const best = await sql.rows(q<Rank>`
    select row_number() over (order by g.xp desc, g.person_id)::int as place, g.person_id as "personId",
           g.xp::float8 as xp, case when p.shown_in_top then coalesce(nullif(p.first_name, ''), p.username) end as name
    from progress g join persons p on p.id = g.person_id
    where g.xp > 0 order by g.xp desc, g.person_id limit ${limit}`)
  const [person] = await sql.rows(q<{ shown: boolean }>`
    select shown_in_top as shown from persons where id = ${personId}`)
  return { best, own: await placeOf(sql, personId), shown: person?.shown === true }
}
