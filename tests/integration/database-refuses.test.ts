import { createSecrets } from '#shared/secrets.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe, oweLost, relay } from '#shared/queue/outbox.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import type { RunningQueue } from '#shared/queue/run-queue.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { notice } from '../lib/puppets.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

interface Refusal {
  code: string
  message: string
}

/** A gate before a database, which may refuse a connection before its session begins, as a server or a pooler does. */
async function openGate(url: string) {
  let refusal: Refusal | undefined
  let refused = 0
  const sockets = new Set<Socket>()
  const target = new URL(url)
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => sockets.delete(client))
    if (refusal) {
      const { code, message } = refusal
      client.once('data', () => {
        refused += 1
        client.end(errorResponse(code, message))
      })
      return
    }
    const upstream = connect(Number(target.port), target.hostname)
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => client.destroy())
    client.on('close', () => upstream.destroy())
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  through.hostname = '127.0.0.1'
  return {
    url: through.href,
    refused: () => refused,
    refuse(next: Refusal | undefined) {
      refusal = next
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

describe.skipIf(!redisAvailable())('a PostgreSQL that is there and refuses', () => {
  let database: TestDatabase
  let gate: Awaited<ReturnType<typeof openGate>>
  let backend: QueueBackend
  /** The test's own connection, which does not go through the gate. */
  let db: Db
  let shop: Db
  let running: RunningQueue
  let producer: ReturnType<typeof openProducer>
  const metrics = createMetrics()
  const log = createLog({ level: 'silent', name: 'test' })
  let runs: string[] = []
  let beforeDone = (): void => {}

  beforeAll(async () => {
    database = await createDatabase()
    gate = await openGate(database.url)
    db = await openTestDb(database.url, { max: 2, name: 'test' })
    shop = await openDb(gate.url, { max: 3, name: 'refused' })
    backend = await openBackend({ kind: 'redis', url: await redisUrl() }, 'test')
    producer = openProducer(backend, catalogue, createSecrets(PUPPET_KEY))
    const handlers = [...catalogue.values()]
      .filter(({ queue }) => queue === 'notices')
      .map((type) =>
        handle(type, async (_payload, { jobId }) => {
          await shop.rows(q`update cursors set value = 'seen' where name = 'nobody'`)
          runs.push(jobId)
          beforeDone()
          return done
        }),
      )
    running = runQueue(
      { backend, db: shop, producer, secrets: createSecrets(PUPPET_KEY), log, metrics },
      'notices',
      handlers,
    )
  })
  afterAll(async () => {
    await running.stop(1_000)
    await backend.close()
    await shop.close()
    await db.close()
    await gate.close()
    await database.drop()
  })
  beforeEach(() => {
    runs = []
    beforeDone = () => {}
    metrics.jobs.reset()
  })

  const outcomes = async () => {
    const { values } = await metrics.jobs.get()
    const sum = (name: string) =>
      values.filter(({ labels }) => labels.outcome === name).reduce((total, { value }) => total + value, 0)
    return { retried: sum('retried'), dead: sum('dead'), later: sum('later'), completed: sum('completed') }
  }
  const oweOne = async (key: string) => {
    await db.tx((tx) => owe(tx, sendNotice, notice(key, 'menu')))
    await relay(db, producer, log)
  }
  const stateOf = async (key: string) =>
    (await db.rows(q<{ state: string }>`select state from outbox where key = ${`notice-${key}`}`))[0]?.state
  /** The outcome is counted after the mark was written, and the next test begins a new count. */
  const ended = (key: string) =>
    eventually(async () => (await stateOf(key)) === 'done' && (await outcomes()).completed === 1)

  test.each([
    { code: '53300', message: 'sorry, too many clients already' },
    { code: '57P03', message: 'the database system is starting up' },
    { code: '57P03', message: 'the database system is not accepting connections' },
    { code: '08P01', message: 'no more connections allowed (max_client_conn)' },
    {
      code: '08P01',
      message: 'server login has been failing, cached error: connect failed (server_login_retry)',
    },
    { code: 'XX000', message: 'MaxClientsInSessionMode: max clients reached' },
  ])('F91 $code «$message» is away: the job waits and loses no try', async (refusal) => {
    gate.refuse(refusal)
    const before = gate.refused()
    const key = `refused-${before}`
    await oweOne(key)
    await eventually(async () => gate.refused() > before && (await outcomes()).later > 0)
    // A slow machine tries the job more than once.
    expect(await outcomes()).toMatchObject({ retried: 0, dead: 0, completed: 0 })
    gate.refuse(undefined)
    await ended(key)
    expect(await outcomes()).toMatchObject({ retried: 0, dead: 0, completed: 1 })
  })

  test('F91 read-only (25006) is away too, and a connection that leads to such a server is left', async () => {
    const name = new URL(database.url).pathname.slice(1)
    const newSessionsOf = async (setting: string) => {
      await db.rows({ text: `alter database ${name} ${setting}`, values: [] })
    }
    await newSessionsOf('set default_transaction_read_only = on')
    gate.refuse(undefined)
    try {
      await oweOne('read-only')
      await eventually(async () => (await outcomes()).later > 0)
      expect(await outcomes()).toMatchObject({ retried: 0, dead: 0, completed: 0 })
      await expect(
        shop.tx((tx) => tx.rows(q`delete from cursors where name = 'nobody'`)),
      ).rejects.toMatchObject({
        code: '25006',
      })
    } finally {
      await newSessionsOf('reset default_transaction_read_only')
    }
    await ended('read-only')
    await shop.tx((tx) => tx.rows(q`delete from cursors where name = 'nobody'`))
  })

  test('F94 a job that was done while its mark could not be written is marked later and not done again', async () => {
    beforeDone = () => gate.refuse({ code: '53300', message: 'sorry, too many clients already' })
    await oweOne('told-once')
    const before = gate.refused()
    await eventually(() => gate.refused() > before + 1, { what: 'the mark is tried more than once' })
    expect(runs).toHaveLength(1)
    expect(await stateOf('told-once')).toBe('queued')
    gate.refuse(undefined)
    await eventually(async () => (await stateOf('told-once')) === 'done')
    await oweLost(db, 0)
    await relay(db, producer, log)
    expect(runs).toHaveLength(1)
  })
})
