import { UnrecoverableError } from 'bullmq'
import { afterEach, beforeEach, expect } from 'vitest'
import { atEnd } from '../lib/at-end.ts'
import { eventually } from '../lib/eventually.ts'
import { nameOf, openPartition } from '../lib/one-partition.ts'
import type { OnePartition } from '../lib/one-partition.ts'
import { startPrivateRedis, testOnRedis as test } from '../lib/redis.ts'

// What may befall a partition whose chats are worked on beside one another: nothing runs twice at once, out of order, or
// not at all.

let part: OnePartition
let chats: number[]
beforeEach(async () => {
  part = await openPartition()
  ;({ chats } = part)
})
afterEach(() => part.close())

const HOUR = 3_600_000
const idOf = (chat: number, number: number) => `update-main-${chat * 1_000 + number}`
const textOf = (chat: number, number: number) => `${chat} ${number}`
const gate = () => Promise.withResolvers<void>()

test('F35 an update that is put off is not put off for an hour more when the clock of Redis is set back by an hour', async () => {
  const [chat] = chats as [number]
  const begun: string[] = []
  const worker = part.work(
    async (job, { putOff }) => {
      begun.push(textOf(chat, nameOf(job).number))
      if (begun.length === 1) await putOff(HOUR / 60)
    },
    { lookMs: 50 },
  )
  await part.add(chat, 1)
  await part.add(chat, 2)
  const key = part.base + idOf(chat, 1)
  await eventually(async () => (await part.redis.hexists(key, 'due')) === 1)
  expect(begun).toHaveLength(1)
  // The same as a clock that is an hour earlier from now on.
  await part.redis.hincrby(key, 'due', HOUR)
  await eventually(() => begun.length === 3)
  expect(begun).toEqual([textOf(chat, 1), textOf(chat, 1), textOf(chat, 2)])
  await worker.close()
})

test('F35 the jobs of a dead process come back, and others are found, soon after the clock of Redis was set back by an hour', async () => {
  const [dead, other] = chats as [number, number]
  const { redis, base } = part
  await part.add(dead, 1)
  const id = (await redis.rpoplpush(`${base}wait`, `${base}active`))!
  // A lock and a guard that were given before the clock was set back.
  await redis.set(`${base}${id}:lock`, 'gone~chats:1', 'PX', HOUR)
  await redis.set('tk:look-at-partitions', '1', 'PX', HOUR)
  const ended: string[] = []
  part.work(
    async (job) => {
      const { chat, number } = nameOf(job)
      ended.push(textOf(chat, number))
    },
    { lookMs: 50, lockMs: 500 },
  )
  await part.add(dead, 2)
  await part.add(other, 1)
  await redis.del(`${base}marker`)
  await eventually(() => ended.length === 3)
  expect(ended.filter((one) => one !== textOf(other, 1))).toEqual([textOf(dead, 1), textOf(dead, 2)])
})

test('F12 an update that fails makes no update run that is put off, and none beside the one of its chat that is at work', async () => {
  const [off, slow, fails] = chats as [number, number, number]
  const answered = gate()
  const begun: string[] = []
  const busy = new Set<number>()
  const broken: string[] = []
  part.work(
    async (job, { putOff }) => {
      const { chat, number } = nameOf(job)
      begun.push(textOf(chat, number))
      if (busy.has(chat)) broken.push(`two of ${chat} at once`)
      busy.add(chat)
      try {
        if (chat === off) await putOff(HOUR)
        if (chat === slow) await answered.promise
        if (chat === fails) throw new UnrecoverableError('it fails')
      } finally {
        busy.delete(chat)
      }
    },
    { lookMs: 50 },
  )
  await part.add(off, 1)
  await eventually(async () => (await part.redis.hexists(part.base + idOf(off, 1), 'due')) === 1)
  // With nothing else in hand.
  await part.add(fails, 1, { id: idOf(fails, 1) })
  await eventually(() => begun.includes(textOf(fails, 1)))
  await eventually(async () => (await part.part.getActiveCount()) === 0)
  await part.add(slow, 1)
  await eventually(() => begun.includes(textOf(slow, 1)))
  await part.add(slow, 2)
  // Redis was emptied meanwhile and nobody has told it again that BullMQ's own scripts take one at a time.
  await part.redis.hdel(`${part.base}meta`, 'concurrency')
  await part.add(fails, 2)
  await eventually(() => begun.includes(textOf(fails, 2)))
  await eventually(async () => (await part.part.getActiveCount()) === 1)
  expect(broken).toEqual([])
  expect(begun.filter((one) => one === textOf(off, 1))).toHaveLength(1)
  answered.resolve()
  await eventually(() => begun.includes(textOf(slow, 2)))
  expect(broken).toEqual([])
})

test('F12 an update whose run ends by an error that nobody expected keeps its place, loses a try, and holds up its own chat alone', async () => {
  const [fails, other] = chats as [number, number]
  const begun: string[] = []
  part.work(
    async (job) => {
      const { chat, number } = nameOf(job)
      begun.push(`${textOf(chat, number)} try ${job.attemptsMade + 1}`)
      if (chat === fails && number === 1) throw new Error('nobody expected it')
    },
    { lookMs: 50 },
  )
  await Promise.all([part.add(fails, 1), part.add(fails, 2), part.add(other, 1)])
  await eventually(() => begun.includes(`${textOf(fails, 2)} try 1`), { what: 'the later one is worked on' })
  const ofChat = (chat: number) => begun.filter((one) => one.startsWith(`${chat} `))
  expect(ofChat(fails)).toEqual([
    ...[1, 2, 3, 4].map((time) => `${textOf(fails, 1)} try ${time}`),
    `${textOf(fails, 2)} try 1`,
  ])
  expect(ofChat(other)).toHaveLength(1)
  expect(await part.part.getFailedCount()).toBe(1)
})

test('F127 an update that was added with a delay is worked on beside other chats when its time has come, and keeps its place', async () => {
  const [slow, late, other] = chats as [number, number, number]
  const answered = gate()
  const ended: string[] = []
  part.work(
    async (job) => {
      const { chat, number } = nameOf(job)
      if (chat === slow) await answered.promise
      ended.push(textOf(chat, number))
    },
    { lookMs: 50 },
  )
  await part.add(slow, 1)
  await eventually(async () => (await part.part.getActiveCount()) === 1)
  const [first, ...more] = Array.from({ length: 12 }, (_, at) => at + 1) as [number, ...number[]]
  await part.add(late, first, { delayMs: 300 })
  await Promise.all(more.map((number) => part.add(late, number, { delayMs: 300 })))
  expect(await part.part.getDelayedCount()).toBe(12)
  await eventually(() => ended.length === 12, { what: 'the late ones are done while another chat is slow' })
  expect(ended).toEqual([first, ...more].map((number) => textOf(late, number)))
  // By hand a delayed job is let go before its time.
  await part.add(late, 20, { delayMs: HOUR })
  await (await part.part.getJob(idOf(late, 20)))!.promote()
  await part.add(other, 1)
  await eventually(() => ended.length === 14)
  expect(ended.slice(12).toSorted()).toEqual([textOf(late, 20), textOf(other, 1)].toSorted())
  answered.resolve()
  await eventually(() => ended.includes(textOf(slow, 1)))
})

test('F10 a process that is killed between taking an update and ending it holds up its own chat alone, until its lock ends', async () => {
  const [dead, other] = chats as [number, number]
  const { redis, base } = part
  await part.add(dead, 1)
  const id = (await redis.rpoplpush(`${base}wait`, `${base}active`))!
  await redis.set(`${base}${id}:lock`, 'killed~chats:1', 'PX', 60_000)
  await part.add(dead, 2)
  const ended: string[] = []
  part.work(
    async (job) => {
      const { chat, number } = nameOf(job)
      ended.push(textOf(chat, number))
    },
    { lookMs: 50, lockMs: 60_000 },
  )
  for (const number of [1, 2, 3]) await part.add(other, number)
  await eventually(() => ended.length === 3)
  expect(ended).toEqual([1, 2, 3].map((number) => textOf(other, number)))
  await redis.del(`${base}${id}:lock`)
  await eventually(() => ended.length === 5)
  expect(ended.slice(3)).toEqual([textOf(dead, 1), textOf(dead, 2)])
})

test('F95 a partition that somebody pauses takes nothing, also where some are at work or put off, and goes on in order', async () => {
  const [slow, off, other] = chats as [number, number, number]
  const answered = gate()
  const ended: string[] = []
  let isOff = true
  part.work(
    async (job, { putOff }) => {
      const { chat, number } = nameOf(job)
      if (chat === slow && number === 1) await answered.promise
      if (chat === off && isOff) {
        isOff = false
        await putOff(100)
      }
      ended.push(textOf(chat, number))
    },
    { lookMs: 50 },
  )
  await part.add(slow, 1)
  await eventually(async () => (await part.part.getActiveCount()) === 1)
  await part.add(off, 1)
  await eventually(() => !isOff)
  await part.part.pause()
  for (const chat of [slow, off, other]) await part.add(chat, 2)
  await part.redis.zadd(`${part.base}marker`, 0, '0')
  answered.resolve()
  await eventually(() => ended.length > 0)
  await eventually(async () => (await part.part.getActiveCount()) === 0)
  // Two looks have passed since the time of what was put off.
  await eventually(
    async () => Number(await part.redis.hget(part.base + idOf(off, 1), 'due')) + 200 < Date.now(),
  )
  expect(ended).toEqual([textOf(slow, 1)])
  await part.part.resume()
  await eventually(() => ended.length === 5)
  expect(ended.filter((one) => one.startsWith(`${off} `))).toEqual([textOf(off, 1), textOf(off, 2)])
  expect(ended).toContain(textOf(slow, 2))
  expect(ended).toContain(textOf(other, 2))
})

test('F26 what was put off when Redis was killed and started again is done at its time, in order', async () => {
  const own = await startPrivateRedis()
  atEnd(() => own.stop())
  const there = await openPartition(own.url)
  try {
    const [chat, other] = there.chats as [number, number]
    const ended: string[] = []
    let isOff = true
    there.work(
      async (job, { putOff }) => {
        const { number } = nameOf(job)
        if (isOff) {
          isOff = false
          await putOff(1_500)
        }
        ended.push(textOf(nameOf(job).chat, number))
      },
      { lookMs: 100 },
    )
    await there.add(chat, 1)
    await eventually(() => !isOff)
    await there.add(chat, 2)
    await own.kill()
    await own.start()
    await eventually(() => there.add(other, 1).then(() => true))
    await eventually(() => ended.length === 3)
    expect(ended.filter((one) => one.startsWith(`${chat} `))).toEqual([textOf(chat, 1), textOf(chat, 2)])
  } finally {
    await there.close()
  }
})
