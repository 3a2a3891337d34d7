import { z } from 'zod'
import { audit } from '#shared/audit.ts'
import { explain, Rejected } from '#shared/errors.ts'
import type { Sql } from '#shared/db/db.ts'
import { readJson } from '#shared/storable.ts'
import { dropSecret, readSecret, writeSecret } from '#shared/vault.ts'
import { asLogin, keptCredentials, readCredentials, saveCredential } from './connection.ts'
import type { ConnectionContext, KeptCredentials } from './connection.ts'
import { login } from './reseller/login.ts'
import type { Login } from './reseller/login.ts'
import { NO_TOKEN } from './reseller/token-store.ts'
import { resellerTerms } from './settings.ts'
import { databaseTokenStore } from './token-store.ts'

/*
 * Buyers pay for orders while an admin types, so a credential is used only after the reseller has let us in with it:
 * until then the ones of before stay. An account that changes as a whole has three of them, which are typed one after
 * another and let nobody in before the last one. So what was refused is kept for an hour, and tried again together with
 * what is typed next.
 */

const TYPED = 'fragment-credentials-typed'
const KEPT_MS = 3_600_000
/** The admin waits for two of them at most, within the minute that an update has. */
const LOGIN_MS = 20_000

const typed = z.object({ at: z.number(), values: keptCredentials })

/** `works` = it is in use from now on; `saved` = it is too, but without the others nobody can log in. */
export type Tried = { is: 'works' | 'saved' } | { is: 'refused' | 'away'; details: string }

/** @param by who typed it, and in which bot */
export async function tryCredential(
  context: ConnectionContext,
  field: keyof KeptCredentials,
  value: string,
  by: { personId: bigint; bot: string },
): Promise<Tried> {
  const { db, secrets, config, settings } = context
  const [present, earlier, { walletVersion }] = await Promise.all([
    readCredentials(db, secrets, config.fragment),
    readTyped(context),
    settings.get(resellerTerms),
  ])
  const note = (tx: Sql) =>
    audit(tx, { actor: by.personId, bot: by.bot, action: 'fragment.credentials', target: field })
  const together = { ...earlier, [field]: value }
  const sets = Object.keys(together).length > 1 ? [{ [field]: value }, together] : [together]
  let refused: Tried | undefined
  for (const fresh of sets) {
    const credentials = asLogin({ ...present, ...fresh }, walletVersion)
    if (!credentials) continue
    // The workers' own logins wait meanwhile: a new token may end the one before.
    const outcome = await databaseTokenStore(db, secrets).withLock(async () => {
      try {
        const token = await login(config.fragment.apiUrl, credentials, LOGIN_MS)
        await use(context, fresh, { token, note })
        return { is: 'works' } as const
      } catch (error) {
        return { is: error instanceof Rejected ? 'refused' : 'away', details: explain(error) } as const
      }
    })
    if (outcome.is === 'works') return outcome
    refused = outcome
  }
  if (!refused) {
    await use(context, { [field]: value }, { note })
    return { is: 'saved' }
  }
  await db.tx(async (tx) => {
    await writeSecret(tx, secrets, TYPED, JSON.stringify({ at: Date.now(), values: together }))
    await note(tx)
  })
  return refused
}

/** What was typed within the last hour and has let nobody in. */
async function readTyped({ db, secrets }: ConnectionContext): Promise<KeptCredentials> {
  const text = await readSecret(db, secrets, TYPED)
  const found = text === undefined ? undefined : typed.parse(readJson(text))
  return found && Date.now() - found.at < KEPT_MS ? found.values : {}
}

async function use(
  { db, secrets }: ConnectionContext,
  fresh: KeptCredentials,
  { token, note }: { token?: Login; note: (tx: Sql) => Promise<unknown> },
): Promise<void> {
  await db.tx(async (tx) => {
    for (const [field, value] of Object.entries(fresh))
      await saveCredential(tx, secrets, field as keyof KeptCredentials, value)
    if (token) await dropSecret(tx, TYPED)
    await note(tx)
  })
  if (token) await databaseTokenStore(db, secrets).save({ ...NO_TOKEN, ...token })
}
