import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Redis } from 'ioredis'
import type { Update } from 'grammy/types'
import { afterEach, describe, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { owe, relay } from '#shared/queue/outbox.ts'
import { eventually } from '../lib/eventually.ts'
import { notice, openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const log = createLog({ level: 'silent', name: 'test' })

/** The one address that clients know. It leads to another server after the fail-over, as with a managed service. */
async function virtualAddress(first: string) {
  let target = first
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(target).port), '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /**
     * New connections go to this server and open ones stay where they are, as with a DNS name or a Service of
     * Kubernetes.
     */
    leadNewTo(url: string) {
      target = url
    },
    leadTo(url: string) {
      target = url
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe.skipIf(!redisAvailable())('Redis fails over to its replica', () => {
  const open: PrivateRedis[] = []
  let stage: Stage
  let address: Awaited<ReturnType<typeof virtualAddress>>
  afterEach(async () => {
    await stage.close()
    await address.close()
    await Promise.all(open.splice(0).map((one) => one.stop()))
  })

  test('F29 workers that were idle and workers at work take jobs from the new primary, without a restart', async () => {
    const primary = await startPrivateRedis()
    const replica = await startPrivateRedis(['--replicaof', '127.0.0.1', new URL(primary.url).port])
    open.push(primary, replica)
    address = await virtualAddress(primary.url)
    stage = await openStage(address.url)
    const workers = [await stage.puppet('notices', 'one'), await stage.puppet('notices', 'two')]
    const finished = async (prefix: string) =>
      (await stage.log()).filter(({ key, what }) => what === 'end' && key.includes(prefix)).length
    const oweTen = (prefix: string) =>
      stage.db.tx(async (tx) => {
        for (let n = 0; n < 10; n++) await owe(tx, sendNotice, notice(`${prefix}-${n}`, 'done'))
      })

    await oweTen('before')
    await relay(stage.db, stage.producer, log)
    await eventually(async () => (await finished('before')) === 10, { what: 'ten jobs before the fail-over' })
    const copy = new Redis(replica.url)
    await eventually(async () => /master_link_status:up/.test(await copy.info('replication')))

    await primary.kill()
    await oweTen('meanwhile')
    await copy.replicaof('NO', 'ONE')
    copy.disconnect()
    address.leadTo(replica.url)

    await eventually(
      async () => {
        await relay(stage.db, stage.producer, log)
        return (await finished('meanwhile')) >= 10
      },
      { what: 'ten jobs after the fail-over' },
    )
    // Chance decides who takes a job, so jobs are added until each of the two processes has had one from the new
    // primary.
    let rounds = 0
    await eventually(
      async () => {
        await oweTen(`after-${rounds++}`)
        await relay(stage.db, stage.producer, log)
        const after = (await stage.log()).filter(({ key, what }) => what === 'end' && key.includes('after'))
        return new Set(after.map(({ process }) => process)).size === 2
      },
      { what: 'a job at each of the two workers', everyMs: 250 },
    )
    await eventually(async () => (await finished('after')) === 10 * rounds, { what: 'all the jobs after it' })
    for (const worker of workers) {
      await worker.kill('SIGTERM')
      expect(await worker.ended).toBe(0)
    }
  })

  test('F90 connections that stay open at a server that became a replica are left for the new primary, and no update is given up', async () => {
    const primary = await startPrivateRedis()
    const replica = await startPrivateRedis(['--replicaof', '127.0.0.1', new URL(primary.url).port])
    open.push(primary, replica)
    address = await virtualAddress(primary.url)
    stage = await openStage(address.url)
    await Promise.all([stage.puppet('updates', 'one'), stage.puppet('updates', 'two')])
    const CHATS = 40
    const add = (chat: number, number: number, part = 'brief') => {
      const message = {
        message_id: 1,
        date: 0,
        chat: { id: chat, type: 'private', first_name: 'x' },
        text: part,
      }
      const update = { update_id: chat * 1000 + number, message } as Update
      return stage.producer.add(telegramUpdate, { bot: 'main', update })
    }
    const ended = async (number: number) =>
      new Set(
        (await stage.log())
          .filter(({ key, what }) => what === 'end' && Number(key) % 1000 === number)
          .map(({ key }) => key),
      ).size
    const toEach = (number: number, part?: string) =>
      Promise.all(Array.from({ length: CHATS }, (_, chat) => add(chat + 1, number, part)))
    await toEach(1)
    await eventually(async () => (await ended(1)) === CHATS, { what: 'updates before the fail-over' })

    const [old, copy] = [new Redis(primary.url), new Redis(replica.url)]
    await eventually(async () => /master_link_status:up/.test(await copy.info('replication')))
    // The primary marks its replica as online a moment later, and hands over only to a replica that is online.
    await eventually(async () => /state=online/.test(await old.info('replication')))
    // Each of these jobs enqueues another job a second after it began, when the server is a replica already.
    await toEach(2, 'enqueue')
    await eventually(async () => (await stage.log()).some(({ key }) => Number(key) % 1000 === 2))
    address.leadNewTo(replica.url)
    // In a planned fail-over writes wait until the replica has all of them. Replication alone would lose the last
    // ones.
    await old.call('FAILOVER', 'TO', '127.0.0.1', new URL(replica.url).port)
    await eventually(async () => /role:master/.test(await copy.info('replication')))
    old.disconnect()
    copy.disconnect()

    await eventually(() => stage.backend.ping().then(() => true), { what: 'ready again' })
    await eventually(() => toEach(3).then(() => true), { what: 'the queue takes updates again' })
    await eventually(async () => (await ended(2)) === CHATS && (await ended(3)) === CHATS, {
      what: 'the updates of both sides of the fail-over',
    })
    const letters = await stage.db.rows({ text: `select key from outbox where state = 'dead'`, values: [] })
    expect(letters).toEqual([])
  })
})
