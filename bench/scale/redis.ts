import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogue } from '#shop/jobs.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { startRedis } from '../../bin/infra/redis.ts'
import { median, rate } from '../lib/compare.ts'

const AT_ONCE = 200
const ROUND_MS = 1_500
const ROUNDS = 5
const CHATS = 500

/**
 * How many updates a second one process puts on queues with one and with two Redis servers, and which processes
 * were busy meanwhile.
 */
export async function benchRedis(): Promise<void> {
  const dirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'telekassa-bench-redis-'))))
  const log = { info: () => {}, warn: console.warn }
  const servers = await Promise.all(dirs.map((dataDir) => startRedis({ dataDir, log, fsync: 'always' })))
  const urls = servers.map(({ url }) => url)
  const ways = [urls.slice(0, 1), urls]
  const rows = ways.map((list) => ({
    list,
    rates: [] as number[],
    node: [] as number[],
    redis: [] as number[],
  }))
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const row of rows) {
        const target = {
          kind: 'redis' as const,
          url: urls[0]!,
          map: { homes: { updates: row.list }, drain: [] },
        }
        const backend = await openBackend(target, `bench-${row.list.length}`)
        const producer = openProducer(backend, catalogue)
        const busy = async () => {
          const infos = await Promise.all(backend.servers.map(({ redis }) => redis!.info('cpu')))
          return infos
            .flatMap((info) => [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)])
            .reduce((sum, [, seconds]) => sum + Number(seconds), 0)
        }
        let number = round * 10_000_000
        const before = [performance.now(), process.cpuUsage(), await busy()] as const
        row.rates.push(
          await rate(AT_ONCE, ROUND_MS, async () => {
            const id = (number += 1) % CHATS
            const chat = { id, type: 'private', first_name: 'A' }
            const update = {
              update_id: number,
              message: { message_id: number, date: 1, chat, text: '/help' },
            }
            await producer.add(telegramUpdate, { bot: 'main', update: update as never })
          }),
        )
        const seconds = (performance.now() - before[0]) / 1_000
        const { user, system } = process.cpuUsage(before[1])
        row.node.push((user + system) / 1e6 / seconds)
        row.redis.push(((await busy()) - before[2]) / seconds)
        await Promise.all(backend.servers.map(({ redis }) => redis!.flushdb()))
        await backend.close()
      }
    }
    const first = rows[0]!.rates
    console.table(
      rows.map(({ list, rates, node, redis }) => ({
        'Redis servers': list.length,
        'updates/s': Math.round(median(rates)),
        'ratio to one': median(rates.map((one, round) => one / first[round]!)).toFixed(2),
        'cores of the process': median(node).toFixed(2),
        'cores of Redis': median(redis).toFixed(2),
      })),
    )
  } finally {
    for (const [index, server] of servers.entries()) {
      await server.stop()
      await rm(dirs[index]!, { recursive: true, force: true })
    }
  }
}
