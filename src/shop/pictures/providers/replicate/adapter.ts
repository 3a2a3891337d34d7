import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Rejected } from '#shared/errors.ts'
import { type Reply, sendCall } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import type {
  Drawing,
  FailureReason,
  Headers,
  PictureModel,
  PictureProvider,
  PictureProviderEntry,
  TaskState,
} from '../port.ts'

export interface ReplicateSettings {
  /** https://api.replicate.com */
  apiUrl: string
  token: string
  /** `whsec_...` from GET /v1/webhooks/default/secret. Without the secret no callback is asked for. */
  webhookSecret?: string
}

interface ReplicateModel extends PictureModel {
  /** Owner and name of an official model. */
  remoteName: string
  fields(drawing: Drawing, photos: string[]): Record<string, unknown>
}

const ASPECTS = ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2', '21:9']

const MODELS: readonly ReplicateModel[] = [
  {
    id: 'schnell',
    title: 'Flux Schnell',
    tokens: 1n,
    aspects: ASPECTS,
    promptLimit: 5000,
    photoLimit: 0,
    usualSeconds: 5,
    remoteName: 'black-forest-labs/flux-schnell',
    fields: ({ prompt, aspect }) => ({ prompt, aspect_ratio: aspect, output_format: 'png', num_outputs: 1 }),
  },
  {
    id: 'kontext',
    title: 'Flux Kontext Pro',
    tokens: 3n,
    aspects: ASPECTS,
    promptLimit: 5000,
    photoLimit: 1,
    usualSeconds: 12,
    remoteName: 'black-forest-labs/flux-kontext-pro',
    fields: ({ prompt, aspect }, photos) => ({
      prompt,
      aspect_ratio: aspect,
      output_format: 'png',
      ...(photos[0] ? { input_image: photos[0] } : {}),
    }),
  },
]

const Prediction = z.object({
  id: z.string().min(1),
  status: z.string(),
  output: z.union([z.string(), z.array(z.string())]).nullish(),
  error: z.unknown().optional(),
})

/**
 * Replicate takes 600 new predictions a minute from an account. Standard Webhooks allows 5 minutes between the
 * clocks.
 */
const START_LIMIT = { tasks: 100, perMs: 10_000 }
const CLOCK_TOLERANCE_S = 300
const REFUSED = [400, 401, 402, 403, 404, 422] as const

/** Replicate: replicate.com/docs/reference/http and /docs/topics/webhooks/verify-webhook. */
export function replicate(settings: ReplicateSettings): PictureProvider {
  const headers = { Authorization: `Bearer ${settings.token}` }
  return {
    name: 'replicate',
    address: settings.apiUrl,
    models: MODELS,
    remembersTasks: true,
    startLimit: START_LIMIT,

    async generate(drawing) {
      const model = MODELS.find(({ id }) => id === drawing.modelId)
      if (!model) throw new Rejected('image.unavailable', `replicate has no model ${drawing.modelId}`)
      const photos = drawing.photos.map(
        ({ type, bytes }) => `data:${type};base64,${bytes.toString('base64')}`,
      )
      const callback =
        drawing.callbackUrl && settings.webhookSecret
          ? { webhook: drawing.callbackUrl, webhook_events_filter: ['completed'] }
          : {}
      const reply = await sendCall({
        name: 'replicate predictions',
        method: 'POST',
        url: `${settings.apiUrl}/v1/models/${model.remoteName}/predictions`,
        headers,
        body: JSON.stringify({ input: model.fields(drawing, photos), ...callback }),
        changes: true,
        expect: REFUSED,
        timeoutMs: 30_000,
      })
      if (reply.status >= 300) throw refusal(reply)
      const prediction = reply.parse(Prediction)
      return { taskId: prediction.id, task: readPrediction(prediction) }
    },

    async lookup(taskId) {
      const reply = await sendCall({
        name: 'replicate prediction',
        method: 'GET',
        url: `${settings.apiUrl}/v1/predictions/${encodeURIComponent(taskId)}`,
        headers,
        changes: false,
        expect: REFUSED,
      })
      if (reply.status === 404) throw new Rejected('image.unknown-task', `replicate does not know ${taskId}`)
      if (reply.status >= 300) throw refusal(reply)
      return readPrediction(reply.parse(Prediction))
    },

    parseWebhook(raw, headers) {
      verify(raw, headers, settings.webhookSecret)
      try {
        return { taskId: Prediction.parse(readJson(raw.toString('utf8'))).id }
      } catch (error) {
        throw new Rejected('webhook.body', 'not a callback of replicate', { cause: error })
      }
    },

    // Replicate bills the card of the account and names no balance.
    credits: () => Promise.resolve(undefined),
  }
}

function refusal(reply: Reply): Error {
  const reasons: Record<number, FailureReason> = {
    400: 'image.invalid',
    402: 'image.no-credits',
    422: 'image.invalid',
  }
  const message = `replicate: ${reply.status} ${reply.quote()}`
  return new Rejected(reasons[reply.status] ?? 'image.unavailable', message)
}

function readPrediction({ status, output, error }: z.infer<typeof Prediction>): TaskState {
  if (status === 'starting') return { state: 'queued' }
  if (status === 'failed' || status === 'canceled' || status === 'aborted') {
    const message = typeof error === 'string' ? error : status
    const refused = /nsfw|sensitive|safety|flagged|polic|moderat/i.test(message)
    return { state: 'failed', reason: refused ? 'image.refused' : 'image.failed', message }
  }
  if (status !== 'succeeded') return { state: 'drawing' }
  const urls = typeof output === 'string' ? [output] : (output ?? [])
  if (urls.length === 0)
    return { state: 'failed', reason: 'image.failed', message: 'success without a picture' }
  return { state: 'ready', results: urls.map((url) => ({ url })) }
}

/**
 * Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`. The header holds several signatures while a secret is
 * being replaced.
 */
function verify(raw: Buffer, headers: Headers, secret: string | undefined): void {
  const fail = (why: string) => new Rejected('webhook.signature', `a callback of replicate ${why}`)
  if (!secret) throw fail('though no webhook secret is set')
  const id = String(headers['webhook-id'] ?? '')
  const timestamp = String(headers['webhook-timestamp'] ?? '')
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= CLOCK_TOLERANCE_S)) throw fail('that is too old')
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest()
  const given = String(headers['webhook-signature'] ?? '').split(' ')
  const genuine = given.some((signature) => {
    const bytes = Buffer.from(signature.replace(/^v1,/, ''), 'base64')
    return signature.startsWith('v1,') && bytes.length === right.length && timingSafeEqual(bytes, right)
  })
  if (!genuine) throw fail('with a wrong signature')
}

export const replicateEntry: PictureProviderEntry = {
  name: 'replicate',
  required: ['REPLICATE_API_TOKEN'],
  optional: ['REPLICATE_API_URL', 'REPLICATE_WEBHOOK_SECRET'],
  resultsAt: 'REPLICATE_API_URL',
  build: (settings) =>
    replicate({
      apiUrl: settings['REPLICATE_API_URL'] ?? 'https://api.replicate.com',
      token: settings['REPLICATE_API_TOKEN']!,
      webhookSecret: settings['REPLICATE_WEBHOOK_SECRET'],
    }),
}
