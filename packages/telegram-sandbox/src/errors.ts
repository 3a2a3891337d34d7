/** A refusal as the Bot API words it; `description` is complete, with its "Bad Request: ". */
export class ApiError extends Error {
  readonly status: number
  readonly parameters: Record<string, unknown> | undefined
  constructor(status: number, description: string, parameters?: Record<string, unknown>) {
    super(description)
    this.status = status
    this.parameters = parameters
  }
}

/** A refusal with status 400. Its first letter is small, as the server writes it; codes in CAPS stay as they are. */
export const bad = (what: string) => {
  const code = /^[A-Z0-9_]+$/.test(what)
  return new ApiError(400, `Bad Request: ${code ? what : what.charAt(0).toLowerCase() + what.slice(1)}`)
}

export const forbidden = (what: string) => new ApiError(403, `Forbidden: ${what}`)

export const conflict = (what: string) => new ApiError(409, `Conflict: ${what}`)

export const tooMany = (retryAfter: number) =>
  new ApiError(429, `Too Many Requests: retry after ${retryAfter}`, { retry_after: retryAfter })
