import { randomUUID } from 'node:crypto'
import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'
import { draw, plain } from './files.ts'
import { type Answer, type Incoming, type Simulator, startSimulator } from './frame.ts'
import { createStartLimit } from './tasks.ts'

export interface OpenAiSettings {
  token: string
  drawMs: number
  startLimit: { tasks: number; perMs: number }
  /** If it is false the account is empty: 429 with the code insufficient_quota. */
  paid: boolean
  /** A prompt that contains this word is refused as moderation_blocked. */
  blockedWord: string
  file: 'drawn' | 'plain'
}

const MODELS = ['gpt-image-1', 'gpt-image-1-mini', 'gpt-image-1.5', 'gpt-image-2']
const SIZES: Record<string, string> = {
  '1024x1024': '1:1',
  '1536x1024': '3:2',
  '1024x1536': '2:3',
  auto: '1:1',
}
const PROMPT_LIMIT = 32_000

/** The picture API of OpenAI: it answers at once with base64, and has no task that one could ask about later. */
export function startOpenAi(
  at: { port?: number; host?: string; settings?: Partial<OpenAiSettings> } = {},
): Promise<Simulator> {
  return startSimulator<OpenAiSettings>(buildOpenAi, at)
}

function buildOpenAi({ clock }: { clock: Clock }) {
  const settings: OpenAiSettings = {
    token: 'sk-sandbox',
    drawMs: 4000,
    startLimit: { tasks: 5, perMs: 10_000 },
    paid: true,
    blockedWord: 'forbidden',
    file: 'drawn',
  }
  const limit = createStartLimit(clock, () => settings.startLimit)
  let drawn: { at: number; model: string; prompt: string; photos: number }[] = []
  const failure = (status: number, message: string, code: string | null = null) => ({
    error: {
      message,
      type: status === 400 ? 'image_generation_user_error' : 'server_error',
      param: null,
      code,
    },
  })
  const refuse = (status: number, message: string, code: string | null = null): Answer => ({
    status,
    body: failure(status, message, code),
    headers: status === 429 && code === 'rate_limit_exceeded' ? { 'Retry-After': 2 } : {},
  })

  async function images(fields: Record<string, string>, photos: number): Promise<Answer> {
    const { model = '', prompt = '', size = 'auto' } = fields
    if (!MODELS.includes(model)) return refuse(404, `The model '${model}' does not exist`, 'model_not_found')
    if ('response_format' in fields)
      return refuse(400, "Unknown parameter: 'response_format'.", 'unknown_parameter')
    if (prompt === '' || prompt.length > PROMPT_LIMIT) return refuse(400, 'Invalid prompt', 'invalid_value')
    if (!(size in SIZES)) return refuse(400, `Invalid size ${size}`, 'invalid_value')
    if (!settings.paid) return refuse(429, 'You exceeded your current quota', 'insufficient_quota')
    if (!limit.take()) return refuse(429, 'Rate limit reached', 'rate_limit_exceeded')
    if (prompt.includes(settings.blockedWord)) {
      return refuse(400, 'Your request was rejected by the safety system.', 'moderation_blocked')
    }
    drawn.push({ at: clock.now(), model, prompt, photos })
    await new Promise<void>((resolve) => void clock.after(settings.drawMs, resolve))
    const input = { aspect_ratio: SIZES[size] }
    const bytes = settings.file === 'plain' ? plain() : draw({ id: randomUUID(), prompt, input })
    return {
      status: 200,
      body: { created: Math.floor(clock.now() / 1000), data: [{ b64_json: bytes.toString('base64') }], size },
      headers: { 'x-request-id': `req_${randomUUID()}` },
    }
  }

  return {
    settings,
    route({ method, path }: Incoming) {
      if (method === 'POST' && path === '/v1/images/generations') return 'generations'
      if (method === 'POST' && path === '/v1/images/edits') return 'edits'
      return undefined
    },
    async work(operation: string, incoming: Incoming): Promise<Answer> {
      if (incoming.headers.authorization !== `Bearer ${settings.token}`) {
        return refuse(401, 'Incorrect API key provided', 'invalid_api_key')
      }
      if (operation === 'generations') return images(incoming.json() as Record<string, string>, 0)
      const form = await new Response(new Uint8Array(incoming.raw), {
        headers: { 'Content-Type': incoming.headers['content-type'] ?? '' },
      }).formData()
      const photos = form.getAll('image[]')
      if (photos.length === 0) return refuse(400, 'Missing required parameter: image', 'missing_parameter')
      const fields = Object.fromEntries([...form.entries()].filter(([, value]) => typeof value === 'string'))
      return images(fields as Record<string, string>, photos.length)
    },
    failure: (status: number, message: string) => failure(status, message),
    control: (call: string) => (call === 'GET tasks' ? drawn : undefined),
    reset() {
      drawn = []
      limit.clear()
    },
  }
}
