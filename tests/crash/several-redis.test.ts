import type { Update } from 'grammy/types'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '#shop/jobs.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { openBackend } from '#shared/queue/backend.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { oweLost, owe, relay } from '#shared/queue/outbox.ts'
import { partitionProblem } from '#shared/queue/partitions.ts'
import { openProducer } from '#shared/queue/producer.ts'
import type { Producer } from '#shared/queue/producer.ts'
import { readQueueMap } from '#shared/queue/queue-map.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import type { RunningQueue } from '#shared/queue/run-queue.ts'
import { oweWiped } from '#shared/queue/wiped.ts'
import { createSecrets } from '#shared/secrets.ts'
import { eventually } from '../lib/eventually.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { notice, openStage, telegramMessage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'

const log = createLog({ level: 'silent', name: 'test' })
const secrets = createSecrets(PUPPET_KEY)

describe.skipIf(!redisAvailable())('queues on two Redis servers', () => {
  let one: PrivateRedis, two: PrivateRedis, stage: Stage
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    ;[one, two] = await Promise.all([startPrivateRedis(), startPrivateRedis()])
    return () => Promise.all([one.stop(), two.stop()])
  })
  const over = (queues: object) => JSON.stringify(queues)
  const spread = () => over({ updates: [one.url, two.url], notices: two.url })
  beforeEach(async () => {
    stage = await openStage(one.url, spread())
    await Promise.all(stage.backend.servers.map(({ redis }) => redis!.flushdb()))
  })
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end()
    await stage.close()
  })

  /** What a process with these settings has open, as far as queues go. */
  async function open(queues: string): Promise<{ backend: QueueBackend; producer: Producer }> {
    const backend = await openBackend({ kind: 'redis', url: one.url, map: readQueueMap(queues) }, 'test')
    ends.push(() => backend.close())
    return { backend, producer: openProducer(backend, catalogue, secrets) }
  }
  function work({ backend, producer }: Awaited<ReturnType<typeof open>>, ran: string[]): RunningQueue[] {
    const context = { backend, producer, db: stage.db, secrets, log, metrics: createMetrics() }
    const others = [...catalogue.values()].filter(
      (type) => type.queue === 'notices' && type.name !== sendNotice.name,
    )
    const note = (what: string) => {
      ran.push(what)
      return Promise.resolve(done)
    }
    const running = [
      runQueue(context, 'updates', [handle(telegramUpdate, ({ update }) => note(String(update.update_id)))]),
      runQueue(context, 'notices', [
        handle(sendNotice, ({ key }) => note(key)),
        ...others.map((type) => handle(type, async () => done)),
      ]),
    ]
    ends.push(() => Promise.all(running.map((queue) => queue.stop(2_000))))
    return running
  }
  test('F96 F121 while one is down the queues of the other go on, its own are refused at once and named, and nothing is lost', async () => {
    await stage.puppet('updates', 'puppet', { queues: spread() })
    const chats = Array.from({ length: 16 }, (_, index) => index + 1)
    const ended = async () =>
      new Set((await stage.log()).filter(({ what }) => what === 'end').map(({ key }) => key))
    const send = (number: number) =>
      Promise.allSettled(
        chats.map((chat) => stage.producer.add(telegramUpdate, telegramMessage(chat, number, 'brief'))),
      )
    await send(1)
    await eventually(async () => (await ended()).size === 16)

    await two.kill()
    await eventually(async () =>
      stage.backend.servers[1]!.ping().then(
        () => false,
        () => true,
      ),
    )
    const second = await send(2)
    const taken = chats.filter((_, index) => second[index]!.status === 'fulfilled')
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.length).toBeLessThan(16)
    for (const answer of second)
      if (answer.status === 'rejected') expect(String(answer.reason)).toContain('the queue updates')
    await eventually(async () => (await ended()).size === 16 + taken.length)
    await stage.backend.ping()

    // Jobs that rows owe for the server that is down hold up none of the others, however many there are.
    await stage.db.tx(async (tx) => {
      for (let n = 0; n < 210; n++) await owe(tx, sendNotice, notice(`down-${n}`, 'brief'))
      await owe(tx, telegramUpdate, telegramMessage(taken[0]!, 3, 'brief'))
    })
    await eventually(async () => (await ended()).has(String(taken[0]! * 1_000 + 3)))

    await two.start()
    const left = chats.filter((chat) => !taken.includes(chat))
    await eventually(async () => (await send(2)).every(({ status }) => status === 'fulfilled'))
    await eventually(async () => {
      const keys = await ended()
      return left.every((chat) => keys.has(String(chat * 1_000 + 2)))
    })
  })

  test('F122 a queue that moves to another server loses nothing, runs nothing twice, and every chat keeps its order', async () => {
    const before = await open(over({}))
    const after = await open(over({ updates: [two.url, one.url], notices: two.url }))
    const chats = [1, 2, 3, 4, 5, 6]
    const send = async ({ producer }: typeof before, numbers: number[]) => {
      for (const number of numbers)
        await Promise.all(
          chats.map((chat) => producer.add(telegramUpdate, telegramMessage(chat, number, 'brief'))),
        )
    }
    await stage.db.tx(async (tx) => {
      for (let n = 0; n < 20; n++) await owe(tx, sendNotice, notice(`moved-${n}`, 'brief'))
      await owe(tx, sendNotice, notice('moved-later', 'brief'), { delayMs: 500 })
    })
    await relay(stage.db, before.producer, log)
    await send(before, [1, 2, 3])
    // The gateway has the new settings, and no worker runs yet.
    await send(after, [4, 5, 6])

    const ran: string[] = []
    work(after, ran)
    await eventually(() => ran.length >= 36 + 21)
    for (const chat of chats) {
      const its = ran.filter((key) => Math.floor(Number(key) / 1_000) === chat)
      expect(its).toEqual([1, 2, 3, 4, 5, 6].map((number) => String(chat * 1_000 + number)))
    }
    expect(new Set(ran).size).toBe(ran.length)
    await eventually(async () => {
      const [left] = await stage.db.rows<{ n: bigint }>({
        text: `select count(*) as n from outbox where state <> 'done'`,
        values: [],
      })
      return left!.n === 0n
    })
    for (const server of after.backend.servers)
      expect(await server.unfinished(['notices', 'updates-1'])).toEqual([])
  })

  test('F122 a gateway that would put chats on other servers than the running gateway does is refused in a sentence; workers are not, nor is a gateway that agrees', async () => {
    const prefix = 'doors'
    const open = async (list: string[], doors = true) => {
      const map = readQueueMap(over({ updates: list }))
      const backend = await openBackend({ kind: 'redis', url: one.url, map, doors }, prefix)
      ends.push(() => backend.close())
      return backend
    }
    const refusal = /^gateways are running that put the chats on other Redis servers/
    const running = await open([one.url])
    expect(await partitionProblem(running, prefix)).toBeUndefined()
    const [agrees, worker] = [await open([one.url]), await open([two.url, one.url], false)]
    expect(await partitionProblem(agrees, prefix)).toBeUndefined()
    expect(await partitionProblem(worker, prefix)).toBeUndefined()
    const early = await open([one.url, two.url])
    expect(await partitionProblem(early, prefix)).toMatch(refusal)
    expect(await partitionProblem(await open([two.url, one.url]), prefix)).toMatch(refusal)
    // As the documents say: all old processes stop before new ones start, and no old one may start again beside
    // them.
    await Promise.all(ends.splice(0).map((end) => end()))
    const after = await open([one.url, two.url])
    await eventually(async () => (await partitionProblem(after, prefix)) === undefined)
    expect(await partitionProblem(await open([one.url]), prefix)).toMatch(refusal)
  })

  test('F122 a job that was lost with its server is owed again and done at the new one, and not once more when the old one is back', async () => {
    const before = await open(over({ notices: two.url }))
    await stage.db.tx((tx) => owe(tx, sendNotice, notice('left', 'brief')))
    await relay(stage.db, before.producer, log)
    await two.kill()

    const ran: string[] = []
    const after = await open(over({ drain: two.url }))
    work(after, ran)
    expect(await oweLost(stage.db, 0)).toBe(1)
    await relay(stage.db, after.producer, log)
    await eventually(() => ran.length === 1)

    await two.start()
    const old = after.backend.servers[1]!
    await eventually(() =>
      old.unfinished(['notices']).then(
        (left) => left.length === 0,
        () => false,
      ),
    )
    expect(ran).toEqual(['left'])
  })

  test('F27 after one server was emptied its own jobs are owed again, and those of the others stay as they are', async () => {
    const { backend, producer } = await open(over({ notices: two.url }))
    const [first, second] = backend.servers
    const look = (server = first!) => oweWiped(stage.db, { backend, producer }, server, 'main', ['main'])
    await Promise.all([look(), look(second)])
    await stage.db.tx(async (tx) => {
      await owe(tx, sendNotice, notice('there', 'brief'))
      await owe(tx, telegramUpdate, telegramMessage(1, 1, 'brief'))
    })
    expect(await relay(stage.db, producer, log)).toBe(2)
    await second!.redis!.flushdb()
    expect(await Promise.all([look(), look(second)])).toEqual([undefined, 1])
    await first!.redis!.flushdb()
    expect(await Promise.all([look(), look(second)])).toEqual([1, undefined])
  })

  test.each(['webhook', 'polling'] as const)(
    'F121 by %s the chats of a server that is away wait and those of the other are answered, also when the one of REDIS_URL is away',
    async (mode) => {
      const shop = await openShop({
        mode,
        workers: ['bot'],
        redis: one.url,
        env: { REDIS_QUEUES: spread() },
      })
      const people = await Promise.all(Array.from({ length: 8 }, () => shop.person()))
      const { producer } = shop.shared
      await one.kill()
      const ready = async () => {
        const response = await fetch(`${shop.url}/readyz`)
        return { status: response.status, ...((await response.json()) as { parts: object }) }
      }
      const place = new URL(one.url).host
      await eventually(async () => `redis ${place}` in (await ready()).parts)
      expect(await ready()).toMatchObject({
        status: 200,
        degraded: true,
        parts: { queue: '1 of 2 servers away' },
      })
      const board = (await (await fetch(`${shop.url}/ops/queues/api/queues`)).json()) as { queues: object[] }
      expect(board.queues).toHaveLength([...producer.queues.values()].flat().length)

      const answers = await Promise.all(
        people.map(({ id }) => {
          const update = { update_id: 1, message: { chat: { id } } } as unknown as Update
          return producer.waiting(telegramUpdate, { bot: 'main', update }, 1).then(
            () => true,
            () => false,
          )
        }),
      )
      const there = people.filter((_, index) => answers[index])
      const away = people.filter((_, index) => !answers[index])
      expect([there.length > 0, away.length > 0]).toEqual([true, true])
      for (const person of [...away, ...there]) await person.say('/start')
      for (const person of away) await person.say('/help')
      for (const person of there) await person.hears('Hello')

      await one.start()
      const came = async () =>
        (
          await shop.db.rows<{ n: bigint }>({ text: 'select count(*) as n from handled_updates', values: [] })
        )[0]!.n
      await eventually(async () => (await came()) === BigInt(people.length + away.length))
      for (const person of away) await person.hears('Hello')
      await shop.close()
    },
  )
})
