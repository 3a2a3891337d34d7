import { databaseCode, databaseIsDown, violatedConstraint } from '#shared/db/errors.ts'
import { Transient, UserError } from '#shared/errors.ts'
import { ReferenceConflict } from '#shared/money/ledger.ts'

/** An answer as RFC 9457 describes it: `code` is for programs, `detail` for people. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Record<string, string>

  constructor(status: number, code: string, detail: string, headers: Record<string, string> = {}) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'The key is missing or not valid',
  403: 'The key may not do this',
  404: 'Not found',
  409: 'Conflict',
  412: 'Somebody else changed it',
  413: 'The request is too large',
  422: 'It cannot be done',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Try again later',
}

export function problemBody(problem: Problem): Record<string, unknown> {
  return {
    type: `urn:telekassa:problem:${problem.code}`,
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    code: problem.code,
  }
}

const PROMO: Record<string, [number, string]> = {
  'promo.unknown': [404, 'There is no such code'],
  'promo.expired': [422, 'The code has expired'],
  'promo.early': [422, 'The code is not valid yet'],
  'promo.other-bot': [422, 'The code is for another bot'],
  'promo.used': [409, 'This person has used the code already'],
  'promo.used-up': [422, 'The code has no uses left'],
  'promo.first-only': [422, 'The code is for the first purchase only'],
  'promo.own': [422, 'This person made the code, or was invited by who made it'],
  'promo.conflict': [409, 'The Idempotency-Key belongs to another request'],
}

const CODE: Record<string, [number, string]> = {
  'code.unknown': [404, 'There is no such code'],
  'code.used': [409, 'The code was used before'],
  'code.withdrawn': [422, 'The code was withdrawn: the shop gave the money back or made another one'],
  'code.conflict': [409, 'The Idempotency-Key belongs to another code'],
}

const USER_ERRORS: Record<string, [number, string]> = {
  ...PROMO,
  ...CODE,
  'balance.insufficient': [422, 'The available balance is too small'],
  'amount.invalid': [400, 'amount is not a decimal number with at most as many digits as its asset has'],
  'amount.range': [400, 'amount is too large'],
  'activity.conflict': [409, 'The Idempotency-Key belongs to another request'],
}

/**
 * The answer that a failure means for the caller.
 * @returns undefined when the failure is a bug of ours
 */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (error instanceof UserError) {
    const known = USER_ERRORS[error.code]
    return known && new Problem(known[0], error.code.replaceAll('.', '-'), known[1])
  }
  if (error instanceof ReferenceConflict) {
    return new Problem(409, 'idempotency-conflict', 'The Idempotency-Key belongs to another request')
  }
  // Every table refers to persons, so writing about an unknown person fails there. No question in advance is needed.
  if (/_person_id_fkey$|_person_id_foreign$/.test(violatedConstraint(error) ?? '')) return unknownPerson()
  // The number is out of range: no wallet holds more than 2^63 minor units.
  if (databaseCode(error) === '22003') {
    return new Problem(422, 'balance-limit', 'The balance would be larger than a balance can be')
  }
  if (error instanceof Transient || databaseIsDown(error)) {
    return new Problem(
      503,
      'unavailable',
      'The database is away; nothing was changed that an answer would tell of',
      {
        'retry-after': '2',
      },
    )
  }
  const status = (error as { statusCode?: number }).statusCode
  if (status !== undefined && status >= 400 && status < 500) {
    return new Problem(status, 'request-invalid', (error as Error).message)
  }
  return undefined
}

export function unknownPerson(): Problem {
  return new Problem(404, 'person-unknown', 'There is no such person; PUT /v1/users/{telegramId} creates one')
}
