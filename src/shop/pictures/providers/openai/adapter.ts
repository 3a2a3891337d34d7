import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { type Reply, sendCall } from '#shared/http.ts'
import { readJson } from '#shared/storable.ts'
import type { Drawing, PictureModel, PictureProvider, PictureProviderEntry } from '../port.ts'

export interface OpenAiSettings {
  /** https://api.openai.com */
  apiUrl: string
  token: string
}

interface OpenAiModel extends PictureModel {
  remoteName: string
  quality: 'low' | 'medium' | 'high'
}

/** GPT image models draw in three sizes only. */
const SIZES: Record<string, string> = { '1:1': '1024x1024', '3:2': '1536x1024', '2:3': '1024x1536' }
const shape = { aspects: Object.keys(SIZES), promptLimit: 32_000, photoLimit: 4 }

const MODELS: readonly OpenAiModel[] = [
  {
    ...shape,
    id: 'gpt-mini',
    title: 'GPT Image Mini',
    tokens: 2n,
    usualSeconds: 25,
    remoteName: 'gpt-image-1-mini',
    quality: 'medium',
  },
  {
    ...shape,
    id: 'gpt-1-5',
    title: 'GPT Image 1.5',
    tokens: 4n,
    usualSeconds: 40,
    remoteName: 'gpt-image-1.5',
    quality: 'medium',
  },
]

const Drawn = z.object({ data: z.array(z.object({ b64_json: z.string().min(1) })).min(1) })
const Refusal = z.object({ error: z.object({ code: z.string().nullish(), message: z.string() }) })

const REFUSED = [400, 401, 403, 404, 413, 422] as const
/** One call draws the whole picture, which usually takes tens of seconds. The base64 of 1536x1024 has about 4 MB. */
const TIMEOUT_MS = 110_000
const MAX_REPLY_BYTES = 48 * 1024 * 1024

/** OpenAI images (platform.openai.com/docs/api-reference/images): the answer to the call holds the picture itself. */
export function openai(settings: OpenAiSettings): PictureProvider {
  const headers = { Authorization: `Bearer ${settings.token}` }
  return {
    name: 'openai',
    address: settings.apiUrl,
    models: MODELS,
    remembersTasks: false,
    startLimit: { tasks: 5, perMs: 10_000 },

    async generate(drawing) {
      const model = MODELS.find(({ id }) => id === drawing.modelId)
      if (!model) throw new Rejected('image.unavailable', `openai has no model ${drawing.modelId}`)
      const reply = await sendCall({
        name: 'openai images',
        method: 'POST',
        ...(await request(settings.apiUrl, headers, model, drawing)),
        changes: true,
        expect: REFUSED,
        timeoutMs: TIMEOUT_MS,
        maxReplyBytes: MAX_REPLY_BYTES,
      }).catch((error: unknown) => {
        throw quotaOr(error)
      })
      if (reply.status >= 300) throw refusal(reply)
      const drawn = Drawn.safeParse(tryJson(reply.text()))
      if (!drawn.success) throw new UnknownOutcome('openai images answered without a picture')
      const results = drawn.data.data.map(({ b64_json }) => ({
        bytes: Buffer.from(b64_json, 'base64'),
        type: 'image/png' as const,
      }))
      return {
        taskId: reply.header('x-request-id') ?? randomUUID(),
        task: { state: 'ready', results },
      }
    },

    lookup: (taskId) =>
      Promise.reject(new Rejected('image.unknown-task', `openai keeps no tasks, not even ${taskId}`)),
    parseWebhook() {
      throw new Rejected('webhook.signature', 'openai sends no callbacks for images')
    },
    credits: () => Promise.resolve(undefined),
  }
}

async function request(
  apiUrl: string,
  headers: Record<string, string>,
  model: OpenAiModel,
  drawing: Drawing,
) {
  const fields = {
    model: model.remoteName,
    prompt: drawing.prompt,
    n: 1,
    size: SIZES[drawing.aspect] ?? 'auto',
    quality: model.quality,
    output_format: 'png',
  }
  if (drawing.photos.length === 0) {
    return { url: `${apiUrl}/v1/images/generations`, headers, body: JSON.stringify(fields) }
  }
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value))
  for (const [index, { bytes, type }] of drawing.photos.entries()) {
    form.append('image[]', new Blob([new Uint8Array(bytes)], { type }), `photo-${index}`)
  }
  const multipart = new Response(form)
  return {
    url: `${apiUrl}/v1/images/edits`,
    headers: { ...headers, 'Content-Type': multipart.headers.get('content-type') ?? '' },
    body: Buffer.from(await multipart.arrayBuffer()),
  }
}

/** OpenAI answers 429 for an empty account as for a busy one, but waiting does not help an empty account. */
function quotaOr(error: unknown): unknown {
  if (error instanceof Transient && /insufficient_quota|billing_hard_limit/.test(error.message)) {
    return new Rejected('image.no-credits', error.message, { cause: error })
  }
  return error
}

function refusal(reply: Reply): Error {
  const read = Refusal.safeParse(tryJson(reply.text()))
  const code = read.data?.error.code ?? ''
  const message = `openai: ${reply.status} ${code} ${reply.quote(read.data?.error.message, 200)}`
  if (code === 'moderation_blocked' || code === 'content_policy_violation') {
    return new Rejected('image.refused', message)
  }
  if (/billing_hard_limit|insufficient_quota/.test(code)) return new Rejected('image.no-credits', message)
  return new Rejected([400, 413, 422].includes(reply.status) ? 'image.invalid' : 'image.unavailable', message)
}

function tryJson(text: string): unknown {
  try {
    return readJson(text)
  } catch {
    return undefined
  }
}

export const openaiEntry: PictureProviderEntry = {
  name: 'openai',
  required: ['OPENAI_API_KEY'],
  optional: ['OPENAI_API_URL'],
  build: (settings) =>
    openai({
      apiUrl: settings['OPENAI_API_URL'] ?? 'https://api.openai.com',
      token: settings['OPENAI_API_KEY']!,
    }),
}
