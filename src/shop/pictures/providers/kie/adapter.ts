import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { type Reply, sendCall } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import type {
  FailureReason,
  Headers,
  PictureProvider,
  PictureProviderEntry,
  PictureBytes,
  TaskState,
} from '../port.ts'
import { KIE_MODELS } from './models.ts'

export interface KieSettings {
  /** https://api.kie.ai */
  apiUrl: string
  /** https://kieai.redpandaai.co, where photos are put before a task may name them. */
  uploadUrl: string
  token: string
  /** webhookHmacKey of the KIE AI settings page. Without the key only the token in the callback's address protects. */
  webhookKey?: string
  /** New tasks in 10 s that this account may start. */
  startRate?: number
}

/** A refusal has `data: null` or no `data`. zod refuses an absent `unknown` unless the schema makes it optional. */
const Envelope = z.object({
  code: z.coerce.number(),
  msg: z.string().nullish(),
  data: z.unknown().optional(),
})
const Created = z.object({ taskId: z.string().min(1) })
const Uploaded = z.object({ downloadUrl: z.url() })
const Record_ = z.object({
  state: z.string(),
  resultJson: z.string().nullish(),
  failCode: z.coerce.string().nullish(),
  failMsg: z.string().nullish(),
})
const Results = z.object({ resultUrls: z.array(z.url()).min(1) })
const Callback = z.object({
  data: z.object({ taskId: z.string().nullish(), task_id: z.string().nullish() }),
})

/** An account may start 20 new tasks in 10 s. KIE AI answers 429 to the next one and does not queue it. */
const START_RATE = 20
const WINDOW_MS = 10_000
const MAINTENANCE_PAUSE_MS = 60_000

/** KIE AI, "market" models: docs.kie.ai, common/get-task-detail and common-api/webhook-verification. */
export function kie(settings: KieSettings): PictureProvider {
  const headers = { Authorization: `Bearer ${settings.token}` }

  async function upload(photo: PictureBytes): Promise<string> {
    const reply = await sendCall({
      name: 'kie upload',
      method: 'POST',
      url: `${settings.uploadUrl}/api/file-base64-upload`,
      headers,
      body: JSON.stringify({
        base64Data: `data:${photo.type};base64,${photo.bytes.toString('base64')}`,
        uploadPath: 'telekassa',
      }),
      // A second upload makes a second file, which costs nothing and is deleted within a day.
      changes: false,
      expect: READABLE,
      timeoutMs: 60_000,
    })
    return Uploaded.parse(dataOf(reply, 'kie upload', false)).downloadUrl
  }

  return {
    name: 'kie',
    address: settings.apiUrl,
    models: KIE_MODELS,
    remembersTasks: true,
    startLimit: { tasks: settings.startRate ?? START_RATE, perMs: WINDOW_MS },

    async generate(drawing) {
      const model = KIE_MODELS.find(({ id }) => id === drawing.modelId)
      if (!model) throw new Rejected('image.unavailable', `kie has no model ${drawing.modelId}`)
      const photoUrls: string[] = []
      for (const photo of drawing.photos) photoUrls.push(await upload(photo))
      const withPhotos = photoUrls.length > 0 ? model.remoteNameWithPhotos : undefined
      const reply = await sendCall({
        name: 'kie createTask',
        method: 'POST',
        url: `${settings.apiUrl}/api/v1/jobs/createTask`,
        headers,
        body: JSON.stringify({
          model: withPhotos ?? model.remoteName,
          ...(drawing.callbackUrl ? { callBackUrl: drawing.callbackUrl } : {}),
          input: model.fields(drawing, photoUrls),
        }),
        changes: true,
        expect: READABLE,
        timeoutMs: 30_000,
      })
      const created = Created.safeParse(dataOf(reply, 'kie createTask', true))
      if (!created.success) throw new UnknownOutcome('kie createTask answered without a taskId')
      return { taskId: created.data.taskId, task: { state: 'queued' } }
    },

    async lookup(taskId) {
      const reply = await sendCall({
        name: 'kie recordInfo',
        method: 'GET',
        url: `${settings.apiUrl}/api/v1/jobs/recordInfo?taskId=${encodeURIComponent(taskId)}`,
        headers,
        changes: false,
        expect: READABLE,
      })
      try {
        return readRecord(dataOf(reply, 'kie recordInfo', false))
      } catch (error) {
        // Code 501 says that the task has failed. Other refusals are about our account or an unknown task.
        if (!(error instanceof Rejected) || !OF_THE_TASK.has(error.code)) throw error
        return { state: 'failed', reason: error.code as FailureReason, message: error.message }
      }
    },

    parseWebhook: (raw, headers) => parseCallback(raw, headers, settings.webhookKey),

    async credits() {
      const reply = await sendCall({
        name: 'kie credit',
        method: 'GET',
        url: `${settings.apiUrl}/api/v1/chat/credit`,
        headers,
        changes: false,
        expect: READABLE,
      })
      return z.number().parse(dataOf(reply, 'kie credit', false))
    },
  }
}

const OF_THE_TASK: ReadonlySet<string> = new Set<FailureReason>(['image.failed', 'image.refused'])

const READABLE = [400, 401, 402, 404, 422, 433, 455] as const

/**
 * Takes the `data` of an answer. Errors usually come as HTTP 200 with a `code` in the body, so the body decides, and
 * the HTTP status only where the body has no code.
 */
function dataOf(reply: Reply, call: string, changes: boolean): unknown {
  const envelope = reply.status === 200 ? reply.parse(Envelope) : looseEnvelope(reply)
  if (envelope.code === 200) return envelope.data
  const message = `${call}: ${envelope.code} ${reply.quote(envelope.msg ?? '')}`
  switch (envelope.code) {
    case 401:
    case 505:
      throw new Rejected('image.unavailable', message)
    case 402:
    case 433:
      throw new Rejected('image.no-credits', message)
    case 404:
      throw new Rejected(changes ? 'image.unavailable' : 'image.unknown-task', message)
    case 400:
    case 422:
      throw new Rejected(changes ? whyFailed(envelope.msg, 'image.invalid') : 'image.unknown-task', message)
    case 429:
      throw new Transient(message, { retryAfterMs: WINDOW_MS })
    case 455:
      throw new Transient(message, { retryAfterMs: MAINTENANCE_PAUSE_MS })
    case 501:
      throw new Rejected(whyFailed(envelope.msg, 'image.failed'), message)
    default:
      throw changes ? new UnknownOutcome(message) : new Transient(message)
  }
}

function looseEnvelope(reply: Reply): z.infer<typeof Envelope> {
  try {
    const read = Envelope.safeParse(readJson(reply.text()))
    if (read.success && read.data.code !== 200) return read.data
  } catch {
    // An unknown route answers with HTML, and then the HTTP status says all there is to know.
  }
  return { code: reply.status, msg: reply.quote(undefined, 200), data: null }
}

function readRecord(data: unknown): TaskState {
  const record = Record_.safeParse(data)
  if (!record.success) throw new Transient('kie recordInfo answered without a state', { cause: record.error })
  const { state, resultJson, failCode, failMsg } = record.data
  if (state === 'waiting' || state === 'queuing') return { state: 'queued' }
  if (state === 'fail') {
    return {
      state: 'failed',
      reason: whyFailed(failMsg, 'image.failed'),
      message: `${failCode ?? ''} ${failMsg ?? ''}`,
    }
  }
  // KIE AI may add states. An unknown state counts as work in progress, which our own deadline ends.
  if (state !== 'success') return { state: 'drawing' }
  const results = readResults(resultJson)
  if (!results) return { state: 'failed', reason: 'image.failed', message: 'success without a picture' }
  return { state: 'ready', results: results.resultUrls.map((url) => ({ url })) }
}

function readResults(resultJson: string | null | undefined) {
  try {
    return Results.parse(readJson(resultJson ?? ''))
  } catch {
    return undefined
  }
}

/** KIE AI has no code for a refusal of the content: only the text of its message tells. */
function whyFailed(message: string | null | undefined, otherwise: FailureReason): FailureReason {
  return /moderat|polic|sensitive|prohibit|nsfw|safety|flagged|inappropriate/i.test(message ?? '')
    ? 'image.refused'
    : otherwise
}

/** X-Webhook-Signature = base64(HMAC-SHA256(taskId + "." + timestamp)). The signature does not cover the body. */
function parseCallback(raw: Buffer, headers: Headers, key: string | undefined) {
  let taskId: string | undefined
  try {
    const { data } = Callback.parse(readJson(raw.toString('utf8')))
    taskId = data.taskId ?? data.task_id ?? undefined
  } catch (error) {
    throw new Rejected('webhook.body', 'not a callback of kie', { cause: error })
  }
  if (!taskId) throw new Rejected('webhook.body', 'a callback of kie without a task')
  if (key !== undefined) {
    const timestamp = String(headers['x-webhook-timestamp'] ?? '')
    const given = Buffer.from(String(headers['x-webhook-signature'] ?? ''))
    const right = Buffer.from(createHmac('sha256', key).update(`${taskId}.${timestamp}`).digest('base64'))
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      throw new Rejected('webhook.signature', 'a callback of kie with a wrong signature')
    }
  }
  return { taskId }
}

export const kieEntry: PictureProviderEntry = {
  name: 'kie',
  required: ['IMAGE_API_TOKEN'],
  optional: ['IMAGE_API_URL', 'IMAGE_UPLOAD_URL', 'IMAGE_WEBHOOK_KEY'],
  resultsAt: 'IMAGE_API_URL',
  build: (settings, startRate) =>
    kie({
      apiUrl: settings['IMAGE_API_URL'] ?? 'https://api.kie.ai',
      // KIE AI takes photos on another host than tasks.
      uploadUrl: settings['IMAGE_UPLOAD_URL'] ?? settings['IMAGE_API_URL'] ?? 'https://kieai.redpandaai.co',
      token: settings['IMAGE_API_TOKEN']!,
      webhookKey: settings['IMAGE_WEBHOOK_KEY'],
      startRate,
    }),
}
