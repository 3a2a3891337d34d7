import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Simulator } from '../../sandbox/pictures/frame.ts'
import { startKie } from '../../sandbox/pictures/kie.ts'
import { startOpenAi } from '../../sandbox/pictures/openai.ts'
import { startReplicate } from '../../sandbox/pictures/replicate.ts'
import { listen, readBody } from '@telekassa/telegram-sandbox/lib/http'
import { download } from '#shared/download.ts'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { demo } from '#shop/pictures/providers/demo/adapter.ts'
import { kie } from '#shop/pictures/providers/kie/adapter.ts'
import { openai } from '#shop/pictures/providers/openai/adapter.ts'
import type { Drawing, PictureProvider, TaskState } from '#shop/pictures/providers/port.ts'
import { replicate } from '#shop/pictures/providers/replicate/adapter.ts'
import { prepare } from '#shop/pictures/worker/picture.ts'
import { everyPictureProvider } from '../lib/picture-providers.ts'
import { pictureType } from '#shared/picture-type.ts'

const HMAC_KEY = 'hmac_key'
const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of replicate').toString('base64')}`
const QUICK = { waitMs: 40, queueMs: 40, drawMs: 60, file: 'plain' as const, callbacks: 1 }
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==',
  'base64',
)

interface Subject {
  simulator?: Simulator
  provider: PictureProvider
  /** The operation that starts a task, as the simulator's fault script calls it. */
  start: string
  callbacks: boolean
  /**
   * Moves the simulator's clock, which otherwise stands still: so no state of a task is missed, however slow the
   * machine is.
   */
  pass?(ms: number): Promise<unknown>
}

const subjects: Record<string, () => Promise<Subject>> = {
  async kie() {
    const simulator = await startKie({ settings: { fate: QUICK, hmacKey: HMAC_KEY } })
    const { url } = simulator
    const provider = kie({ apiUrl: url, uploadUrl: url, token: 'kie-sandbox-token', webhookKey: HMAC_KEY })
    return { simulator, provider, start: 'createTask', callbacks: true, pass: await standing(simulator) }
  },
  async replicate() {
    const simulator = await startReplicate({ settings: { fate: QUICK, webhookSecret: WEBHOOK_SECRET } })
    const provider = replicate({ apiUrl: simulator.url, token: 'r8_sandbox', webhookSecret: WEBHOOK_SECRET })
    return { simulator, provider, start: 'predict', callbacks: true, pass: await standing(simulator) }
  },
  async openai() {
    const simulator = await startOpenAi({ settings: { drawMs: 50, file: 'plain' } })
    const provider = openai({ apiUrl: simulator.url, token: 'sk-sandbox' })
    return { simulator, provider, start: 'generations', callbacks: false }
  },
  demo() {
    let now = 0
    const provider = demo({ queuedMs: 50, drawingMs: 80, now: () => now })
    const pass = (ms: number) => Promise.resolve((now += ms))
    return Promise.resolve({ provider, start: '', callbacks: false, pass })
  },
}

async function standing(simulator: Simulator) {
  await control(simulator, 'PUT clock', { stand: true })
  return (ms: number) => control(simulator, 'PUT clock', { advance_ms: ms })
}

async function control(simulator: Simulator | undefined, call: string, body?: unknown): Promise<unknown> {
  const [method, path] = call.split(' ')
  const reply = await fetch(`${simulator?.url}/control/${path}`, {
    method: method ?? 'GET',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return reply.json()
}
const caught = (work: Promise<unknown>) => work.catch((error: unknown) => error)
const code = (error: unknown) => (error instanceof Rejected ? error.code : error)

test('every provider of pictures in the registry is under this suite', () => {
  expect([...everyPictureProvider().keys(), 'demo'].toSorted()).toEqual(Object.keys(subjects).toSorted())
})

test('no two models of all providers have the same id, because a key carries the id alone', () => {
  const ids = [...everyPictureProvider().values()].flatMap(({ models }) => models.map(({ id }) => id))
  expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([])
})

describe.each(Object.keys(subjects))('%s', (name) => {
  let subject: Subject
  let provider: PictureProvider
  const started = async () => ((await control(subject.simulator, 'GET tasks')) as unknown[]).length

  beforeAll(async () => {
    subject = await subjects[name]!()
    provider = subject.provider
  })
  beforeEach(() => (subject.simulator ? control(subject.simulator, 'POST reset', {}) : undefined))
  afterAll(() => subject.simulator?.close())

  const drawing = (more: Partial<Drawing> = {}): Drawing => {
    const model = provider.models.find(({ id }) => id === more.modelId) ?? provider.models[0]!
    return {
      modelId: model.id,
      prompt: 'кот в космосе',
      aspect: model.aspects[0] ?? '1:1',
      photos: [],
      ...more,
    }
  }
  async function finish(taskId: string, first: TaskState): Promise<TaskState[]> {
    const states = [first]
    for (;;) {
      const last = states.at(-1)!
      if (last.state === 'ready' || last.state === 'failed') return states
      await subject.pass?.(10)
      const task = await provider.lookup(taskId)
      if (task.state !== last.state) states.push(task)
    }
  }
  async function pictureOf(task: TaskState | undefined): Promise<Buffer> {
    if (task?.state !== 'ready') throw new Error(`no picture but ${JSON.stringify(task)}`)
    const result = task.results[0]!
    if ('bytes' in result) return result.bytes
    return download(result.url, { maxBytes: 2 ** 24, timeoutMs: 60_000, allowLoopback: true })
  }

  test('a task walks through its states to a picture', async () => {
    const { taskId, task } = await provider.generate(drawing())
    const states = await finish(taskId, task)
    const walk = provider.remembersTasks ? ['queued', 'drawing', 'ready'] : ['ready']
    expect(states.map(({ state }) => state)).toEqual(walk)
    const picture = await prepare(await pictureOf(states.at(-1)))
    expect(pictureType(picture.bytes)).toBe(picture.type)
  })

  test('every model is accepted with every aspect ratio and the longest prompt it is said to take', async () => {
    await control(subject.simulator, 'PUT settings', { startLimit: { tasks: 0, perMs: 1 } }).catch(() => {})
    for (const model of provider.models) {
      for (const aspect of model.aspects) {
        const prompt = 'я'.repeat(model.promptLimit)
        expect((await provider.generate(drawing({ modelId: model.id, aspect, prompt }))).taskId).not.toBe('')
      }
    }
  })

  test('photos of the person reach the models that take them', async () => {
    for (const model of provider.models.filter(({ photoLimit }) => photoLimit > 0)) {
      const photos = [{ bytes: PIXEL, type: 'image/png' as const }]
      const { taskId } = await provider.generate(drawing({ modelId: model.id, photos }))
      expect(taskId).not.toBe('')
      const [task] = ((await control(subject.simulator, 'GET tasks')) as Record<string, unknown>[]).slice(-1)
      expect(JSON.stringify(task)).toMatch(/uploads|data:image|"photos":1/)
    }
  })

  test('F57: a look-up of an unknown task says that the task is unknown', async () => {
    expect(code(await caught(provider.lookup('task_unknown')))).toBe('image.unknown-task')
  })

  test('a callback that is not signed by the provider is refused', () => {
    const body = Buffer.from(JSON.stringify({ code: 200, data: { taskId: 'task_1', state: 'success' } }))
    expect(() => provider.parseWebhook(body, {})).toThrow(Rejected)
    expect(() => provider.parseWebhook(Buffer.from('not json'), {})).toThrow(Rejected)
  })

  if (name === 'demo') return

  test('a start whose reply is lost has an unknown outcome, and its task was charged all the same', async () => {
    for (const fault of [{ drop: 'after' }, { status: 502, after: true, body: '<html>' }]) {
      const before = await started()
      await control(subject.simulator, 'PUT faults', [{ on: subject.start, do: fault }])
      expect(await caught(provider.generate(drawing()))).toBeInstanceOf(UnknownOutcome)
      expect(await started()).toBe(before + 1)
    }
  })

  test('a 429 means that nothing was started, and says when to try again', async () => {
    await control(subject.simulator, 'PUT faults', [{ on: subject.start, do: { retry_after: 7 } }])
    const error = await caught(provider.generate(drawing()))
    expect(error).toBeInstanceOf(Transient)
    expect((error as Transient).retryAfterMs).toBe(7000)
    expect(await started()).toBe(0)
  })

  test('the start limit that the adapter states is one that the provider accepts', async () => {
    const { tasks, perMs } = provider.startLimit
    const starts = Array.from({ length: Math.min(tasks, 20) }, () => provider.generate(drawing()))
    expect(await Promise.all(starts)).toHaveLength(Math.min(tasks, 20))
    if (name === 'replicate') return
    // The simulator's window is as long as the adapter's, so one start more is one too many.
    expect(perMs).toBe(10_000)
    expect(await caught(provider.generate(drawing()))).toBeInstanceOf(Transient)
  })

  test('a wrong key is reported as a fault of the set-up, an empty account as a lack of credits', async () => {
    const before = (await control(subject.simulator, 'GET settings')) as { token: string }
    await control(subject.simulator, 'PUT settings', { token: 'another' })
    expect(code(await caught(provider.generate(drawing())))).toBe('image.unavailable')
    await control(subject.simulator, 'PUT settings', { token: before.token, credits: 0, paid: false })
    expect(code(await caught(provider.generate(drawing())))).toBe('image.no-credits')
    await control(subject.simulator, 'PUT settings', { credits: 1000, paid: true })
  })

  if (!subjects[name] || name === 'openai') return

  test('a failure and a refusal of the content are told apart', async () => {
    await control(subject.simulator, 'PUT settings', {
      fates: [
        { prompt: 'broken', end: 'fail', failMessage: 'Internal error, please try again later' },
        { prompt: 'nude', end: 'fail', failMessage: 'Flagged by our content policy (E005)' },
      ],
    })
    for (const [prompt, reason] of [
      ['broken', 'image.failed'],
      ['nude', 'image.refused'],
    ] as const) {
      const { taskId, task } = await provider.generate(drawing({ prompt }))
      expect((await finish(taskId, task)).at(-1)).toMatchObject({ state: 'failed', reason })
    }
  })

  test('a failing look-up is transient: the task is asked about again', async () => {
    const { taskId } = await provider.generate(drawing())
    const operation = name === 'kie' ? 'recordInfo' : 'prediction'
    for (const fault of [{ drop: 'before' }, { status: 500 }, { retry_after: 1 }]) {
      await control(subject.simulator, 'PUT faults', [{ on: operation, do: fault }])
      expect(await caught(provider.lookup(taskId))).toBeInstanceOf(Transient)
    }
  })

  test('a callback names its own task and no other, each time that it is sent', async () => {
    const received: { raw: Buffer; headers: Record<string, string | string[] | undefined> }[] = []
    const receiver = await listen(async (request, response) => {
      received.push({ raw: await readBody(request), headers: request.headers })
      response.end()
    })
    await control(subject.simulator, 'PUT settings', { fate: { ...QUICK, callbacks: 2 } })
    const { taskId } = await provider.generate(drawing({ callbackUrl: `${receiver.url}/webhooks/images/x` }))
    await subject.pass?.(QUICK.waitMs + QUICK.queueMs + QUICK.drawMs)
    await expect.poll(() => received.length).toBe(2)
    for (const { raw, headers } of received) expect(provider.parseWebhook(raw, headers)).toEqual({ taskId })
    const { raw, headers } = received[0]!
    const forged = Buffer.from(raw.toString('utf8').replaceAll(taskId, 'task_other'))
    expect(code(await caught(Promise.resolve().then(() => provider.parseWebhook(forged, headers))))).toBe(
      'webhook.signature',
    )
    await receiver.close()
  })
})

test('kie: errors in the body and true HTTP statuses have the same verdicts', async () => {
  const { simulator, provider } = await subjects.kie!()
  const drawing = { modelId: 'z-image', prompt: 'x', aspect: '1:1', photos: [] }
  for (const realStatus of [false, true]) {
    for (const [createCode, verdict] of [
      [401, 'image.unavailable'],
      [402, 'image.no-credits'],
      [422, 'image.invalid'],
      [433, 'image.no-credits'],
      [429, Transient],
      [455, Transient],
      [500, UnknownOutcome],
    ] as const) {
      await control(simulator, 'PUT settings', { realStatus, createCode })
      const error = await caught(provider.generate(drawing))
      if (typeof verdict === 'string') expect(code(error), `${createCode}`).toBe(verdict)
      // HTTP does not know the status 455, but it lies in the range of refusals.
      else expect(error, `${createCode} ${realStatus}`).toBeInstanceOf(verdict)
    }
  }
  await simulator?.close()
})

test('kie: a refusal without data is read as one with data: null, and 501 ends the task at once', async () => {
  const { simulator, provider } = await subjects.kie!()
  const drawing = { modelId: 'z-image', prompt: 'x', aspect: '1:1', photos: [] }
  for (const data of ['', ',"data":null']) {
    for (const [number, verdict] of [
      [401, 'image.unavailable'],
      [402, 'image.no-credits'],
      [422, 'image.invalid'],
      [429, Transient],
    ] as const) {
      const body = `{"code":${number},"msg":"no"${data}}`
      await control(simulator, 'POST faults', { on: 'createTask', do: { status: 200, body } })
      const error = await caught(provider.generate(drawing))
      if (typeof verdict === 'string') expect(code(error), body).toBe(verdict)
      else expect(error, body).toBeInstanceOf(verdict)
    }
    for (const [message, reason] of [
      ['Internal model error', 'image.failed'],
      ['Content flagged by moderation', 'image.refused'],
    ]) {
      const body = `{"code":501,"msg":"${message}"${data}}`
      await control(simulator, 'POST faults', { on: 'recordInfo', do: { status: 200, body } })
      expect(await provider.lookup('task_1'), body).toMatchObject({ state: 'failed', reason })
    }
  }
  await simulator?.close()
})

test('kie: the signature is the one of its documentation, in base64 over task and timestamp', () => {
  const provider = kie({ apiUrl: 'x', uploadUrl: 'x', token: 'x', webhookKey: HMAC_KEY })
  const headers = {
    'x-webhook-timestamp': '1700000000',
    'x-webhook-signature': 'bPku6ZPIn72sXdqfYln53IX5tCnmTQaSavneVM1D71k=',
  }
  for (const spelling of ['taskId', 'task_id']) {
    const body = Buffer.from(JSON.stringify({ code: 200, data: { [spelling]: 'task_1' } }))
    expect(provider.parseWebhook(body, headers)).toEqual({ taskId: 'task_1' })
  }
  const hex = createHmac('sha256', HMAC_KEY).update('task_1.1700000000').digest('hex')
  const body = Buffer.from('{"data":{"taskId":"task_1"}}')
  expect(() => provider.parseWebhook(body, { ...headers, 'x-webhook-signature': hex })).toThrow('signature')
})

test('kie: credits are read as the fractional number they are', async () => {
  const { simulator, provider } = await subjects.kie!()
  await control(simulator, 'PUT settings', { credits: 60.62 })
  expect(await provider.credits()).toBe(60.62)
  await simulator?.close()
})

test('openai: a refusal of the content is reported as a refusal', async () => {
  const { simulator, provider } = await subjects.openai!()
  const drawing = { modelId: 'gpt-mini', prompt: 'something forbidden', aspect: '1:1', photos: [] }
  expect(code(await caught(provider.generate(drawing)))).toBe('image.refused')
  await simulator?.close()
})

test('demo: another process finishes a task that this one began', async () => {
  const { taskId } = await demo({ queuedMs: 0, drawingMs: 0 }).generate({
    modelId: 'demo',
    prompt: 'ёлка',
    aspect: '16:9',
    photos: [],
  })
  const task = await demo({ queuedMs: 0, drawingMs: 0 }).lookup(taskId)
  if (task.state !== 'ready' || !('bytes' in task.results[0]!)) throw new Error('no picture')
  expect(pictureType(task.results[0].bytes)).toBe('image/jpeg')
})
