import { Queue } from 'bullmq'
import { afterEach, beforeEach, expect } from 'vitest'
import type { BullJob } from '#shared/queue/bull.ts'
import { AT_ONCE, BY_CHATS } from '#shared/queue/take-by-chats.ts'
import { eventually } from '../lib/eventually.ts'
import { nameOf, openPartition } from '../lib/one-partition.ts'
import type { InHand, OnePartition } from '../lib/one-partition.ts'
import { randomOf } from '../lib/random.ts'
import { testOnRedis as test } from '../lib/redis.ts'

// The chats of one partition: what waits for one of them holds up none of the others.

let part: OnePartition
let chats: number[]
beforeEach(async () => {
  part = await openPartition()
  ;({ chats } = part)
})
afterEach(() => part.close())

const add: OnePartition['add'] = (...job) => part.add(...job)
const work: OnePartition['work'] = (...how) => part.work(...how)

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
  await eventually(async () => (await part.part.getActiveCount()) === 1)
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
  const handle = async (job: BullJob, { putOff }: InHand) => {
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
    if (fate === 'put off') await putOff(1 + random.below(30))
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
  expect(await part.part.getActiveCount()).toBe(0)
})

test('F127 an update that is put off holds up its own chat alone, and both come in order when its time is over', async () => {
  const [first, second] = chats as [number, number]
  const begun: string[] = []
  let isOff = true
  work(async (job, { putOff }) => {
    const { chat, number } = nameOf(job)
    begun.push(`${chat} ${number}`)
    if (chat !== first || !isOff) return
    isOff = false
    await putOff(1_500)
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
  const { redis, base } = part
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
  const before = new Queue(part.part.name, { prefix: '{tk:updates-0}', connection: { url: part.url } })
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
