/**
 * A subject, a dot, what is wrong with it. The compiler refuses a plain `string`, so a code that comes in a variable has
 * a union of the codes as its type, where `tests/unit/texts.test.ts` sees that each has its text.
 */
type ErrorCode = `${string}.${string}`

/**
 * What a failed call means for the work that made it. Everything that is none of these is a bug and alarms.
 *
 *   UserError       the person's input is wrong: they get the text `errorKey` names, nothing happens
 *   Transient       nothing happened outside, trying again later is safe
 *   Rejected        the other side said no for good; `code` picks the person's text
 *   UnknownOutcome  it may have happened: look up, never repeat blindly
 */
export class UserError extends Error {
  readonly code: ErrorCode
  readonly params: Record<string, string | number>

  constructor(code: ErrorCode, params: Record<string, string | number> = {}) {
    super(`${code} ${JSON.stringify(params)}`)
    this.name = 'UserError'
    this.code = code
    this.params = params
  }
}

/** The text for a code: `sale.below-cost` is told by `error-sale-below-cost`. */
export const errorKey = (code: string): string => `error-${code.replaceAll('.', '-')}`

export class Transient extends Error {
  /** How long the other side asked us to wait, ms. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause })
    this.name = 'Transient'
    this.retryAfterMs = options.retryAfterMs
  }
}

export class Rejected extends Error {
  readonly code: string

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'Rejected'
    this.code = code
  }
}

export class UnknownOutcome extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'UnknownOutcome'
  }
}

/** The text of any thrown value, with its chain of causes. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`
}
