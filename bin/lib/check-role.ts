import pg from 'pg'
import { wayToDatabase } from '#shared/db/address.ts'
import { CannotStart } from './cannot-start.ts'
import { fail, ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

/** Tables that nobody may change afterwards, also not a thief of the shop's password. */
const GUARDED = ['postings', 'entries', 'wallets', 'audit_log', 'audit_chain', 'money_decisions']

/**
 * Whether the shop's role could switch off the triggers that guard the books: a superuser can, and so can the owner
 * of the tables.
 * @returns what is wrong and what to do, in a sentence
 */
export async function roleProblem(databaseUrl: string): Promise<string | undefined> {
  const client = new pg.Client({ ...(await wayToDatabase(databaseUrl)), connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ role: string; superuser: boolean; owns: boolean }>(
      `select current_user as role, (select rolsuper from pg_roles where rolname = current_user) as superuser,
              -- Who owns the schema drops what is in it.
              coalesce((select bool_or(pg_has_role(current_user, c.relowner, 'usage')
                                       or pg_has_role(current_user, n.nspowner, 'usage'))
                        from pg_class c join pg_namespace n on n.oid = c.relnamespace
                        where c.oid = any(array(select to_regclass(name) from unnest($1::text[]) as name))), false)
                or has_parameter_privilege(current_user, 'session_replication_role', 'set') as owns`,
      [GUARDED],
    )
    const { role, superuser, owns } = rows[0]!
    if (!superuser && !owns) return undefined
    const why = superuser ? 'is a superuser' : 'owns the tables, their schema or the switch of all triggers'
    return `the role ${role} of DATABASE_URL ${why}, so whoever steals it can switch off the triggers that guard the books. Give MIGRATE_DATABASE_URL that role and DATABASE_URL another name and password, and run npm run migrate: it makes that role and grants what the shop needs. On a machine of your own ALLOW_OWNER_ROLE=true lets it be.`
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Stops the start on a database of the operator's when its role could change the books, because an oversight there
 * would cost real money.
 * @throws CannotStart with what to do, unless the settings allow it
 */
export async function demandRole(
  databaseUrl: string,
  allowed: boolean,
  warnOf: (sentence: string) => void,
): Promise<void> {
  const problem = await roleProblem(databaseUrl)
  if (problem && !allowed) throw new CannotStart(`the database cannot be used: ${problem}`)
  if (problem) warnOf(problem)
}

/** The same check for the doctor, about a database of the operator's. */
export async function checkRole(databaseUrl: string, allowed: boolean): Promise<Finding> {
  try {
    const problem = await roleProblem(databaseUrl)
    return problem
      ? (allowed ? warn : fail)('database role', problem)
      : ok('database role', 'cannot switch off the triggers that guard the books')
  } catch (error) {
    return fail('database role', `PostgreSQL does not answer: ${(error as Error).message}`)
  }
}
