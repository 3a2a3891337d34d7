import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { sameText } from '#shared/secrets.ts'
import { readJson } from '#shared/storable.ts'

/** Data that Telegram signed longer ago than this open no session. */
export const FRESH_SECONDS = 3_600
/** How far Telegram's clock may be ahead of ours. */
const AHEAD_SECONDS = 60
/** The longest text that is accepted; Telegram's own is below 2 KiB. */
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
 * Reads for whom Telegram opened this bot's Mini App. The signature uses the bot's own token, so data signed for
 * another bot count as forged (core.telegram.org/bots/webapps, "Validating data").
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
  // Data with a repeated field are refused, because two programs might read different values from them.
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
