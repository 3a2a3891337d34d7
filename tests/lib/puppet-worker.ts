// A worker process whose handlers do what the payload of their job says, and write down that they did. Tests
// kill it.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDb } from '#shared/db/db.ts'
import { Transient } from '#shared/errors.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { catalogue } from '#shop/jobs.ts'
import { handle } from '#shared/queue/executor.ts'
import { queueSettings } from '#shared/queue/queues.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { moveOrder } from '#shared/money/orders.ts'
import { done, later, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { partitionProblem } from '#shared/queue/partitions.ts'
import { readQueueMap } from '#shared/queue/queue-map.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { startRelay } from '#shared/queue/relay.ts'
import { createSecrets } from '#shared/secrets.ts'
import { PUPPET_KEY } from './puppet-key.ts'

const [queue = 'notices', name = 'puppet'] = process.argv.slice(2)
if (process.env.LOOK_MS) {
  for (const settings of Object.values(queueSettings)) {
    Object.assign(settings, { lookMs: Number(process.env.LOOK_MS) })
  }
}
const db = await openDb(process.env.DATABASE_URL!, { max: 5, name })
const backend = await openBackend(
  {
    kind: 'redis',
    url: process.env.REDIS_URL!,
    map: process.env.REDIS_QUEUES ? readQueueMap(process.env.REDIS_QUEUES) : undefined,
  },
  'test',
  Number(process.env.PARTITIONS),
)
const refused = await partitionProblem(backend, 'test')
if (refused) {
  console.log(refused)
  process.exit(1)
}
const log = createLog({ level: 'warn', name })
const secrets = createSecrets(PUPPET_KEY)
const producer = openProducer(backend, catalogue, secrets)
const relay = startRelay(db, producer, log, 200)

const note = (key: string, what: string) =>
  db.rows({ text: 'insert into puppet (key, what, process) values ($1, $2, $3)', values: [key, what, name] })

async function play(key: string, words: string): Promise<Verdict> {
  const [part = 'brief', argument = ''] = words.split(' ')
  await note(key, 'start')
  const tries = await db.rows<{ n: bigint }>({
    text: `select count(*) as n from puppet where key = $1 and what = 'start'`,
    values: [key],
  })
  const first = tries[0]!.n === 1n
  switch (part) {
    case 'throw':
      throw new Error('as told')
    case 'transient-once':
      if (first) throw new Transient('not now')
      break
    case 'later-once':
      if (first) return later(300, 'as told')
      break
    case 'reject':
      return reject('as told')
    case 'nonsense':
      return 'ok' as unknown as Verdict
    case 'hang':
      await sleep(60_000)
      break
    case 'hang-once':
      if (first) await sleep(60_000)
      break
    case 'block': {
      // Blocks the event loop until a file of this name is there, so that the loop cannot renew the lock of
      // the job (3.5 s).
      const clock = new Int32Array(new SharedArrayBuffer(4))
      while (first && !existsSync(argument)) Atomics.wait(clock, 0, 0, 50)
      const moved = await db.tx((tx) =>
        moveOrder(tx, 'blocked', 'reserved', { actor: name, from: ['draft'] }),
      )
      await note(key, moved ? 'won' : 'late')
      return done
    }
    case 'enqueue':
      await sleep(1_000)
      await producer.add(sendNotice, {
        key: `of-${key}`,
        bot: 'main',
        personId: '1',
        text: 'done',
        params: {},
      })
      break
    case 'slow':
      await sleep(700)
      break
    case 'brief':
      await sleep(3)
      break
  }
  await note(key, 'end')
  return done
}

const context = { backend, db, producer, secrets, log, metrics: createMetrics() }
const others = [...catalogue.values()].filter(
  (type) => type.queue === 'notices' && type.name !== sendNotice.name,
)
const running =
  queue === 'updates'
    ? runQueue(context, 'updates', [
        handle(telegramUpdate, ({ update }) =>
          play(String(update.update_id), update.message?.text ?? 'brief'),
        ),
      ])
    : runQueue(context, 'notices', [
        handle(sendNotice, (notice) => play(notice.key, notice.text)),
        ...others.map((type) => handle(type, async () => done)),
      ])
console.log('ready')

process.once('SIGTERM', () => {
  void (async () => {
    await running.stop(5_000)
    await relay.stop()
    await backend.close()
    await db.close()
    console.log('stopped')
    process.exit(0)
  })()
})
