import { NOW } from './db/build.ts'
import type { Sql } from './db/db.ts'
import { sharedSql } from './tables.ts'

/** From the least to the most: each may do what those before it may. */
export const ROLES = ['read-only', 'support', 'admin', 'owner'] as const
/**
 * read-only looks; support also writes to people and bans them; admin also moves money, mails and exports; owner also
 * changes settings and gives roles. The admins that the deployment's settings name are owners and stay it.
 */
export type Role = (typeof ROLES)[number]

/** Whether somebody with this role may do what asks for at least `minimum`. */
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

/** Who was given a role in this bot; owners by the settings are not among them. */
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

/** Gives or changes a role; undefined takes it away. The audit line is the caller's. */
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

/** Everybody who may do what asks for at least this role in this bot, owners by the settings included. */
export async function adminsOf(
  sql: Sql,
  bot: { name: string; admins: readonly bigint[] },
  minimum: Role,
): Promise<bigint[]> {
  const rows = await adminRows(sql, bot.name)
  const given = rows.filter(({ role }) => allows(role, minimum)).map(({ personId }) => personId)
  return [...new Set([...bot.admins, ...given])]
}
