// A server of its own, so that it does not share an event loop with the load: `ours` is the gateway, `bare` a fastify
// route that does the same queue.add, spread over the same queues, and nothing else.
import { catalogue } from '#shop/jobs.ts'
import fastify from 'fastify'
import { buildGateway } from '#gateway/gateway.ts'
import { readConfig } from '#shop/config.ts'
import { openDb } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueTarget } from '#shared/queue/backend.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { keepEnded, queueSettings } from '#shared/queue/queues.ts'

const [which, target = '', databaseUrl = ''] = process.argv.slice(2)
const backend = await openBackend(JSON.parse(target) as QueueTarget, `bench-${which}`)
const producer = openProducer(backend, catalogue)

if (which === 'bare') {
  const app = fastify()
  const queues = producer.queues.get('updates')!
  app.post<{ Body: { update_id: number } }>('/', async (request, reply) => {
    await queues[request.body.update_id % queues.length]!.add(
      'telegram.update',
      { v: 1, payload: { bot: 'main', update: request.body } },
      {
        jobId: `update-main-${request.body.update_id}`,
        attempts: 4,
        backoff: { type: 'exponential', delay: 250, jitter: 0.5 },
        ...keepEnded(queueSettings.updates, 2_000, 64),
      },
    )
    return reply.code(200).send()
  })
  console.log(`ready ${await app.listen({ port: 0 })}/`)
} else {
  const config = readConfig({
    ...process.env,
    BOT_TOKEN: `123456:${'A'.repeat(35)}`,
    WEBHOOK_SECRET: 'bench',
  })
  const db = await openDb(databaseUrl, { max: 2, name: 'bench' })
  const log = createLog({ level: 'warn', name: 'bench' })
  const app = await buildGateway({ config, log, metrics: createMetrics(), backend, producer, db } as never)
  console.log(`ready ${await app.listen({ port: 0 })}/telegram/main`)
}
