import { goods } from '#shop/goods.ts'
import { catalogue } from '#shop/jobs.ts'
import type { Update } from 'grammy/types'
import { startWorker } from '#workers/run.ts'
import { bot } from '#workers/bot/worker.ts'
import { openContext } from '#shared/context.ts'
import type { Shared } from '#shared/context.ts'
import { readConfig } from '#shop/config.ts'
import type { Infra } from '../bin/infra/start.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { enqueueUpdate } from '#shared/telegram/intake.ts'
import { fakeTelegram } from './lib/telegram.ts'
import { inTurns, median, percentile } from './lib/compare.ts'
import type { Result } from './lib/compare.ts'

const UPDATES = 150
const CHATS = 500

/**
 * The time from an update to the reply that Telegram gets: through the queue, against the same handler called
 * directly.
 */
export async function benchLatency({ databaseUrl, queue }: Infra): Promise<Result[]> {
  const telegram = await fakeTelegram()
  const config = readConfig({
    ...process.env,
    BOT_TOKEN: `123456:${'A'.repeat(35)}`,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_SEND_RATE: '1000',
  })
  const backend = await openBackend(queue, 'bench-latency')
  const log = createLog({ level: 'silent', name: 'bench' })
  const shared: Shared = {
    config,
    log,
    metrics: createMetrics(),
    backend,
    goods,
    producer: openProducer(backend, catalogue),
  }
  const worker = await startWorker(bot, shared, databaseUrl)
  const context = await openContext(shared, { name: 'direct', databaseUrl, poolSize: 10 })
  const direct = (await bot.start(context)).handlers.find(({ type }) => type.name === telegramUpdate.name)!
  const run = {
    jobId: 'bench',
    queuedAt: Date.now(),
    sealed: true,
    atRest: false,
    lastTry: false,
    signal: new AbortController().signal,
    log,
  }
  const worst: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] }
  const time = async (into: number[], send: (update: Update) => Promise<unknown>): Promise<number> => {
    const figures: number[] = []
    for (let n = 0; n < UPDATES; n++) {
      const update = nextUpdate()
      const start = performance.now()
      const replied = telegram.reply(update.message!.chat.id)
      await Promise.all([send(update), replied])
      figures.push(performance.now() - start)
    }
    into.push(percentile(figures, 99))
    return median(figures)
  }
  try {
    const figures = await inTurns(
      () => time(worst.ours, (update) => enqueueUpdate(shared, { name: 'main' }, update)),
      () => time(worst.baseline, (update) => direct.run({ bot: 'main', update } as never, run)),
    )
    return [
      { name: 'update to reply, median', ...figures, unit: 'ms', smaller: true },
      {
        name: 'update to reply, p99',
        ours: median(worst.ours),
        baseline: median(worst.baseline),
        unit: 'ms',
        smaller: true,
      },
    ]
  } finally {
    await worker.stop(1_000)
    await context.close()
    await backend.close()
    telegram.server.close()
  }
}

let updateId = 1

function nextUpdate(): Update {
  const id = 1 + (updateId % CHATS)
  const chat = { id, type: 'private' as const, first_name: 'Somebody' }
  const from = { id, is_bot: false, first_name: 'Somebody', language_code: 'en' }
  return { update_id: updateId++, message: { message_id: updateId, date: 0, chat, from, text: '/health' } }
}
