import { words } from './words.ts'

/** A failure, in the shop's words. */
export class Problem extends Error {
  readonly code: string
  /** The field of the request that does not fit, if the shop names one. */
  readonly field: string | undefined
  constructor(code: string, detail: string, field?: string) {
    super(detail)
    this.code = code
    this.field = field
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
  const answer = (await response.json().catch(() => ({}))) as {
    code?: string
    detail?: string
    field?: string
  }
  return new Problem(answer.code ?? 'offline', answer.detail ?? words().offline, answer.field)
}

/** Time for 20 MB at 1 Mbit a second. */
const UPLOAD_MS = 200_000

/** Sends a file as it is. @throws Problem */
export async function sendFile(path: string, file: Blob, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: file,
    signal: AbortSignal.timeout(UPLOAD_MS),
  }).catch(() => {
    throw new Problem('offline', words().offline)
  })
  if (!response.ok) throw await problemOf(response)
  return await response.json()
}

/** Loads a file. @throws Problem also when the file was cut off half-way */
export async function blobOf(path: string, headers: Record<string, string>): Promise<Blob> {
  try {
    const response = await fetch(path, { headers })
    if (!response.ok) throw await problemOf(response)
    return await response.blob()
  } catch (error) {
    throw error instanceof Problem ? error : new Problem('offline', words().offline)
  }
}

/** Gives a file to the browser, which asks where to put it or puts it among its downloads. */
export function saveAs(name: string, address: string): void {
  Object.assign(document.createElement('a'), { href: address, download: name }).click()
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
