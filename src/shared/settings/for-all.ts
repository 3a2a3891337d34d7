import { allows } from '../roles.ts'
import type { Role } from '../roles.ts'
import type { Context } from '../context.ts'
import { ago, anyOf, literal } from '../db/build.ts'
import type { Sql } from '../db/db.ts'
import { botsWithRole } from '../owners.ts'

/** A bot that no deployment has served for so long was dropped from their settings. */
const DROPPED_DAYS = 7

/**
 * Whether somebody may change what holds for all bots: who has this role in each of them or in the one it was added
 * through, or whom the deployment's settings name for their first bot. Without the latter nobody could, once two bots
 * have different owners. Bots of other deployments on this database count while somebody serves them, projects that only
 * use the API do not.
 */
export async function mayChangeForAll(
  sql: Sql,
  { config, bots }: Pick<Context, 'config' | 'bots'>,
  personId: bigint,
  minimum: Role = 'owner',
): Promise<boolean> {
  if (config.bots[0]?.admins.includes(personId)) return true
  const rows = await sql.rows(
    botsWithRole(personId).where((are) =>
      are.or([
        are('b.name', '=', anyOf([...bots.keys()])),
        are.and([
          are('b.telegram_id', 'is not', null),
          are('b.state', '<>', literal('removed')),
          are('b.served_at', '>', ago(DROPPED_DAYS, 'day')),
        ]),
      ]),
    ),
  )
  const roles = new Map(rows.map(({ name, role }) => [name, role ?? undefined]))
  const may = (name: string | null): boolean =>
    name !== null && (bots.get(name)?.isAdmin(personId) || allows(roles.get(name), minimum))
  return rows.every(({ name, home }) => may(name) || may(home))
}
