/** The SQLSTATE of a database error, wherever in the chain of causes it is. */
export function databaseCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code
  }
  return undefined
}

/** The name of the constraint that a database error is about. */
export function violatedConstraint(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const constraint = (at as { constraint?: unknown }).constraint
    if (typeof constraint === 'string') return constraint
  }
  return undefined
}

/**
 * True when the database could not be reached, is starting or shutting down, has no free connection, or takes no
 * writes (25006: a standby, or set read-only). Nothing was decided then, so the caller tries again later. Supabase's
 * pooler has no code for "full", so its text is matched.
 */
export function databaseIsDown(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code
    if (
      typeof code === 'string' &&
      /^(ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|57P0[1235]|25006|08|53[13]00)/.test(code)
    ) {
      return true
    }
    if (
      /timeout exceeded when trying to connect|Query read timeout|Connection terminated|terminating connection|is not queryable|max clients reached/i.test(
        at.message,
      )
    ) {
      return true
    }
  }
  return false
}

/** Whether a statement was given up because no answer came in time: the database may well be there. */
export function isUnanswered(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (/Query read timeout/.test(at.message)) return true
  }
  return false
}

/** Whether the database answers and takes no writes: its disk is full, or it is a standby or was set read-only. */
export const refusesWrites = (error: unknown): boolean =>
  ['53100', '25006'].includes(databaseCode(error) ?? '')
