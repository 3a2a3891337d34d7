import { words } from './words.ts'

/** A failure, in the shop's words. */
export class Problem extends Error {
  readonly code: string
  /** The field of the request that does not fit, if the shop names one. */
  readonly field: string | undefined
  /** The status of the answer; 0 = none came. */
  readonly status: number
  constructor(code: string, detail: string, { field, status = 0 }: { field?: string; status?: number } = {}) {
    super(detail)
    this.code = code
    this.field = field
    this.status = status
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
  const { code = 'offline', detail = words().offline, field } = answer
  return new Problem(code, detail, { status: response.status, ...(field !== undefined && { field }) })
}

/** Time for 20 MB at 1 Mbit a second. */
const UPLOAD_MS = 200_000

/** What a sender of files is told: the part of the file that has left, from 0 to 1. */
export type Sent = (share: number) => void

/** Sends a file as it is. Only the older interface of browsers tells how much has left. @throws Problem */
export async function sendFile(
  path: string,
  file: Blob,
  headers: Record<string, string>,
  sent?: Sent,
): Promise<unknown> {
  const request = new XMLHttpRequest()
  request.open('POST', path)
  request.timeout = UPLOAD_MS
  for (const [name, value] of Object.entries({ ...headers, 'content-type': 'application/octet-stream' }))
    request.setRequestHeader(name, value)
  sent?.(0)
  request.upload.addEventListener('progress', ({ loaded, total }) => sent?.(loaded / total))
  await new Promise((ended) => {
    request.addEventListener('loadend', ended)
    request.send(file)
  })
  if (request.status === 0) throw new Problem('offline', words().offline)
  const response = new Response(request.responseText, { status: request.status })
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
