import { Redis } from 'ioredis'
import { beforeAll, beforeEach, expect } from 'vitest'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { sendCall } from '#shared/http.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { checkHeld, whileHeld } from '#shared/queue/held.ts'
import { done } from '#shared/queue/job.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { createSecrets } from '#shared/secrets.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import { catalogue } from '#shop/jobs.ts'
import { atEnd } from '../lib/at-end.ts'
import { createDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { localServer } from '../lib/local-server.ts'
import { telegramMessage } from '../lib/puppets.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { redisUrl, startPrivateRedis, testOnRedis as test } from '../lib/redis.ts'

// A run goes on after its job was given to another process, for example behind a cut network: nobody can stop it there.

const heard: string[] = []
const outside = localServer((request, response) => {
  heard.push(request.url!)
  response.setHeader('content-type', 'application/json').end('{"ok":true,"result":true}')
})

let db: Db
beforeAll(async () => {
  if (!redisAvailable()) return
  const database = await createDatabase()
  db = await openDb(database.url, { max: 5, name: 'lost' })
  atEnd(async () => {
    await db.close()
    await database.drop()
  })
})
beforeEach(() => void heard.splice(0))

/** A worker of the updates as a process of its own would have it. */
async function startProcess(url: string, run: (number: number) => Promise<void>, runs: { count: number }) {
  const backend = await openBackend({ kind: 'redis', url }, 'tk')
  const producer = openProducer(backend, catalogue, createSecrets(PUPPET_KEY))
  const context = { backend, db, producer, secrets: createSecrets(PUPPET_KEY), metrics: createMetrics() }
  const running = runQueue({ ...context, log: createLog({ level: 'silent', name: 'test' }) }, 'updates', [
    handle(telegramUpdate, async () => {
      await run(++runs.count)
      return done
    }),
  ])
  atEnd(async () => {
    await running.stop(1_000)
    await Promise.allSettled([...producer.queues.values()].flat().map((queue) => queue.close()))
    await backend.close()
  })
  const settings = { name: 'main', token: `1:${'A'.repeat(35)}`, admins: [] } as never
  const { api } = serveBot(settings, { ...context, apiRoot: outside(), sendRate: 30, chatRate: 1 })
  return { producer, api }
}

const call = () =>
  sendCall({ name: 'a vendor', method: 'POST', url: `${outside()}/vendor`, body: '{}', changes: true })

/** Waits until the run that asks knows that its job is another's. */
const known = () =>
  eventually(() => {
    expect(checkHeld).toThrow('not in the hands')
    return true
  })

test('F11 a run whose lock is gone calls nobody, says nothing of its job, and another run does it', async () => {
  const url = await redisUrl()
  const redis = new Redis(url)
  atEnd(() => redis.disconnect())
  const refused: unknown[] = []
  let second = false
  const runs = { count: 0 }
  const run = async (number: number) => {
    if (number > 1) {
      await call()
      second = true
      return
    }
    await eventually(async () => (await redis.keys('*:lock')).length > 0)
    await redis.del(await redis.keys('*:lock'))
    await eventually(() => second, { what: 'another run has done it' })
    await known()
    refused.push(await call().catch((error: unknown) => error))
    refused.push(await api.deleteMessage(1, 2).catch((error: unknown) => error))
    throw new Error('the first run has failed')
  }
  const { api, producer } = await startProcess(url, run, runs)
  await startProcess(url, run, runs)
  await producer.add(telegramUpdate, telegramMessage(7, 1, 'x'))
  await eventually(() => refused.length === 2)
  expect(refused).toEqual([
    expect.objectContaining({
      name: 'Transient',
      message: 'the job is not in the hands of this run any more',
    }),
    expect.objectContaining({ name: 'Transient' }),
  ])
  expect(heard).toEqual(['/vendor'])

  // The next one of the chat is done once, and nothing was given up.
  second = false
  await producer.add(telegramUpdate, telegramMessage(7, 2, 'x'))
  await eventually(() => second)
  expect(runs.count).toBe(3)
  expect(await db.rows({ text: `select from outbox where state = 'dead'`, values: [] })).toEqual([])
})

test('F11 a run of which Redis says nothing for the life of its lock calls nobody either', async () => {
  const redis = await startPrivateRedis()
  atEnd(() => redis.stop())
  const runs = { count: 0 }
  let refused: unknown
  let ended = false
  const { producer } = await startProcess(
    redis.url,
    async (number) => {
      if (number === 1) {
        checkHeld()
        redis.freeze()
        await known()
        refused = await call().catch((error: unknown) => error)
        redis.thaw()
        throw refused
      }
      await call()
      ended = true
    },
    runs,
  )
  await producer.add(telegramUpdate, telegramMessage(7, 1, 'x'))
  await eventually(() => ended)
  expect(refused).toMatchObject({ name: 'Transient' })
  expect(heard).toEqual(['/vendor'])
})

test('a call that belongs to no run is made', async () => {
  await call()
  expect(heard).toEqual(['/vendor'])
})

test('what a run has started and left behind goes on when the run is over, whoever has its job then', async () => {
  let isHeldNow = true
  let goOn = () => {}
  const gone = new Promise<void>((resolve) => (goOn = resolve))
  let left: Promise<unknown> | undefined
  await whileHeld(
    () => isHeldNow,
    async () => {
      left = gone.then(call)
      isHeldNow = false
      expect(checkHeld).toThrow('not in the hands')
    },
  )
  goOn()
  await left
  expect(heard).toEqual(['/vendor'])
})
