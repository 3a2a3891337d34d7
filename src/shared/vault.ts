import { NOW } from './db/build.ts'
import type { Sql } from './db/db.ts'
import { sharedSql } from './tables.ts'
import type { Secrets } from './secrets.ts'

/** A secret at rest; undefined when there is none by this name. */
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

/** A secret that is made when it is first asked for; of two that ask at the same time both get the same one. */
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
 * Seals every secret anew with the key of today. One that somebody writes meanwhile is left to the writer.
 * @returns how many were sealed anew @throws when one opens with none of the keys: then nothing has been changed
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

/** Names of the secrets that open with none of the keys. */
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

/** What may be shown of a secret: its last characters, never more than a quarter of it. */
export function lastCharacters(secret: string, count = 4): string {
  const shown = Math.min(count, Math.floor(secret.length / 4))
  return shown === 0 ? '…' : `…${secret.slice(-shown)}`
}
