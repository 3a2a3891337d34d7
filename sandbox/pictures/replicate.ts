import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'
import { deliver } from './callbacks.ts'
import { answerFile } from './files.ts'
import { type Answer, type Incoming, type Simulator, startSimulator } from './frame.ts'
import { createStartLimit, createTasks, type Task, type TaskSettings, USUAL_FATE } from './tasks.ts'

export interface ReplicateSettings extends TaskSettings {
  token: string
  /** If it is false every new prediction is refused with 402. */
  paid: boolean
  startLimit: { tasks: number; perMs: number }
  webhookSecret: string
}

const MODELS = ['black-forest-labs/flux-schnell', 'black-forest-labs/flux-kontext-pro']
/** Files of predictions made through the API are deleted after an hour. */
const USUAL = { ...USUAL_FATE, failMessage: 'Prediction failed', fileLifeMs: 3600_000 }

/** Replicate: predictions of official models, files that are gone after an hour, Standard Webhooks. */
export function startReplicate(
  at: { port?: number; host?: string; settings?: Partial<ReplicateSettings> } = {},
): Promise<Simulator> {
  return startSimulator<ReplicateSettings>(buildReplicate, at)
}

function buildReplicate({ clock, url }: { clock: Clock; url: () => string }) {
  const settings: ReplicateSettings = {
    token: 'r8_sandbox',
    paid: true,
    startLimit: { tasks: 600, perMs: 60_000 },
    webhookSecret: `whsec_${Buffer.from('replicate-sandbox-secret').toString('base64')}`,
    fate: {},
    fates: [],
  }
  const limit = createStartLimit(clock, () => settings.startLimit)
  const tasks = createTasks(clock, settings, USUAL, (task) => callBack(task))
  const problem = (status: number, title: string, detail: string): Answer => ({
    status,
    body: { title, detail, status },
  })

  function prediction(task: Task) {
    const stage = tasks.stage(task)
    const status = {
      waiting: 'starting',
      queuing: 'starting',
      generating: 'processing',
      success: 'succeeded',
      fail: 'failed',
    }[stage]
    return {
      id: task.id,
      model: task.model,
      version: 'hidden',
      input: task.input,
      logs: '',
      // The output is deleted together with the file, so an old prediction has none.
      output: stage === 'success' && tasks.fileIsThere(task) ? [`${url()}/files/${task.id}.png`] : null,
      error: stage === 'fail' ? task.fate.failMessage : null,
      status,
      created_at: new Date(task.at).toISOString(),
      urls: { get: `${url()}/v1/predictions/${task.id}` },
    }
  }

  function callBack(task: Task) {
    const { callbackUrl } = task
    if (!callbackUrl) return
    const body = JSON.stringify(prediction(task))
    const id = `msg_${randomBytes(12).toString('hex')}`
    const headers = () => {
      const timestamp = String(Math.floor(clock.now() / 1000))
      const key = Buffer.from(settings.webhookSecret.replace('whsec_', ''), 'base64')
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
      return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
    }
    for (let copy = 0; copy < task.fate.callbacks; copy++) {
      clock.after(task.fate.callbackDelayMs, () => deliver(clock, callbackUrl, body, headers))
    }
  }

  function predict(incoming: Incoming): Answer {
    const [, model = ''] = /^\/v1\/models\/([^/]+\/[^/]+)\/predictions$/.exec(incoming.path) ?? []
    if (!MODELS.includes(model))
      return problem(404, 'Not found', 'The requested resource could not be found.')
    if (!limit.take()) {
      return {
        ...problem(429, 'Too many requests', 'Request was throttled.'),
        headers: { 'Retry-After': 1 },
      }
    }
    const body = incoming.json() as { input?: { prompt?: unknown }; webhook?: string }
    if (typeof body.input?.prompt !== 'string') {
      return problem(422, 'Input validation failed', '- input: prompt is required')
    }
    if (body.webhook && !/^https:\/\/|^http:\/\/127\.0\.0\.1/.test(body.webhook)) {
      return problem(422, 'Invalid webhook', '- webhook: must be https')
    }
    if (!settings.paid)
      return problem(402, 'Insufficient credit', 'You have insufficient credit to run this model.')
    const task = tasks.start({
      id: randomBytes(13).toString('hex'),
      model,
      prompt: body.input.prompt,
      input: body.input as Record<string, unknown>,
      ...(body.webhook ? { callbackUrl: body.webhook } : {}),
      cost: 1,
    })
    return { status: 201, body: prediction(task) }
  }

  return {
    settings,
    route({ method, path }: Incoming) {
      if (method === 'POST' && path.startsWith('/v1/models/')) return 'predict'
      if (method === 'GET' && path.startsWith('/v1/predictions/')) return 'prediction'
      if (method === 'GET' && path === '/v1/webhooks/default/secret') return 'secret'
      if (method === 'GET' && path.startsWith('/files/')) return 'file'
      return undefined
    },
    work(operation: string, incoming: Incoming): Answer {
      const id = incoming.path.split('/').at(-1) ?? ''
      if (operation === 'file') {
        const task = tasks.get(id.replace(/\.png$/, ''))
        return task && tasks.fileIsThere(task) ? answerFile(task) : { status: 404, body: 'expired' }
      }
      if (incoming.headers.authorization !== `Bearer ${settings.token}`) {
        return problem(401, 'Unauthenticated', 'You did not pass a valid authentication token')
      }
      if (operation === 'secret') return { status: 200, body: { key: settings.webhookSecret } }
      if (operation === 'predict') return predict(incoming)
      const task = tasks.get(id)
      return task
        ? { status: 200, body: prediction(task) }
        : problem(404, 'Not found', 'The requested resource could not be found.')
    },
    failure: (status: number, detail: string) => ({ title: 'Error', detail, status }),
    control: (call: string) => (call === 'GET tasks' ? tasks.all() : undefined),
    reset() {
      tasks.clear()
      limit.clear()
    },
  }
}
