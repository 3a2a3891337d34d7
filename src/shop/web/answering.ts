import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { languageOf } from '#shared/i18n/languages.ts'
import { readJson } from '#shared/storable.ts'
import { pictureType } from '#shared/picture-type.ts'
import { webProblem } from './problem.ts'
import type { WebFile } from './route.ts'
import type { WebApp } from './visitor.ts'

/**
 * The JSON object of a request.
 * @throws UserError `web.request` when the body is no object
 */
export function bodyOf({ body }: FastifyRequest): object {
  if (!Buffer.isBuffer(body) || body.length === 0) return {}
  let value: unknown
  try {
    value = readJson(body.toString('utf8'))
  } catch {
    throw new UserError('web.request')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UserError('web.request')
  return value
}

/**
 * The file of an upload.
 * @throws UserError `web.proof-file` when there is none
 */
export function fileOf({ body }: FastifyRequest): Buffer {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new UserError('web.proof-file')
  return body
}

/** @throws UserError `web.request`, or `web.too-long` for a text; each names the first field that does not fit */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const field = String(issue.path[0] ?? '')
  if (issue.code === 'too_big' && issue.origin === 'string')
    throw new UserError('web.too-long', { field, most: Number(issue.maximum) })
  throw new UserError('web.request', { field })
}

/** The largest file that Telegram gives to bots, bytes. */
const MOST_BYTES = 20 * 1024 * 1024

/** The type of a picture stands in so many bytes. */
const HEAD_BYTES = 12

/**
 * Sends a file as it comes, so that no file lies in memory, however many people ask for theirs at once. The type is read
 * from the file's first bytes, whatever its name says. A file that no page shows as a picture is sent as a download.
 */
export async function sendFile(reply: FastifyReply, { bytes, name }: WebFile): Promise<FastifyReply> {
  if (name !== undefined) return saved(reply, bytes, name)
  const source = within(bytes)
  const parts: Uint8Array[] = []
  for (let length = 0; length < HEAD_BYTES;) {
    const { value, done } = await source.next()
    if (done) break
    parts.push(value)
    length += value.byteLength
  }
  const head = Buffer.concat(parts)
  const type = pictureType(head)
  return reply
    .header('content-disposition', type ? 'inline' : 'attachment')
    .type(type ?? 'application/octet-stream')
    .send(Readable.from(joined(head, source)))
}

/** @throws UserError `file.too-big`, also behind the first bytes: then the answer is cut off */
async function* within(bytes: WebFile['bytes']): AsyncGenerator<Uint8Array, void> {
  let size = 0
  for await (const part of bytes) {
    size += part.byteLength
    if (size > MOST_BYTES) throw new UserError('file.too-big', { most: MOST_BYTES / 1024 / 1024 })
    yield part
  }
}

async function* joined(head: Buffer, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield head
  yield* rest
}

/** Sends a file that is only saved. No browser shows it or runs what is in it, whatever its bytes are. */
const saved = (reply: FastifyReply, bytes: WebFile['bytes'], name: string): FastifyReply => {
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
  return reply
    .header('content-disposition', `attachment; filename*=UTF-8''${encoded}`)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .type('application/octet-stream')
    .send(Readable.from(bytes))
}

/** A body above the limit of its route is refused before anything of it is read, and the answer names the limit. */
function tooLarge({ routeOptions }: FastifyRequest, error: unknown): UserError | undefined {
  if ((error as { statusCode?: number }).statusCode !== 413) return undefined
  const kilobytes = (routeOptions.bodyLimit ?? 0) / 1024
  const isMany = kilobytes >= 1024
  return new UserError('web.too-large', {
    most: isMany ? kilobytes / 1024 : kilobytes,
    unit: isMany ? 'mb' : 'kb',
  })
}

/** The problem is described in the caller's language, if it is known. */
export function sendProblem(
  { texts, log }: Pick<WebApp, 'texts'> & { log?: WebApp['log'] },
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  reader?: Parameters<typeof webProblem>[0],
): FastifyReply {
  const language = languageOf(request.headers['accept-language'])
  const t: Parameters<typeof webProblem>[0]['t'] = (key, params) => texts.t(language, key, params)
  const { status, code, detail, field } = webProblem(reader ?? { t }, tooLarge(request, error) ?? error)
  if (status === 500) log?.error({ path: request.routeOptions.url, err: error }, 'a request of a page failed')
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:telekassa:problem:${code.replaceAll('.', '-')}`,
      title: detail,
      status,
      detail,
      code,
      field,
    })
}
