import { createHash } from 'node:crypto'
import { balanceApiSql } from './tables.ts'
import { jsonb } from '#shared/db/build.ts'
import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import { UserError } from '#shared/errors.ts'
import type { Snapshot } from '#shared/settings/settings.ts'
import { giveXp } from '#shop/loyalty/levels/xp.ts'
import { progressWith, settleProgress } from '#shop/loyalty/levels/progress.ts'
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
  /**
   * How much XP the caller asks for; without it the rule for the kind decides. The limit in the settings holds for
   * both.
   */
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

/**
 * Runs inside a transaction.
 * @param setting as read before the transaction began
 * @throws UserError `activity.conflict` when the key was used for another activity
 */
export async function recordActivity(
  tx: Sql,
  setting: Snapshot,
  goods: Assortment,
  activity: NewActivity,
): Promise<{ activity: Activity; repeated: boolean; progress: LevelProgress; newBadges: Badge[] }> {
  const byKind = setting(activityXp, activity.bot)
  const limit = setting(activityXpLimit, activity.bot)
  const base = setting(levelBase)
  const xp = Math.min(activity.xp ?? byKind[activity.kind] ?? byKind['*'] ?? 0, limit)
  const digest = digestOf(activity)
  const [fresh] = await tx.rows(
    balanceApiSql
      .insertInto('activities')
      .values({
        person_id: activity.personId,
        bot: activity.bot,
        kind: activity.kind,
        score: activity.score === undefined ? null : String(activity.score),
        xp,
        data: jsonb(activity.data ?? {}),
        idempotency_key: activity.key,
        digest,
      })
      .onConflict((there) => there.columns(['bot', 'idempotency_key']).doNothing())
      .returning(columns),
  )
  if (!fresh) {
    const [earlier] = await tx.rows(
      balanceApiSql
        .selectFrom('activities')
        .select([...columns, 'digest'])
        .where('bot', '=', activity.bot)
        .where('idempotency_key', '=', activity.key),
    )
    if (earlier?.digest !== digest) throw new UserError('activity.conflict')
    const progress = await progressWith(base, tx, activity.personId)
    // The badges that the activity brought were given in its own transaction, so their time by the database's clock
    // is the same.
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
  const all = await settleProgress(tx, { goods, setting, base }, new Map([[activity.personId, activity.bot]]))
  const settled = all.get(activity.personId)!
  return { activity: fresh, repeated: false, progress: settled, newBadges: settled.newBadges }
}

/**
 * A person's activities, newest first.
 * @param page.before the id of the last activity that the caller has seen
 * @param page.bot only activities of this bot
 */
export function activities(
  sql: Sql,
  personId: bigint,
  page: { limit: number; before?: bigint; bot?: string },
): Promise<Activity[]> {
  let all = balanceApiSql.selectFrom('activities').select(columns).where('person_id', '=', personId)
  if (page.bot !== undefined) all = all.where('bot', '=', page.bot)
  if (page.before !== undefined) all = all.where('id', '<', page.before)
  return sql.rows(all.orderBy('id', 'desc').limit(page.limit))
}

const columns = [
  ...(['id', 'kind', 'xp', 'data', 'bot', 'created_at as createdAt'] as const),
  q<number | null>`score::float8`.as('score'),
] as const

function digestOf({ personId, kind, score, xp, data }: NewActivity): string {
  const words = writeJson([String(personId), kind, score ?? null, xp ?? null, data ?? {}])
  return createHash('sha256').update(words).digest('base64url')
}
