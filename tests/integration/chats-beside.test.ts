import { Queue } from 'bullmq'
import { afterEach, beforeEach, expect } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { BullJob, BullQueue, BullWorker, PutOff } from '#shared/queue/bull.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { AT_ONCE, BY_CHATS } from '#shared/queue/partition-scripts.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { catalogue } from '#shop/jobs.ts'
import { eventually } from '../lib/eventually.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { randomOf } from '../lib/random.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'

// The chats of one partition: what waits for one of them holds up none of the others.

/** Nobody looks for jobs that wait, so a job whose wake-up is lost never runs. */
const NEVER = 3_600_000
const CHATS = 12

let url: string
let backends: QueueBackend[]
let producer: Producer
let part: BullQueue
/** Chats of one partition. */
let chats: number[]
const workers: BullWorker[] = []

beforeEach(async () => {
  url = await redisUrl()
  const target = { kind: 'redis', url } as const
  backends = await Promise.all([openBackend(target, 'tk'), openBackend(target, 'tk')])
  producer = openProducer(backends[0]!, catalogue)
  ;[part] = producer.queues.get('updates')! as [BullQueue]
  chats = []
  for (let chat = 1; chats.length < CHATS; chat++) {
    await add(chat, 0)
    if ((await part.getRanges(['waiting'], 0, 0)).length === 0) continue
    chats.push(chat)
    await part.drain()
  }
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close(true)))
  await Promise.all([...producer.queues.values()].flat().map((queue) => queue.close()))
  await Promise.all(backends.map((backend) => backend.close()))
})

const add = (chat: number, number: number) => producer.add(telegramUpdate, telegramMessage(chat, number, 'x'))
/** Chat and number of a job. */
const nameOf = ({ id }: Pick<BullJob, 'id'>) => {
  const number = Number(/\d+/.exec(id!)![0])
  return { chat: Math.floor(number / 1_000), number: number % 1_000 }
}

function work(
  handle: (job: BullJob, rest: Pick<PutOff, 'worker' | 'token'>) => Promise<unknown>,
  { process = 0, lookMs = NEVER } = {},
): BullWorker {
  const worker: BullWorker = backends[process]!.worker(
    part.name,
    (job, token) => handle(job, { worker, token }),
    { concurrency: 1, lockDuration: 3_500, stalledInterval: lookMs },
  )
  workers.push(worker)
  void worker.run()
  return worker
}

test('F127 a chat for which Telegram is slow holds up no other chat of its partition', async () => {
  const [slow, ...others] = chats as [number, ...number[]]
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  const ended: string[] = []
  work(
    async (job) => {
      const { chat, number } = nameOf(job)
      if (chat === slow) await answered
      ended.push(`${chat} ${number}`)
    },
    { lookMs: 100 },
  )
  await add(slow, 1)
  await add(slow, 2)
  for (const chat of others) await add(chat, 1)
  await eventually(() => ended.length === others.length, { what: 'all others are served' })
  expect(ended.toSorted()).toEqual(others.map((chat) => `${chat} 1`).toSorted())
  answer()
  await eventually(() => ended.length === others.length + 2)
  expect(ended.slice(-2)).toEqual([`${slow} 1`, `${slow} 2`])
})

test('F127 one update that waits alone behind a slow chat is found by the next look', async () => {
  const [slow, other] = chats as [number, number]
  const ended: number[] = []
  let answer = () => {}
  const answered = new Promise<void>((resolve) => (answer = resolve))
  work(
    async (job) => {
      if (nameOf(job).chat === slow) await answered
      ended.push(nameOf(job).chat)
    },
    { lookMs: 100 },
  )
  await add(slow, 1)
  await eventually(async () => (await part.getActiveCount()) === 1)
  await add(other, 1)
  await eventually(() => ended.includes(other))
  answer()
  await eventually(() => ended.includes(slow))
})

test('F10 two processes work on several chats of a partition at once, and on each chat in order and one at a time', async () => {
  const random = randomOf(127)
  const EACH = 30
  const busy = new Set<number>()
  const done = new Map(chats.map((chat) => [chat, [] as number[]]))
  const broken: string[] = []
  let most = 0
  const handle = async (job: BullJob, { worker, token }: Pick<PutOff, 'worker' | 'token'>) => {
    const { chat, number } = nameOf(job)
    if (busy.has(chat)) broken.push(`chat ${chat} has two at once`)
    busy.add(chat)
    most = Math.max(most, busy.size)
    const fate = random.weighted([
      [6, 'done'],
      [2, 'slow'],
      [1, 'put off'],
    ] as const)
    if (fate === 'slow') await new Promise((resolve) => setTimeout(resolve, 1 + random.below(12)))
    busy.delete(chat)
    if (fate === 'put off') {
      const afterMs = 1 + random.below(30)
      await backends[0]!.putOffInOrder({
        worker,
        job,
        token,
        afterMs,
        stopping: new AbortController().signal,
      })
    }
    done.get(chat)!.push(number)
  }
  work(handle, { process: 0 })
  work(handle, { process: 1 })
  for (let number = 1; number <= EACH; number++) await Promise.all(chats.map((chat) => add(chat, number)))
  for (const chat of chats) await add(chat, EACH + 1)
  const all = () => [...done.values()].every((numbers) => numbers.at(-1) === EACH + 1)
  await eventually(all, { what: 'all updates are done' })
  expect(broken).toEqual([])
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(AT_ONCE)
  for (const [chat, numbers] of done)
    expect(numbers, `chat ${chat}`).toEqual(numbers.toSorted((a, b) => a - b))
  expect(await part.getActiveCount()).toBe(0)
})

test('F127 an update that is put off holds up its own chat alone, and both come in order when its time is over', async () => {
  const [first, second] = chats as [number, number]
  const begun: string[] = []
  let isOff = true
  work(async (job, { worker, token }) => {
    const { chat, number } = nameOf(job)
    begun.push(`${chat} ${number}`)
    if (chat !== first || !isOff) return
    isOff = false
    const stopping = new AbortController().signal
    await backends[0]!.putOffInOrder({ worker, job, token, afterMs: 1_500, stopping })
  })
  await add(first, 1)
  await eventually(() => !isOff)
  await add(first, 2)
  await add(second, 1)
  await add(second, 2)
  await eventually(() => begun.length === 5, { what: 'all updates begin' })
  expect(begun).toEqual([`${first} 1`, `${second} 1`, `${second} 2`, `${first} 1`, `${first} 2`])
})

test('F37 beside a job in the hands of the release before, and beside one that it has added, nothing is taken', async () => {
  const [first, second, third] = chats as [number, number, number]
  const redis = backends[0]!.redis!
  const base = part.toKey('')
  const begun: number[] = []
  // The release before has one in hand, and has no mark in its lock.
  await add(first, 1)
  await add(second, 1)
  await add(third, 1)
  const id = (await redis.rpoplpush(`${base}wait`, `${base}active`))!
  await redis.set(`${base}${id}:lock`, 'worker-of-before:1')
  const worker = work(async (job) => void begun.push(nameOf(job).chat), { lookMs: 50 })
  expect(worker.id.endsWith(BY_CHATS)).toBe(true)
  const looks = async (count: number) => {
    const before = begun.length
    for (let look = 0; look < count; look++) {
      await redis.zadd(`${base}marker`, 0, '0')
      await eventually(async () => (await redis.zcard(`${base}marker`)) === 0)
    }
    return begun.length - before
  }
  expect(await looks(3)).toBe(0)
  await redis.del(`${base}${id}:lock`, `${base}${id}`)
  await redis.lrem(`${base}active`, 1, id)
  await eventually(() => begun.length === 2)
  expect(begun).toEqual([second, third])
})

test('F37 updates that the release before has added do not say whose they are, and are worked on alone and in their order', async () => {
  const before = new Queue(part.name, { prefix: '{tk:updates-0}', connection: { url } })
  const busy = new Set<string>()
  const done: string[] = []
  const broken: string[] = []
  const ids = Array.from({ length: 8 }, (_, number) => `update-old-${number + 1}`)
  for (const jobId of ids) await before.add('telegram.update', { v: 1, payload: {} }, { jobId })
  for (const chat of chats.slice(0, 6)) await add(chat, 1)
  work(
    async (job) => {
      if (job.id!.includes('old') && busy.size > 0) broken.push(`${job.id} beside ${[...busy].join()}`)
      if ([...busy].some((id) => id.includes('old'))) broken.push(`${job.id} beside an old one`)
      busy.add(job.id!)
      await new Promise((resolve) => setTimeout(resolve, 5))
      busy.delete(job.id!)
      done.push(job.id!)
    },
    { lookMs: 50 },
  )
  await eventually(() => done.length === ids.length + 6)
  expect(broken).toEqual([])
  expect(done.filter((id) => id.includes('old'))).toEqual(ids)
  await before.close()
})
