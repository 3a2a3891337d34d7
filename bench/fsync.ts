import { catalogue } from '#shop/jobs.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../bin/infra/redis.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { inTurns, median, rate } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const ROUND_MS = 600
const ALONE = 60
const CHATS = 500
const JOBS = 1_000
const ATWORK = 50

/**
 * What it costs that an acknowledged update is on the disk: Redis with an fsync before each answer, against an
 * fsync every second.
 */
export async function benchFsync(): Promise<Result[]> {
  const always = await openQueue('always')
  const everysec = await openQueue('everysec')
  try {
    const rates = async (width: number) =>
      inTurns(
        () => rate(width, ROUND_MS, always.add),
        () => rate(width, ROUND_MS, everysec.add),
      )
    const alone = (one: typeof always) => async () => {
      const times: number[] = []
      for (let call = 0; call < ALONE; call++) {
        const start = performance.now()
        await one.add()
        times.push(performance.now() - start)
      }
      return median(times)
    }
    const results: Result[] = []
    for (const width of [100, 10]) {
      results.push({
        name: `updates taken on, ${width} at once: fsync always against everysec`,
        unit: '/s',
        ...(await rates(width)),
      })
    }
    results.push({
      name: `jobs done, ${ATWORK} at once: fsync always against everysec`,
      unit: '/s',
      ...(await inTurns(always.work, everysec.work)),
    })
    results.push({
      name: 'one update alone, until it is acknowledged',
      unit: 'ms',
      smaller: true,
      ...(await inTurns(alone(always), alone(everysec))),
    })
    return results
  } finally {
    await always.close()
    await everysec.close()
  }
}

async function openQueue(fsync: 'always' | 'everysec') {
  const dataDir = await mkdtemp(join(tmpdir(), `telekassa-fsync-${fsync}-`))
  const redis = await startRedis({ dataDir, log: { info: () => {}, warn: console.warn }, fsync })
  const backend = await openBackend({ kind: 'redis', url: redis.url }, 'bench')
  const producer: Producer = openProducer(backend, catalogue)
  const queue = backend.queue('bench')
  let done = () => {}
  let left = 0
  const worker = backend.worker(
    'bench',
    async () => {
      if (--left === 0) done()
    },
    { concurrency: ATWORK },
  )
  worker.run().catch(console.warn)
  let number = 0
  return {
    add: async (): Promise<void> => {
      number += 1
      const id = number % CHATS
      const message = {
        message_id: number,
        date: 1,
        chat: { id, type: 'private', first_name: 'A' },
        text: '/help',
      }
      const update = { update_id: number, message } as never
      await producer.add(telegramUpdate, { bot: 'main', update })
    },
    /** Jobs per second, from the first job taken to the last one done. */
    work: async (): Promise<number> => {
      left = JOBS
      const all = new Promise<void>((resolve) => (done = resolve))
      const start = performance.now()
      await queue.addBulk(
        Array.from({ length: JOBS }, () => ({
          name: 'nothing',
          data: { v: 1 as const, payload: {} },
          opts: { removeOnComplete: true },
        })),
      )
      await all
      return (JOBS * 1000) / (performance.now() - start)
    },
    async close() {
      await worker.close(true)
      await backend.close()
      await redis.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
