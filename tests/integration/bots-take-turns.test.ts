import { Queue } from 'bullmq'
import { afterEach, beforeEach, expect } from 'vitest'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import type { BullWorker } from '#shared/queue/bull.ts'
import { AT_ONCE } from '#shared/queue/take-by-chats.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { catalogue } from '#shop/jobs.ts'
import { eventually } from '../lib/eventually.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { randomOf } from '../lib/random.ts'
import { redisUrl, testOnRedis as test } from '../lib/redis.ts'

let url: string
let backend: QueueBackend
let producer: Producer
const workers: BullWorker[] = []
beforeEach(async () => {
  url = await redisUrl()
  backend = await openBackend({ kind: 'redis', url }, 'tk')
  producer = openProducer(backend, catalogue)
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close(true)))
  await backend.close()
})

const updateOf = (bot: string, chat: number, number: number) => ({
  ...telegramMessage(chat, number, 'x'),
  bot,
})
const add = (bot: string, chat: number, number: number, id?: string) =>
  producer.add(telegramUpdate, updateOf(bot, chat, number), { ...(id !== undefined && { id }) })
const parts = () => producer.queues.get('updates')!

/** The bots of a partition's jobs, in the order in which the jobs are worked on. */
async function workedOn(expected: number): Promise<Map<string, string[]>> {
  const taken = new Map<string, string[]>(parts().map(({ name }) => [name, []]))
  let count = 0
  for (const { name } of parts()) {
    const worker = backend.worker(
      name,
      async (job) => {
        taken.get(name)!.push((job.data.payload as { bot: string }).bot)
        count++
      },
      { concurrency: 1, stalledInterval: 1_000 },
    )
    workers.push(worker)
    void worker.run()
  }
  await eventually(() => count === expected, { what: `${expected} updates are worked on` })
  return taken
}

test('F106: of a bot with four thousand queued updates one is worked on before each update of another bot, and those beside it', async () => {
  // A thousand chats press four times each, and then one chat presses a hundred times.
  for (let round = 0; round < 4; round++)
    await Promise.all(Array.from({ length: 1_000 }, (_, chat) => add('loud', chat + 1, round)))
  await Promise.all(Array.from({ length: 100 }, (_, number) => add('loud', 1_001, number)))
  for (let number = 0; number < 3; number++)
    await Promise.all(Array.from({ length: 40 }, (_, chat) => add('quiet', chat + 1, number)))
  const early: string[] = []
  for (const [part, bots] of (await workedOn(4_100 + 120)).entries()) {
    let [loud, quiet] = [0, 0]
    for (const bot of bots) {
      if (bot === 'loud') loud++
      else quiet++
      // One is worked on before each of the quiet bot's, and a few beside it.
      if (bot === 'quiet' && loud > quiet - 1 + AT_ONCE) early.push(`${part}: ${loud} before the ${quiet}th`)
    }
  }
  expect(early).toEqual([])
})

test('F106: whoever comes waits for one update of each other bot, and every bot keeps its order', async () => {
  const queue = backend.queue('updates-0')
  const random = randomOf(106)
  const bots = ['a', 'a-1', 'a-1-2', 'loud']
  const numbers = new Map(bots.map((bot) => [bot, 0]))
  const waiting: string[] = []
  const broken: string[] = []
  const botOf = (id: string) => /^update-(.*)-\d+/.exec(id)![1]!
  const read = async () => ((await queue.getRanges(['waiting'], 0, -1)) as string[]).toReversed()
  for (let step = 0; step < 600; step++) {
    if (random.chance(0.4) && waiting.length > 0) {
      // The job is taken as a worker would take it, at once and for good.
      const [id] = waiting.splice(0, 1)
      await queue.remove(id!)
      continue
    }
    const bot = random.weighted([
      [1, 'a'],
      [1, 'a-1'],
      [1, 'a-1-2'],
      [9, 'loud'],
    ] as const)
    const number = numbers.get(bot)! + 1
    numbers.set(bot, number)
    // A job that was put aside, or that is replayed, has a further number in its id.
    const id = `update-${bot}-${number}${random.pick(['', '', '~wait-1', '~2'])}`
    await queue.add('telegram.update', { v: 1, payload: {} }, { jobId: id })
    const others = new Set(waiting.map(botOf).filter((one) => one !== bot)).size
    const alone = waiting.every((one) => botOf(one) !== bot)
    const after = await read()
    const place = after.indexOf(id)
    if (alone && place > others) broken.push(`${id} is number ${place} with ${others} other bots`)
    if (after.slice(place + 1).some((one) => botOf(one) === bot)) broken.push(`${id} overtakes`)
    expect(after.filter((one) => one !== id)).toEqual(waiting)
    waiting.splice(0, waiting.length, ...after)
  }
  expect(broken).toEqual([])
  await queue.close()
})

test('F106: an update does not overtake those of its bot that an earlier release has put at the end of the list', async () => {
  const prefix = '{tk:updates-0}'
  const before = new Queue('updates-0', { prefix, connection: { url } })
  const now = backend.queue('updates-0')
  const data = { v: 1 as const, payload: {} }
  const put = (queue: Pick<Queue, 'add'>, ids: string[]) =>
    ids.reduce<Promise<unknown>>(
      (last, jobId) => last.then(() => queue.add('x', data, { jobId })),
      Promise.resolve(),
    )
  await put(before, ['update-loud-1', 'update-loud-2', 'update-main-1', 'update-loud-3', 'update-main-2'])
  await put(before, ['update-loud-4', 'update-loud-5'])
  await put(now, ['update-main-3', 'update-third-1'])
  expect(await now.getRanges(['waiting'], 0, -1)).toEqual(
    ['loud-1', 'third-1', 'loud-2', 'main-1', 'loud-3', 'main-2', 'loud-4', 'main-3', 'loud-5']
      .map((one) => `update-${one}`)
      .toReversed(),
  )
  await Promise.all([before.close(), now.close()])
})
