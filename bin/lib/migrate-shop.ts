import pg from 'pg'
import { readDatabaseAddress, wayToDatabase } from '#shared/db/address.ts'
import { migrate } from '#shared/db/migrate.ts'

/** Tables that only triggers write, with the rights of the tables' owner. */
const BY_TRIGGERS = ['audit_chain', 'wallets']

/**
 * Brings the schema up to date under the role that owns it, and gives the shop's own role its rights where that is
 * another role.
 * @returns the migrations that were applied, and the role that got its rights
 */
export async function migrateShop(
  { databaseUrl, migrateDatabaseUrl }: { databaseUrl: string; migrateDatabaseUrl?: string },
  say: (line: string) => void = () => {},
): Promise<{ applied: string[]; granted?: string }> {
  const applied = await migrate(migrateDatabaseUrl ?? databaseUrl, { say })
  const granted = migrateDatabaseUrl && (await grantToShop(migrateDatabaseUrl, databaseUrl))
  return { applied, ...(granted && { granted }) }
}

/**
 * Gives the shop's role its rights in a schema that another role migrates; it may not truncate, make triggers or
 * change the schema. Makes the role where it is missing, with the password of its address.
 * @returns the role, or undefined where both roles are one
 */
async function grantToShop(migrateUrl: string, databaseUrl: string): Promise<string | undefined> {
  const { user: role = '', password = '' } = readDatabaseAddress(databaseUrl)
  const client = new pg.Client(await wayToDatabase(migrateUrl))
  await client.connect()
  try {
    const { rows } = await client.query<{ me: string; there: boolean }>(
      'select current_user as me, exists (select from pg_roles where rolname = $1) as there',
      [role],
    )
    if (role === '' || rows[0]!.me === role) return undefined
    const to = pg.escapeIdentifier(role)
    if (!rows[0]!.there) await client.query(`create role ${to} login password ${pg.escapeLiteral(password)}`)
    await client.query(`
      grant usage on schema public to ${to};
      grant select, insert, update, delete on all tables in schema public to ${to};
      revoke insert, update, delete on ${BY_TRIGGERS.join(', ')} from ${to};
      -- Whoever may write none of a row's columns cannot lock it.
      grant update (updated_at) on wallets to ${to};
      grant usage, select on all sequences in schema public to ${to};
      grant execute on all functions in schema public to ${to}`)
    return role
  } finally {
    await client.end()
  }
}
