import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { sameText } from '#shared/secrets.ts'
import { readJson } from '#shared/storable.ts'

/** What Telegram signed longer ago than this opens nothing. */
export const FRESH_SECONDS = 3_600
/** Telegram's clock may be ahead of ours by this much. */
const AHEAD_SECONDS = 60
/** Telegram's own is below 2 KiB. */
const LONGEST = 8_192

const user = z.object({
  id: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  first_name: z.string().max(256).default(''),
  last_name: z.string().max(256).optional(),
  username: z.string().max(64).optional(),
  language_code: z.string().max(35).optional(),
  is_premium: z.boolean().optional(),
})
export type SignedUser = z.infer<typeof user>

/**
 * Whom Telegram says that it has opened this bot's Mini App for. The signature is made with the bot's own token, so what
 * was signed for another bot is as good as made up (core.telegram.org/bots/webapps, "Validating data").
 * @param now milliseconds
 * @throws UserError `web.forged`, `web.stale`
 */
export function readInitData(
  text: string,
  token: string,
  now = Date.now(),
): { user: SignedUser; signature: string } {
  const fields = [...new URLSearchParams(text.length <= LONGEST ? text : '')]
  const names = new Set(fields.map(([name]) => name))
  const value = (name: string) => fields.find(([one]) => one === name)?.[1] ?? ''
  const signature = value('hash')
  const key = createHmac('sha256', 'WebAppData').update(token).digest()
  const signed = fields
    .filter(([name]) => name !== 'hash')
    .map(([name, one]) => `${name}=${one}`)
    .toSorted()
    .join('\n')
  const expected = createHmac('sha256', key).update(signed).digest('hex')
  // A field that is there twice would be read in one way here and in another there.
  if (names.size < fields.length || !sameText(signature, expected)) throw new UserError('web.forged')

  const age = now / 1000 - Number(value('auth_date') || Number.NaN)
  if (!(age <= FRESH_SECONDS && age >= -AHEAD_SECONDS)) throw new UserError('web.stale')
  return { user: readUser(value('user')), signature }
}

function readUser(text: string): SignedUser {
  try {
    return user.parse(readJson(text))
  } catch {
    throw new UserError('web.forged')
  }
}
