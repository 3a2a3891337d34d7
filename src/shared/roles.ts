import { NOW } from './db/build.ts'
import type { Sql } from './db/db.ts'
import { sharedSql } from './tables.ts'

/** The roles from the weakest to the strongest: each may also do what the earlier ones may. */
export const ROLES = ['read-only', 'support', 'admin', 'owner'] as const
/**
 * read-only: looks. support: also writes to people and bans them. admin: also moves money, sends mailings and exports.
 * owner: also changes settings and gives roles. The admins named in the deployment's settings are always owners.
 */
export type Role = (typeof ROLES)[number]

/** Whether a role is at least `minimum`. */
export function allows(role: Role | undefined, minimum: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(minimum)
}

export interface AdminRow {
  personId: bigint
  role: Role
  username: string | null
  firstName: string
  addedBy: bigint
}

/** People to whom a role was given in this bot; owners named in the settings are not included. */
export function adminRows(sql: Sql, bot: string): Promise<AdminRow[]> {
  return sql.rows(
    sharedSql
      .selectFrom('admins as a')
      .innerJoin('persons as p', 'p.id', 'a.person_id')
      .select([
        'a.person_id as personId',
        'a.role',
        'p.username',
        'p.first_name as firstName',
        'a.added_by as addedBy',
      ])
      .where('a.bot', '=', bot)
      .orderBy('a.added_at'),
  )
}

/** Gives or changes a role; undefined removes it. The caller writes the audit line. */
export async function setRole(
  tx: Sql,
  change: { bot: string; personId: bigint; role: Role | undefined; by: bigint },
): Promise<void> {
  const { bot, personId, role, by } = change
  const gone = sharedSql.deleteFrom('admins').where('bot', '=', bot).where('person_id', '=', personId)
  if (role === undefined) return void (await tx.rows(gone))
  await tx.rows(
    sharedSql
      .insertInto('admins')
      .values({ bot, person_id: personId, role, added_by: by })
      .onConflict((there) =>
        there.columns(['bot', 'person_id']).doUpdateSet({ role, added_by: by, added_at: NOW }),
      ),
  )
}

/** Everybody with at least this role in the bot, including owners named in the settings. */
export async function adminsOf(
  sql: Sql,
  bot: { name: string; admins: readonly bigint[] },
  minimum: Role,
): Promise<bigint[]> {
  const rows = await adminRows(sql, bot.name)
  const given = rows.filter(({ role }) => allows(role, minimum)).map(({ personId }) => personId)
  return [...new Set([...bot.admins, ...given])]
}
