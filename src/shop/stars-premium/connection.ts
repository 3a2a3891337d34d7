import { z } from 'zod'
import type { Context } from '#shared/context.ts'
import type { Config } from '#shared/config/config.ts'
import type { Sql } from '#shared/db/db.ts'
import { type ResellerClient, resellerClient } from './reseller/client.ts'
import type { Credentials } from './reseller/login.ts'
import type { Secrets } from '#shared/secrets.ts'
import { resellerTerms } from './settings.ts'
import { databaseTokenStore } from './token-store.ts'
import { readSecret, writeSecret } from '#shared/vault.ts'

const SECRET = 'fragment-credentials'
export const keptCredentials = z
  .object({ apiKey: z.string(), phoneNumber: z.string(), mnemonics: z.string() })
  .partial()
export type KeptCredentials = z.infer<typeof keptCredentials>

/** The credentials: what admins entered replaces what the environment says. */
export async function readCredentials(
  sql: Sql,
  secrets: Secrets,
  config: Config['fragment'],
): Promise<KeptCredentials> {
  const text = await readSecret(sql, secrets, SECRET)
  const own = text === undefined ? {} : keptCredentials.parse(JSON.parse(text))
  const { apiKey, phoneNumber, mnemonics } = config
  return {
    apiKey: own.apiKey ?? apiKey,
    phoneNumber: own.phoneNumber ?? phoneNumber,
    mnemonics: own.mnemonics ?? mnemonics,
  }
}

/** Stores one changed credential and keeps the others. */
export async function saveCredential(
  tx: Sql,
  secrets: Secrets,
  field: keyof KeptCredentials,
  value: string,
): Promise<void> {
  const text = await readSecret(tx, secrets, SECRET)
  const own = text === undefined ? {} : keptCredentials.parse(JSON.parse(text))
  await writeSecret(tx, secrets, SECRET, JSON.stringify({ ...own, [field]: value }))
}

/** Complete credentials, or undefined. The words of the phrase are separated by spaces or commas. */
export function asLogin(found: KeptCredentials, version: string): Credentials | undefined {
  const { apiKey, phoneNumber, mnemonics } = found
  if (!apiKey || !phoneNumber || !mnemonics) return undefined
  return { apiKey, phoneNumber, mnemonics: mnemonics.trim().split(/[\s,]+/), version }
}

export type ConnectionContext = Pick<Context, 'db' | 'config' | 'secrets' | 'settings'>

/**
 * The client with the present credentials: changed ones are used from the next call on.
 * @param onLoginFailed called once per failed login, not once per waiting order
 * @param trouble called when a call got no answer
 */
export function resellerConnection(
  context: ConnectionContext,
  onLoginFailed?: (failure: string) => Promise<void>,
  trouble?: () => void,
): () => Promise<ResellerClient> {
  const { db, config, secrets, settings } = context
  const store = databaseTokenStore(db, secrets)
  let current: { fingerprint: string; client: ResellerClient } | undefined
  return async () => {
    const { walletVersion } = await settings.get(resellerTerms)
    const credentials = asLogin(await readCredentials(db, secrets, config.fragment), walletVersion)
    const fingerprint = JSON.stringify(credentials ?? null)
    if (current?.fingerprint !== fingerprint) {
      const client = resellerClient({
        baseUrl: config.fragment.apiUrl,
        orderTimeoutMs: config.fragment.callTimeoutMs,
        credentials,
        store,
        presetJwt: config.fragment.jwtToken,
        onLoginFailed,
        trouble,
      })
      current = { fingerprint, client }
    }
    return current.client
  }
}
