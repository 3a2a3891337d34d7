import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'
import { deliver } from './callbacks.ts'
import { answerFile } from './files.ts'
import { type Answer, type Incoming, type Simulator, type StartAt, startSimulator } from './frame.ts'
import { problemOf } from './kie-models.ts'
import { createStartLimit, createTasks, type Task, type TaskSettings, USUAL_FATE } from './tasks.ts'

export interface KieSettings extends TaskSettings {
  token: string
  credits: number
  /** The credits that one task costs, also when its reply is lost or when it fails later. */
  cost: number
  startLimit: { tasks: number; perMs: number }
  /** Whether errors are true HTTP statuses instead of 200 with `code` in the body. */
  realStatus: boolean
  /** If it is set, createTask answers with this code (401, 433, 455, 500, 501, 505, ...). */
  createCode: number
  /** The webhookHmacKey; if it is empty, callbacks are not signed. */
  hmacKey: string
  spelling: 'taskId' | 'task_id'
}

type Input = Record<string, unknown> & { prompt?: string }

/**
 * KIE AI: createTask, recordInfo, credit, photo upload, result files, callbacks. No idempotency of any kind.
 * Control calls besides the common ones: `GET tasks`, `POST callbacks` {taskId, url?, body?, headers?}.
 */
export function startKie(at: StartAt<KieSettings> = {}): Promise<Simulator> {
  return startSimulator<KieSettings>(buildKie, at)
}

function buildKie({ clock, url, file }: { clock: Clock; url: () => string; file: string | undefined }) {
  const settings: KieSettings = {
    token: 'kie-sandbox-token',
    credits: 1000,
    cost: 4,
    startLimit: { tasks: 20, perMs: 10_000 },
    realStatus: false,
    createCode: 200,
    hmacKey: '',
    spelling: 'taskId',
    fate: {},
    fates: [],
  }
  const limit = createStartLimit(clock, () => settings.startLimit)
  const tasks = createTasks(clock, settings, USUAL_FATE, (task) => callBack(task), file)
  const uploads = new Map<string, Buffer>()

  const answer = (code: number, msg: string, data: unknown = null): Answer => ({
    status: settings.realStatus ? code : 200,
    body: { code, msg, data },
  })

  function record(task: Task) {
    const stage = tasks.stage(task)
    const over = stage === 'success' || stage === 'fail'
    const file =
      task.fate.file === 'private-address' ? 'https://10.0.0.8/result.png' : `${url()}/files/${task.id}.png`
    return {
      taskId: task.id,
      model: task.model,
      state: stage,
      param: JSON.stringify({ model: task.model, callBackUrl: task.callbackUrl, input: task.input }),
      resultJson: stage === 'success' ? JSON.stringify({ resultUrls: [file] }) : '',
      failCode: stage === 'fail' ? task.fate.failCode : '',
      failMsg: stage === 'fail' ? task.fate.failMessage : '',
      costTime: over ? tasks.finishedAt(task) - task.at : 0,
      completeTime: over ? tasks.finishedAt(task) : 0,
      createTime: task.at,
      updateTime: clock.now(),
    }
  }

  function signed(taskId: string): Record<string, string> {
    if (!settings.hmacKey) return {}
    const timestamp = String(Math.floor(clock.now() / 1000))
    const signature = createHmac('sha256', settings.hmacKey).update(`${taskId}.${timestamp}`).digest('base64')
    return { 'X-Webhook-Timestamp': timestamp, 'X-Webhook-Signature': signature }
  }

  function callBack(task: Task) {
    if (!task.callbackUrl) return
    const { taskId, ...rest } = record(task)
    const failed = task.fate.end === 'fail'
    const body = JSON.stringify({
      code: failed ? 501 : 200,
      msg: failed ? task.fate.failMessage : 'Playground task completed successfully.',
      data: { [settings.spelling]: taskId, ...rest },
    })
    for (let copy = 0; copy < task.fate.callbacks; copy++) {
      clock.after(task.fate.callbackDelayMs, () => {
        deliver(clock, task.callbackUrl ?? '', body, () => signed(task.id))
      })
    }
  }

  function createTask(incoming: Incoming): Answer {
    if (settings.createCode !== 200) return answer(settings.createCode, 'as the settings say')
    if (!limit.take()) return answer(429, 'Your call frequency is too high. Please try again later.')
    const body = incoming.json() as { model?: string; callBackUrl?: string; input?: Input }
    const problem = problemOf(body.model ?? '', body.input ?? {})
    if (problem) return answer(422, problem)
    if (settings.credits < settings.cost) {
      return answer(402, 'The current credits are insufficient. Please top up.')
    }
    settings.credits -= settings.cost
    const task = tasks.start({
      id: `task_kie_${randomBytes(12).toString('hex')}`,
      model: body.model ?? '',
      prompt: body.input?.prompt ?? '',
      input: body.input ?? {},
      ...(body.callBackUrl ? { callbackUrl: body.callBackUrl } : {}),
      cost: settings.cost,
    })
    const { replyDelayMs: delayMs, loseReply: lost } = task.fate
    return { ...answer(200, 'success', { taskId: task.id, recordId: task.id }), delayMs, lost }
  }

  function upload(incoming: Incoming): Answer {
    const { base64Data = '' } = incoming.json() as { base64Data?: string }
    const [, mimeType, data] = /^data:(image\/[a-z]+);base64,(.+)$/.exec(base64Data) ?? []
    if (!mimeType || !data) return answer(400, 'base64Data is not a picture')
    const name = `${randomBytes(8).toString('hex')}.${mimeType.slice('image/'.length)}`
    uploads.set(name, Buffer.from(data, 'base64'))
    const downloadUrl = `${url()}/uploads/${name}`
    return {
      status: 200,
      body: {
        success: true,
        code: 200,
        msg: 'File uploaded successfully',
        data: { fileName: name, mimeType, downloadUrl },
      },
    }
  }

  return {
    settings,
    route({ method, path }: Incoming) {
      if (method === 'POST' && path === '/api/v1/jobs/createTask') return 'createTask'
      if (method === 'GET' && path === '/api/v1/jobs/recordInfo') return 'recordInfo'
      if (method === 'GET' && path === '/api/v1/chat/credit') return 'credit'
      if (method === 'POST' && path === '/api/file-base64-upload') return 'upload'
      if (method === 'GET' && path.startsWith('/files/')) return 'file'
      if (method === 'GET' && path.startsWith('/uploads/')) return 'uploaded'
      return undefined
    },
    work(operation: string, incoming: Incoming): Answer {
      const named = (/^\/[a-z]+\/([^/]+)$/.exec(incoming.path) ?? [])[1] ?? ''
      if (operation === 'file') {
        const task = tasks.get(named.replace(/\.png$/, ''))
        if (!task || !tasks.fileIsThere(task)) return { status: 404, body: 'expired' }
        const isLate = task.fate.fileDelays-- > 0
        return { ...answerFile(task), delayMs: isLate ? task.fate.fileDelayMs : 0 }
      }
      if (operation === 'uploaded') {
        const bytes = uploads.get(named)
        return bytes ? { status: 200, body: bytes } : { status: 404, body: 'expired' }
      }
      if (incoming.headers.authorization !== `Bearer ${settings.token}`) {
        return answer(401, 'You do not have access permissions')
      }
      if (operation === 'credit') return answer(200, 'success', settings.credits)
      if (operation === 'upload') return upload(incoming)
      if (operation === 'createTask') return createTask(incoming)
      const task = tasks.get(incoming.query.get('taskId') ?? '')
      return task ? answer(200, 'success', record(task)) : answer(404, 'task not found')
    },
    failure: (code: number, msg: string) => ({ code, msg, data: null }),
    control(call: string, body: unknown) {
      if (call === 'GET tasks') return tasks.all()
      if (call !== 'POST callbacks') return undefined
      const order = body as { taskId: string; url?: string; body?: unknown; headers?: Record<string, string> }
      const task = tasks.get(order.taskId)
      if (order.body === undefined && task) callBack(task)
      else
        deliver(
          clock,
          order.url ?? '',
          JSON.stringify(order.body),
          () => order.headers ?? signed(order.taskId),
        )
      return { signed: signed(order.taskId) }
    },
    reset() {
      tasks.clear()
      limit.clear()
      uploads.clear()
    },
  }
}
