import type { Db } from '#shared/db/db.ts'
import { KEY_ENDS_DAYS, listKeys } from '#shop/balance-api/keys.ts'
import { ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

/** Finds keys that a thief could use without end or limit, and keys that are about to end. */
export async function checkKeys(db: Db): Promise<Finding[]> {
  const now = Date.now()
  const valid = (await listKeys(db)).filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && (expiresAt === null || expiresAt.getTime() > now),
  )
  const free = valid.filter(
    ({ scopes, expiresAt, mostPerEntry, mostPerDay }) =>
      expiresAt === null || (scopes.includes('write') && (mostPerEntry === null || mostPerDay === null)),
  )
  const ending = valid.filter(
    ({ expiresAt }) => expiresAt !== null && expiresAt.getTime() < now + KEY_ENDS_DAYS * 86_400_000,
  )
  const named = (keys: typeof valid) => keys.map(({ id, bot }) => `${id} (${bot})`).join(', ')
  if (free.length + ending.length === 0)
    return [ok('api keys', `${valid.length}, each with an end and limits`)]
  return [
    ...(free.length > 0
      ? [warn('api keys', `without an end or a limit: ${named(free)}. Make new ones and revoke these`)]
      : []),
    ...(ending.length > 0
      ? [
          warn(
            'api keys',
            `end within ${KEY_ENDS_DAYS} days: ${named(ending)}. Make new ones: npm run api-key`,
          ),
        ]
      : []),
  ]
}
