import { databaseIsDown } from '#shared/db/errors.ts'
import { Transient, UserError, errorKey } from '#shared/errors.ts'
import { readHtml } from '#shared/i18n/html.ts'
import type { Reader } from '#shared/reader.ts'

/** Status codes of errors that are not 422, "it cannot be done". */
const STATUS: Record<string, number> = {
  'web.request': 400,
  'web.too-long': 400,
  'web.too-large': 413,
  'web.forged': 401,
  'web.stale': 401,
  'web.used': 401,
  'web.over': 401,
  'panel.link': 401,
  'panel.over': 401,
  'panel.role': 403,
  'panel.elsewhere': 403,
  'panel.confirm': 403,
  'panel.asked': 429,
  'panel.filter': 400,
  'panel.file': 429,
  'admin.not-found': 404,
  'admin.no-person': 404,
  'admin.role': 403,
  'admin.not-served': 404,
  'bot.not-yours': 404,
  'setting.all-bots': 403,
  'web.banned': 403,
  'web.paused': 403,
  'web.closed': 403,
  'web.news': 403,
  'web.unknown': 404,
  'web.often': 429,
  'recipient.often': 429,
  'files.too-many': 429,
  'web.failed': 500,
  'web.away': 503,
}

export interface WebProblem {
  status: number
  code: string
  /** The sentence for people, in their language. */
  detail: string
  /** The field of the request that does not fit. */
  field: string | undefined
}

const NAMES_FIELD = new Set(['web.request', 'web.too-long'])

/**
 * The problem that a page shows for an error.
 * @returns a problem with code `web.failed` when the error is a bug of ours
 */
export function webProblem({ t }: Pick<Reader, 't'>, error: unknown): WebProblem {
  const { code, params } = meaningOf(error)
  const detail = readHtml(t(errorKey(code), params)).text
  const field = NAMES_FIELD.has(code) ? params?.['field'] : undefined
  return { status: STATUS[code] ?? 422, code, detail, field: field === undefined ? undefined : String(field) }
}

function meaningOf(error: unknown): UserError {
  if (error instanceof UserError) return error
  if (error instanceof Transient || databaseIsDown(error)) return new UserError('web.away')
  const { statusCode } = error as { statusCode?: number }
  return new UserError(statusCode !== undefined && statusCode < 500 ? 'web.request' : 'web.failed')
}
