import { words } from './words.ts'

/** A failure, in the shop's words. */
export class Problem extends Error {
  readonly code: string
  constructor(code: string, detail: string) {
    super(detail)
    this.code = code
  }
}

const PATIENCE_MS = 20_000

/** Asks the shop. @throws Problem */
export async function ask(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
  } catch {
    throw new Problem('offline', words().offline)
  }
  if (response.ok) return await response.json().catch(() => ({}))
  throw await problemOf(response)
}

export async function problemOf(response: Response): Promise<Problem> {
  const answer = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  return new Problem(answer.code ?? 'offline', answer.detail ?? words().offline)
}

/**
 * Makes a session's key of 32 random bytes. The page makes the key itself, so that asking again after a lost answer
 * opens the same session.
 */
export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '')
}
