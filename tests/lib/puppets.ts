import { createSecrets } from '#shared/secrets.ts'
import { PUPPET_KEY } from './puppet-key.ts'
import { catalogue } from '#shop/jobs.ts'
import { join } from 'node:path'
import type { Update } from 'grammy/types'
import type { Db } from '#shared/db/db.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { readQueueMap } from '#shared/queue/queue-map.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { createDatabase, openTestDb } from './database.ts'
import { startNode } from './processes.ts'
import type { TestProcess } from './processes.ts'

export interface PuppetOptions {
  /** The number of partitions, where the process plays another release. */
  partitions?: number
  /** How often the worker looks for jobs whose lock is over. */
  lookMs?: number
  /** Another address of the same Redis. */
  redisUrl?: string
  /** The value of REDIS_QUEUES. */
  queues?: string
}

export interface Stage {
  /** The address of its Redis. */
  url: string
  db: Db
  backend: QueueBackend
  producer: Producer
  /** Starts a worker process that does what its jobs say. */
  puppet(queue: 'notices' | 'updates', name: string, options?: PuppetOptions): Promise<TestProcess>
  /** Every begin and end of every job, in order of time. */
  log(): Promise<{ key: string; what: string; process: string }[]>
  close(): Promise<void>
}

/** A database with the log of the puppets, and a queue, for tests with workers as real processes. */
export async function openStage(redisUrl: string, queues?: string): Promise<Stage> {
  const database = await createDatabase()
  const db = await openTestDb(database.url, { max: 5, name: 'stage' })
  await db.rows({
    text: `create table puppet (id bigserial primary key, key text, what text, process text)`,
    values: [],
  })
  const backend = await openBackend(
    { kind: 'redis', url: redisUrl, map: queues ? readQueueMap(queues) : undefined },
    'test',
  )
  const puppets: TestProcess[] = []
  return {
    url: redisUrl,
    db,
    backend,
    producer: openProducer(backend, catalogue, createSecrets(PUPPET_KEY)),
    async puppet(queue, name, options = {}) {
      const { partitions = backend.partitions, lookMs } = options
      const started = startNode(join(import.meta.dirname, 'puppet-worker.ts'), [queue, name], {
        env: {
          DATABASE_URL: database.url,
          REDIS_URL: options.redisUrl ?? redisUrl,
          PARTITIONS: String(partitions),
          ...(lookMs && { LOOK_MS: String(lookMs) }),
          ...(options.queues && { REDIS_QUEUES: options.queues }),
        },
      })
      puppets.push(started)
      await started.waitFor(/^ready/)
      return started
    },
    log: () => db.rows({ text: 'select key, what, process from puppet order by id', values: [] }),
    async close() {
      await Promise.all(puppets.map((one) => one.kill('SIGKILL')))
      await backend.close()
      await db.close()
      await database.drop()
    },
  }
}

export const telegramMessage = (chat: number, number: number, part: string) => ({
  bot: 'main',
  update: {
    update_id: chat * 1_000 + number,
    message: { message_id: 1, date: 0, chat: { id: chat, type: 'private', first_name: 'x' }, text: part },
  } as Update,
})

export const notice = (key: string, part: string) => ({
  key,
  bot: 'main',
  personId: '1',
  text: part,
  params: {},
})
