import { setTimeout as sleep } from 'node:timers/promises'
import type { Update } from 'grammy/types'
import type { Shared } from '#shared/context.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { enqueueUpdate } from '#shared/telegram/intake.ts'
import { readConfig } from '#shop/config.ts'
import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import { bot } from '#workers/bot/worker.ts'
import { startWorker } from '#workers/run.ts'
import type { Infra } from '../bin/infra/start.ts'
import { median } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'
import { fakeTelegram } from './lib/telegram.ts'

const PEOPLE = 1_000
const PRESSES = 20
const ADMIN = 900_000_001
/** The longest wait that admins are promised, whatever customers do. */
const PROMISED_MS = 2_000

/**
 * An admin sends /admin once a second, while 1,000 people have pressed Start at once and the bot sends its 30
 * messages a second; against the same in a quiet bot. Customers wait for the send budget here for half a minute
 * and more, and an admin must not.
 */
export async function benchCrowd({ databaseUrl, queue }: Infra): Promise<Result[]> {
  const telegram = await fakeTelegram()
  const config = readConfig({
    ...process.env,
    BOT_TOKEN: `123456:${'A'.repeat(35)}`,
    ADMIN_IDS: String(ADMIN),
    TELEGRAM_API_ROOT: telegram.url,
  })
  const backend = await openBackend(queue, 'bench-crowd')
  const log = createLog({ level: 'silent', name: 'bench' })
  const producer = openProducer(backend, catalogue)
  const shared: Shared = { config, log, metrics: createMetrics(), backend, goods, producer }
  const worker = await startWorker(bot, shared, databaseUrl)
  const door = { name: 'main', hasRole: (id: number | string) => Number(id) === ADMIN }
  let updates = 0
  const say = (id: number, text: string) => enqueueUpdate(shared, door, typed(++updates, id, text))
  const presses = async () => {
    const figures: number[] = []
    for (let n = 0; n < PRESSES; n++) {
      const start = performance.now()
      const replied = telegram.reply(ADMIN)
      await say(ADMIN, '/admin')
      await replied
      figures.push(performance.now() - start)
      await sleep(1_000)
    }
    return figures
  }
  try {
    await say(ADMIN, '/start')
    await telegram.reply(ADMIN)
    const quiet = await presses()
    let greeted = 0
    const starts = Array.from({ length: PEOPLE }, async (_, at) => {
      void telegram.reply(1_000 + at).then(() => greeted++)
      await say(1_000 + at, '/start')
    })
    await Promise.all(starts)
    const crowded = await presses()
    console.log(
      `  ${greeted} of ${PEOPLE} people were greeted meanwhile; the slowest press took ` +
        `${Math.round(Math.max(...crowded))} ms of the ${PROMISED_MS} ms that are promised`,
    )
    const result = (name: string, of: (figures: number[]) => number): Result => ({
      name,
      ours: of(crowded),
      baseline: of(quiet),
      unit: 'ms',
      smaller: true,
    })
    return [
      result('a press of an admin among 1,000 Starts, median', median),
      result('a press of an admin among 1,000 Starts, slowest', (figures) => Math.max(...figures)),
    ]
  } finally {
    await worker.stop(1_000)
    await backend.close()
    telegram.server.close()
  }
}

function typed(update_id: number, id: number, text: string): Update {
  const chat = { id, type: 'private' as const, first_name: 'Somebody' }
  const from = { id, is_bot: false, first_name: 'Somebody', language_code: 'en' }
  const date = Math.floor(Date.now() / 1000)
  return { update_id, message: { message_id: update_id, date, chat, from, text } }
}
