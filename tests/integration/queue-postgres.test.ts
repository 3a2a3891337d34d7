import { createSecrets } from '#shared/secrets.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { done, reject } from '#shared/queue/job.ts'
import type { Verdict } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import type { RunningQueue } from '#shared/queue/run-queue.ts'
import { queueState } from '#shared/queue/states.ts'
import { opsRoutes } from '../../src/gateway/ops.ts'
import { catalogue } from '#shop/jobs.ts'
import { startCutProxy } from '../lib/cut-proxy.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { notice } from '../lib/puppets.ts'

/** What the page of the board asks for. */
interface BoardPage {
  queues: { name: string; isPaused: boolean; counts: { waiting: number }; jobs: unknown[] }[]
}

describe('the queue in PostgreSQL', () => {
  let database: TestDatabase
  let db: Db
  let backend: QueueBackend
  let producer: Producer
  let running: RunningQueue | undefined
  beforeEach(async () => {
    database = await createDatabase()
    db = await openTestDb(database.url, { max: 2, name: 'test' })
    backend = await openBackend({ kind: 'postgres', url: database.url }, 'tk')
    producer = openProducer(backend, catalogue, createSecrets(PUPPET_KEY))
  })
  afterEach(async () => {
    await running?.stop(1_000)
    running = undefined
    await Promise.allSettled([...producer.queues.values()].flat().map((queue) => queue.close()))
    await backend.close()
    await db.close()
    await database.drop()
  })

  const work = (on: QueueBackend, send: (key: string) => Promise<Verdict>) => {
    const log = createLog({ level: 'silent', name: 'test' })
    const context = {
      backend: on,
      db,
      producer,
      secrets: createSecrets(PUPPET_KEY),
      log,
      metrics: createMetrics(),
    }
    const others = [...catalogue.values()].filter(({ queue, name }) => {
      return queue === 'notices' && name !== sendNotice.name
    })
    running = runQueue(context, 'notices', [
      handle(sendNotice, ({ key }) => send(key)),
      ...others.map((type) => handle(type, async () => done)),
    ])
  }
  const counts = async () => (await queueState({ producer, backend }, 'notices')).counts

  test('F12: a job that is given up or tried again leaves its worker at once, whatever its error quotes', async () => {
    const quoted = 'a NUL \u0000 and half a pictograph \ud83d'
    const runs: string[] = []
    work(backend, async (key) => {
      runs.push(key)
      if (key === 'given-up') return reject(quoted)
      throw new Error(quoted)
    })
    await producer.add(sendNotice, notice('given-up', 'x'))
    await producer.add(sendNotice, notice('again', 'x'))
    await eventually(async () => {
      const { active, delayed, failed } = await counts()
      return active === 0 && delayed === 1 && failed === 1
    })
    // On a slow machine the second try may have begun.
    expect(new Set(runs)).toEqual(new Set(['again', 'given-up']))
  })

  test('F95: a paused queue shows its jobs, and they do not count as waiting', async () => {
    const [queue] = producer.queues.get('notices')!
    await producer.add(sendNotice, notice('one', 'x'))
    await producer.add(sendNotice, notice('two', 'x'))
    await queue!.pause()
    expect(await queueState({ producer, backend }, 'notices')).toMatchObject({
      paused: 1,
      counts: { paused: 2, wait: 0 },
      oldestAgeSeconds: 0,
    })
    await queue!.resume()
    expect(await queueState({ producer, backend }, 'notices')).toMatchObject({
      paused: 0,
      counts: { paused: 0, wait: 2 },
    })
  })

  test('F95: the board shows the jobs of a paused queue as waiting, as it does on Redis', async () => {
    await producer.add(sendNotice, notice('one', 'x'))
    await producer.add(sendNotice, notice('two', 'x'))
    const noPassword = { opsUser: undefined, opsPassword: undefined, opsWrite: true, publicUrl: undefined }
    const app = fastify()
    await opsRoutes(app, { config: { gateway: noPassword }, backend, producer })
    const ask = (method: 'GET' | 'PUT', path: string) =>
      app.inject({ method, url: `/ops/queues/api/queues${path}`, headers: { host: 'localhost' } })
    const shown = async () => {
      const { queues } = (await ask('GET', '?activeQueue=notices&status=waiting&page=1')).json<BoardPage>()
      const notices = queues.find(({ name }) => name === 'notices')!
      return [notices.isPaused, notices.counts.waiting, notices.jobs.length]
    }
    expect(await shown()).toEqual([false, 2, 2])
    await ask('PUT', '/notices/pause')
    expect(await shown()).toEqual([true, 2, 2])
    await app.close()
  })

  test('F107: a queue is as old as its oldest job, however many came after that one', async () => {
    const age = async () => (await queueState({ producer, backend }, 'notices')).oldestAgeSeconds
    await producer.add(sendNotice, notice('first', 'x'))
    await eventually(async () => (await age()) > 0.1)
    const before = await age()
    await producer.add(sendNotice, notice('second', 'x'))
    await producer.add(sendNotice, notice('third', 'x'))
    expect(await age()).toBeGreaterThanOrEqual(before)
  })

  test('a worker that starts while its database is away works as soon as it is there', async () => {
    const proxy = await startCutProxy(database.url)
    const behind = await openBackend({ kind: 'postgres', url: proxy.url }, 'tk')
    proxy.be('down')
    const handled: string[] = []
    work(behind, async (key) => {
      handled.push(key)
      return done
    })
    await producer.add(sendNotice, notice('waits', 'x'))
    await expect(behind.ping()).rejects.toThrow()
    proxy.be('up')
    await eventually(() => handled.length === 1)
    await running!.stop(1_000)
    await behind.close()
    await proxy.close()
  })
})
