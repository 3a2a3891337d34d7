import { createHash } from 'node:crypto'
import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import { UserError } from '#shared/errors.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { giveXp } from '#shop/loyalty/levels/xp.ts'
import { readProgress, settleProgress } from '#shop/loyalty/levels/progress.ts'
import type { LevelProgress } from '#shop/loyalty/levels/progress.ts'
import { badgesOf } from '#shop/loyalty/levels/badges.ts'
import type { Badge } from '#shop/loyalty/levels/badges.ts'
import { activityXp, activityXpLimit, levelBase } from '#shop/loyalty/levels/settings.ts'
import { writeJson } from '#shared/storable.ts'

export interface NewActivity {
  personId: bigint
  bot: string
  kind: string
  score?: number
  /** How much the caller gives; by the kind's rule otherwise. Never more than the limit in the settings. */
  xp?: number
  data?: Record<string, unknown>
  /** Names the activity within its bot: the same key is the same activity. */
  key: string
}

export interface Activity {
  id: bigint
  kind: string
  score: number | null
  xp: number
  data: Record<string, unknown>
  bot: string
  createdAt: Date
}

/** Inside a transaction. @throws UserError `activity.conflict` when the key was used for another activity */
export async function recordActivity(
  tx: Sql,
  settings: Settings,
  goods: Assortment,
  activity: NewActivity,
): Promise<{ activity: Activity; repeated: boolean; progress: LevelProgress; newBadges: Badge[] }> {
  const [byKind, limit, base] = await Promise.all([
    settings.get(activityXp, activity.bot),
    settings.get(activityXpLimit, activity.bot),
    settings.get(levelBase),
  ])
  const xp = Math.min(activity.xp ?? byKind[activity.kind] ?? byKind['*'] ?? 0, limit)
  const digest = digestOf(activity)
  const [fresh] = await tx.rows(q<Activity>`
    insert into activities (person_id, bot, kind, score, xp, data, idempotency_key, digest)
    values (${activity.personId}, ${activity.bot}, ${activity.kind}, ${activity.score ?? null}, ${xp},
            ${writeJson(activity.data ?? {})}::jsonb, ${activity.key}, ${digest})
    on conflict (bot, idempotency_key) do nothing
    returning ${columns}`)
  if (!fresh) {
    const [earlier] = await tx.rows(q<Activity & { digest: string }>`
      select ${columns}, digest from activities where bot = ${activity.bot} and idempotency_key = ${activity.key}`)
    if (earlier?.digest !== digest) throw new UserError('activity.conflict')
    const progress = await readProgress(tx, settings, activity.personId)
    // What it gave was given in its own transaction, so at the same moment by the database's clock.
    const badges = await badgesOf(tx, activity.personId)
    const newBadges = badges.filter(({ givenAt }) => givenAt?.getTime() === earlier.createdAt.getTime())
    return { activity: earlier, repeated: true, progress, newBadges }
  }
  if (xp > 0) {
    const line = {
      source: `activity-${fresh.id}`,
      personId: activity.personId,
      xp,
      bot: activity.bot,
      at: fresh.createdAt,
    }
    await giveXp(tx, [line])
  }
  const settled = await settleProgress(tx, goods, { id: activity.personId, bot: activity.bot, base })
  return { activity: fresh, repeated: false, progress: settled, newBadges: settled.newBadges }
}

/** Newest first. @param page.before the id of the last one seen; @param page.bot only what happened there */
export function activities(
  sql: Sql,
  personId: bigint,
  page: { limit: number; before?: bigint; bot?: string },
): Promise<Activity[]> {
  return sql.rows(q<Activity>`
    select ${columns} from activities
    where person_id = ${personId} and (${page.bot ?? null}::text is null or bot = ${page.bot ?? null})
      and (${page.before ?? null}::bigint is null or id < ${page.before ?? null})
    order by id desc limit ${page.limit}`)
}

const columns = q`id, kind, score::float8 as score, xp, data, bot, created_at as "createdAt"`

function digestOf({ personId, kind, score, xp, data }: NewActivity): string {
  const words = writeJson([String(personId), kind, score ?? null, xp ?? null, data ?? {}])
  return createHash('sha256').update(words).digest('base64url')
}
