import { sql as q } from 'kysely'
import type { Sql } from '../db/db.ts'
import type { Secrets } from '../secrets.ts'

/** A secret at rest; undefined when there is none by this name. */
export async function readSecret(sql: Sql, secrets: Secrets, name: string): Promise<string | undefined> {
  const [row] = await sql.rows(q<{ ciphertext: Buffer }>`select ciphertext from secrets where name = ${name}`)
  return row && secrets.decrypt(name, row.ciphertext)
}

export async function writeSecret(sql: Sql, secrets: Secrets, name: string, text: string): Promise<void> {
  const sealed = secrets.encrypt(name, text)
  await sql.rows(q`
    insert into secrets (name, ciphertext) values (${name}, ${sealed})
    on conflict (name) do update set ciphertext = excluded.ciphertext, updated_at = now()`)
}

/** What may be shown of a secret: its last characters, never more than a quarter of it. */
export function lastCharacters(secret: string, count = 4): string {
  const shown = Math.min(count, Math.floor(secret.length / 4))
  return shown === 0 ? '…' : `…${secret.slice(-shown)}`
}
