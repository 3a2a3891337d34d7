import { afterEach, beforeEach, expect } from 'vitest'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { LOOK_FURTHER, LOOK_THROUGH } from '#shared/queue/take-by-chats.ts'
import { handBack } from '#shared/queue/bull.ts'
import { eventually } from '../lib/eventually.ts'
import { nameOf, openPartition } from '../lib/one-partition.ts'
import type { OnePartition } from '../lib/one-partition.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { randomOf } from '../lib/random.ts'
import { testOnRedis as test } from '../lib/redis.ts'

// A chat with more updates than a script looks through at once.

const MANY = 450

let part: OnePartition
let chats: number[]
beforeEach(async () => {
  part = await openPartition()
  ;({ chats } = part)
})
afterEach(() => part.close())

const addMany = async (chat: number, from: number, to: number) => {
  await Promise.all(Array.from({ length: to - from + 1 }, (_, at) => part.add(chat, from + at)))
}
const gate = () => Promise.withResolvers<void>()

test('F73 a chat that writes hundreds of updates at once holds up no other chat of its partition, and keeps its order', async () => {
  const [storm, ...others] = chats as [number, ...number[]]
  const answered = gate()
  const ended: string[] = []
  part.work(async (job) => {
    const { chat, number } = nameOf(job)
    if (chat === storm) await answered.promise
    ended.push(`${chat} ${number}`)
  })
  await part.add(storm, 1)
  await eventually(async () => (await part.part.getActiveCount()) === 1)
  await addMany(storm, 2, MANY)
  for (const number of [1, 2, 3]) for (const chat of others) await part.add(chat, number)
  await eventually(() => ended.length === others.length * 3, { what: 'all others are served' })
  for (const chat of others)
    expect(ended.filter((one) => one.startsWith(`${chat} `))).toEqual(
      [1, 2, 3].map((one) => `${chat} ${one}`),
    )
  answered.resolve()
  await eventually(() => ended.length === others.length * 3 + MANY)
  expect(ended.slice(others.length * 3)).toEqual(
    Array.from({ length: MANY }, (_, at) => `${storm} ${at + 1}`),
  )
})

test('F73 one chat whose hundreds of updates are put off and one that writes as many hold up neither one another nor others', async () => {
  const [off, storm, other] = chats as [number, number, number]
  const answered = gate()
  const ended: string[] = []
  let isOff = true
  part.work(async (job, { putOff }) => {
    const { chat, number } = nameOf(job)
    if (chat === off && isOff) await putOff(3_600_000)
    if (chat === storm && number === 3) await answered.promise
    ended.push(`${chat} ${number}`)
  })
  await addMany(off, 1, MANY)
  await eventually(
    async () => (await part.redis.hexists(`${part.base}update-main-${off * 1_000 + 1}`, 'due')) === 1,
  )
  await addMany(storm, 1, MANY)
  await eventually(() => ended.includes(`${storm} 2`), { what: 'the second chat is served behind the first' })
  await part.add(other, 1)
  await part.add(other, 2)
  await eventually(() => ended.length === 4, { what: 'a third chat is served behind both' })
  expect(ended).toEqual([`${storm} 1`, `${storm} 2`, `${other} 1`, `${other} 2`])
  answered.resolve()
  await eventually(() => ended.length === MANY + 2)
  isOff = false
  await part.redis.hset(`${part.base}update-main-${off * 1_000 + 1}`, 'due', 1)
  await part.redis.zadd(`${part.base}marker`, 0, '0')
  await eventually(() => ended.length === 2 * MANY + 2, { what: 'what was put off is done' })
  for (const chat of [off, storm])
    expect(ended.filter((one) => one.startsWith(`${chat} `))).toEqual(
      Array.from({ length: MANY }, (_, at) => `${chat} ${at + 1}`),
    )
})

test('F73 however many updates a chat has waiting, one step looks at a few hundred, and the next goes on from there', async () => {
  const [storm, other] = chats as [number, number]
  const FAR = 3_000
  const answered = gate()
  const ended: number[] = []
  const handle: Parameters<OnePartition['work']>[0] = async (job) => {
    if (nameOf(job).chat === storm) await answered.promise
    ended.push(nameOf(job).chat)
  }
  part.work(handle)
  await part.add(storm, 1)
  await eventually(async () => (await part.part.getActiveCount()) === 1)
  for (let number = 0; number < FAR; number += 300)
    await Promise.all(
      Array.from({ length: 300 }, (_, at) =>
        part.producer.add(telegramUpdate, telegramMessage(storm, 1, 'x'), {
          id: `update-main-${number + at}`,
        }),
      ),
    )
  const calls = async () => {
    const stats = await part.redis.info('commandstats')
    const of = (command: string) =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    return { read: of('hmget'), scripts: of('evalsha') }
  }
  // Nothing of it was looked through before.
  await part.redis.del(`${part.base}far`)
  const before = await calls()
  await part.add(other, 1)
  await eventually(() => ended.length === 1)
  const found = await calls()
  expect(found.read - before.read).toBeGreaterThanOrEqual(FAR)
  expect(found.read - before.read).toBeLessThanOrEqual(
    (found.scripts - before.scripts) * (LOOK_THROUGH + LOOK_FURTHER),
  )
  // And nothing of it is looked through again.
  await part.add(other, 2)
  await eventually(() => ended.length === 2)
  const again = await calls()
  expect(again.read - found.read).toBeLessThanOrEqual((again.scripts - found.scripts) * LOOK_THROUGH + 2)
  answered.resolve()
})

// What happens depends on the moment as well: with one seed, a place that was one too far was found in every second run.
test.each([731, 732, 733, 734, 735, 736, 737, 738])(
  'F10 in a storm two processes keep the order of each chat and work on one update of it, also where some go back and other bots write: seed %i',
  async (seed) => {
    const random = randomOf(seed)
    const busy = new Set<string>()
    const done = new Map<string, number[]>()
    const broken: string[] = []
    const handle: Parameters<OnePartition['work']>[0] = async (job, { putOff }) => {
      const [, bot, digits] = /^update-(\w+)-(\d+)/.exec(job.id!)!
      const chat = `${bot} ${Math.floor(Number(digits) / 1_000)}`
      if (busy.has(chat)) broken.push(`chat ${chat} has two at once`)
      busy.add(chat)
      const fate = random.weighted([
        [20, 'done'],
        [4, 'slow'],
        [2, 'put off'],
        [1, 'back'],
      ] as const)
      if (fate === 'slow') await new Promise((resolve) => setTimeout(resolve, 1 + random.below(8)))
      busy.delete(chat)
      if (fate === 'put off') await putOff(1 + random.below(40))
      if (fate === 'back') handBack()
      done.set(chat, [...(done.get(chat) ?? []), Number(digits) % 1_000])
    }
    part.work(handle, { process: 0, lookMs: 200 })
    part.work(handle, { process: 1, lookMs: 200 })
    const bots = ['main', 'second', 'third']
    const next = new Map<string, number>()
    const addOne = async (bot: string, chat: number) => {
      const number = (next.get(`${bot} ${chat}`) ?? 0) + 1
      next.set(`${bot} ${chat}`, number)
      const payload = { ...telegramMessage(chat, number, 'x'), bot }
      // Chats of other bots are in this partition as well, whatever their key.
      await part.part.add(
        'telegram.update',
        { v: 1, payload },
        {
          jobId: `update-${bot}-${chat * 1_000 + number}`,
          removeOnComplete: true,
          ...({ chat: `${bot} ${chat}` } as object),
        },
      )
    }
    const storms = chats.slice(0, 3)
    for (let round = 0; round < 40; round++) {
      const many = Array.from({ length: 12 }, () => addOne('main', random.pick(storms)))
      const few = Array.from({ length: 4 }, () => addOne(random.pick(bots), random.pick(chats)))
      await Promise.all([...many, ...few])
    }
    const count = () => [...done.values()].flat().length
    const all = [...next.values()].reduce((sum, one) => sum + one, 0)
    await eventually(() => count() === all, { what: 'all updates are done' })
    expect(broken).toEqual([])
    for (const [chat, numbers] of done)
      expect(numbers, `chat ${chat}`).toEqual(Array.from({ length: next.get(chat)! }, (_, at) => at + 1))
  },
)
