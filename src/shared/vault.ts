import { NOW } from './db/build.ts'
import type { Sql } from './db/db.ts'
import { sharedSql } from './tables.ts'
import type { Secrets } from './secrets.ts'

/** Reads a secret of the database; undefined when there is none of this name. */
export async function readSecret(sql: Sql, secrets: Secrets, name: string): Promise<string | undefined> {
  const [row] = await sql.rows(sharedSql.selectFrom('secrets').select('ciphertext').where('name', '=', name))
  return row && secrets.decrypt(name, row.ciphertext)
}

export async function writeSecret(sql: Sql, secrets: Secrets, name: string, text: string): Promise<void> {
  const ciphertext = secrets.encrypt(name, text)
  await sql.rows(
    sharedSql
      .insertInto('secrets')
      .values({ name, ciphertext })
      .onConflict((there) => there.column('name').doUpdateSet({ ciphertext, updated_at: NOW })),
  )
}

export async function dropSecret(sql: Sql, name: string): Promise<void> {
  await sql.rows(sharedSql.deleteFrom('secrets').where('name', '=', name))
}

/** Reads a secret and makes it if it does not exist; two callers at the same time get the same one. */
export async function keepSecret(
  sql: Sql,
  secrets: Secrets,
  name: string,
  make: () => string,
): Promise<string> {
  const known = await readSecret(sql, secrets, name)
  if (known !== undefined) return known
  await sql.rows(
    sharedSql
      .insertInto('secrets')
      .values({ name, ciphertext: secrets.encrypt(name, make()) })
      .onConflict((there) => there.column('name').doNothing()),
  )
  return (await readSecret(sql, secrets, name))!
}

/**
 * Seals every secret again with the current key. A secret that somebody writes meanwhile is already sealed with it.
 * @returns how many secrets were sealed again
 * @throws when one opens with none of the keys: then nothing has been changed
 */
export async function resealSecrets(sql: Sql, secrets: Secrets): Promise<number> {
  const rows = await sql.rows(sharedSql.selectFrom('secrets').select(['name', 'ciphertext']))
  const opened = rows.map(({ name, ciphertext }) => ({
    name,
    ciphertext,
    sealed: secrets.encrypt(name, opens(secrets, name, ciphertext)),
  }))
  let count = 0
  for (const { name, ciphertext, sealed } of opened) {
    const changed = await sql.rows(
      sharedSql
        .updateTable('secrets')
        .set({ ciphertext: sealed })
        .where('name', '=', name)
        .where('ciphertext', '=', ciphertext)
        .returning('name'),
    )
    count += changed.length
  }
  return count
}

/** Names of the secrets that no key opens. */
export async function unreadableSecrets(sql: Sql, secrets: Secrets): Promise<string[]> {
  const rows = await sql.rows(sharedSql.selectFrom('secrets').select(['name', 'ciphertext']).orderBy('name'))
  return rows.flatMap(({ name, ciphertext }) => {
    try {
      secrets.decrypt(name, ciphertext)
      return []
    } catch {
      return [name]
    }
  })
}

function opens(secrets: Secrets, name: string, ciphertext: Uint8Array): string {
  try {
    return secrets.decrypt(name, ciphertext)
  } catch (error) {
    throw new Error(`the secret ${name} opens with neither ENCRYPTION_KEY nor ENCRYPTION_OTHER_KEY`, {
      cause: error,
    })
  }
}

/** The part of a secret that may be shown: its last characters, at most a quarter of it. */
export function lastCharacters(secret: string, count = 4): string {
  const shown = Math.min(count, Math.floor(secret.length / 4))
  return shown === 0 ? '…' : `…${secret.slice(-shown)}`
}
