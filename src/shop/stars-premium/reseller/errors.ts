import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import type { Reply } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import { codedErrorsSchema, detailSchema, fieldErrorsSchema } from './schemas.ts'

/** The token was refused (401 or 403), so nothing was executed. This error does not leave this folder. */
export class TokenRefused extends Error {}

/** There is no valid token and none can be got now: orders wait until `retryAfterMs` has passed. */
export class LoginFailed extends Transient {}

/**
 * What a refusal with a known code means. `certain`: the vendor checks this before it buys. The others (general
 * error, TON network, TON connection, TON or Telegram in general) are worded so vaguely that money may have moved.
 */
const CODES: Record<string, { code: string; certain: boolean }> = {
  '0': { code: 'fragment.general', certain: false },
  '10': { code: 'fragment.network', certain: false },
  '11': { code: 'fragment.kyc', certain: true },
  '12': { code: 'fragment.connection', certain: false },
  '13': { code: 'fragment.general', certain: false },
  '20': { code: 'fragment.recipient-unknown', certain: true },
}
/** The fields that we send: an error about one of them was given before anything was bought. */
const FIELDS: Record<string, string> = {
  username: 'fragment.username-refused',
  quantity: 'fragment.quantity-refused',
  months: 'fragment.months-refused',
  show_sender: 'fragment.field-refused',
  currency: 'fragment.field-refused',
  response_url: 'fragment.field-refused',
  non_field_errors: 'fragment.field-refused',
}

/** Our wallet at the reseller has too little: the vendor's code 0 is general, so its text is matched. */
export const NOT_ENOUGH_FUNDS = 'fragment.wallet-empty'

/** The typed error of a 4xx answer to a call that had a valid token. `buys`: the call may move money. */
export function refusal(name: string, reply: Reply, buys: boolean): Error {
  const said = `${name} answered ${reply.status} ${reply.quote()}`
  const body = json(reply)
  const coded = codedErrorsSchema.safeParse(body)
  if (coded.success) {
    const { code, error } = coded.data.errors[0]!
    if (/not enough funds/i.test(error)) return new Rejected(NOT_ENOUGH_FUNDS, said)
    const known = CODES[code]
    return known && (known.certain || !buys) ? new Rejected(known.code, said) : doubt(said, buys)
  }
  const detail = detailSchema.safeParse(body)
  if (detail.success) return new Rejected(`http.${reply.status}`, said)
  const fields = fieldErrorsSchema.safeParse(body)
  const known = fields.success ? Object.keys(fields.data).map((field) => FIELDS[field]) : []
  return known[0] && !known.includes(undefined) ? new Rejected(known[0], said) : doubt(said, buys)
}

function doubt(said: string, buys: boolean): Error {
  return buys ? new UnknownOutcome(said) : new Rejected('fragment.general', said)
}

function json(reply: Reply): unknown {
  try {
    return readJson(reply.text())
  } catch {
    return undefined
  }
}
