import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { wayToDatabase } from '#shared/db/address.ts'
import { CannotStart } from './cannot-start.ts'
import type { Environment } from '#shared/config/config.ts'

const UNDEFINED_TABLE = '42P01'

/** Without a bot's token, in a variable or a file, everything outside is simulated. */
export function isSandbox(environment: Environment): boolean {
  const isSet = (name: string) => Boolean(environment[name]?.trim())
  return !['BOT_TOKEN', 'BOT_TOKEN_FILE', 'BOTS', 'BOTS_FILE'].some(isSet)
}

/**
 * Play money is in a folder of its own, so that it never becomes the real money of a shop that is started there
 * later.
 */
export function sandboxFolder(environment: Environment): string {
  return join(environment['DATA_DIR'] || '.data', 'sandbox')
}

/**
 * The settings of commands that run beside `npm start`. Where there is only a sandbox, the commands are about the
 * sandbox.
 */
export function besideSandbox(environment: Environment): Environment {
  const folder = sandboxFolder(environment)
  return isSandbox(environment) && existsSync(folder) ? { ...environment, DATA_DIR: folder } : environment
}

/**
 * Refuses to start a sandbox on the database of a shop. When its token got lost, a shop must not become a sandbox,
 * whose simulators would deliver its orders and refund its payments. Nothing is written before this check.
 * @param bots the sandbox's own bots
 * @throws when the database has a bot that is none of them
 */
export async function refuseRealShop(databaseUrl: string, bots: { token: string }[]): Promise<void> {
  const own = bots.map(({ token }) => token.split(':')[0])
  const client = new pg.Client(await wayToDatabase(databaseUrl))
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; username: string }>(
      // Bots that an owner added have a home. Early versions of the table had no such column.
      `select name, username from bots b
       where telegram_id <> all($1::bigint[]) and to_jsonb(b) ->> 'home' is null`,
      [own],
    )
    if (rows.length === 0) return
    const [{ name, username }] = rows as [(typeof rows)[0]]
    throw new CannotStart(
      `no bot token is set, so this would be the sandbox, and the database is that of a real shop (bot ${name}, @${username}). Set BOT_TOKEN or BOTS, or give the sandbox another DATABASE_URL.`,
    )
  } catch (error) {
    // A new database has no tables yet.
    if ((error as { code?: string }).code !== UNDEFINED_TABLE) throw error
  } finally {
    await client.end()
  }
}
