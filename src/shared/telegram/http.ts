import { HttpError, InputFile } from 'grammy'
import type { Transformer } from 'grammy'
import { Agent, request } from 'undici'

/** One for all bots of the process; an idle connection is kept for as long as Telegram's own server surely does. */
const connections = new Agent({ keepAliveTimeout: 20_000 })

/**
 * The last step of a call when it carries no file, in place of grammY's fetch, which costs 0.6 ms a call: JSON over kept
 * connections. Errors and answers are grammY's own; files go its way.
 */
export function overKeptConnections(token: string, apiRoot: string, timeoutSeconds: number): Transformer {
  const timeout = timeoutSeconds * 1000
  return async (withFiles, method, payload, signal) => {
    if (carriesFile(method, payload)) return await withFiles(method, payload, signal)
    try {
      const { body } = await request(`${apiRoot}/bot${token}/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        // As grammY does it: what is null is left out.
        body: JSON.stringify(payload, (_key, value: unknown) => value ?? undefined),
        dispatcher: connections,
        headersTimeout: timeout,
        bodyTimeout: timeout,
        ...(signal && { signal: signal as AbortSignal }),
      })
      return (await body.json()) as never
    } catch (error) {
      throw new HttpError(`Network request for '${method}' failed!`, withCode(error))
    }
  }
}

/** An error whose text has its code as well: of several addresses that were tried only the code is told. */
function withCode(error: unknown): Error {
  const { code = 'failed', message = '' } = error as { code?: string; message?: string }
  return new Error(`${code} ${message}`, { cause: error })
}

/** Texts and answers to presses are nearly all calls, with keyboards that cost as much to walk through as to write. */
const WITHOUT_FILES = new Set([
  'sendMessage',
  'editMessageText',
  'editMessageReplyMarkup',
  'answerCallbackQuery',
])

const carriesFile = (method: string, payload: object): boolean =>
  !WITHOUT_FILES.has(method) && holdsFile(payload)

function holdsFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof InputFile || Object.values(value).some(holdsFile)
}
