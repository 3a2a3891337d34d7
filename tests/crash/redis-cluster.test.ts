import { inspect } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import { redisIsAway } from '#shared/queue/redis-errors.ts'
import { handle } from '#shared/queue/executor.ts'
import { done } from '#shared/queue/job.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { queueSettings } from '#shared/queue/queues.ts'
import { runQueue } from '#shared/queue/run-queue.ts'
import { createSecrets } from '#shared/secrets.ts'
import { checkRedis } from '../../bin/lib/check-redis.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { eventually } from '../lib/eventually.ts'
import { PUPPET_KEY } from '../lib/puppet-key.ts'
import { openStage, telegramMessage } from '../lib/puppets.ts'
import { moveSlot, moveSlotAtOnce, movesAtOnce, startRedisCluster } from '../lib/redis-cluster.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

/** What the queue certainly did not take; after any other error an update may be told, and so run, twice. */
const SAYS_NO = /\b(ASK|TRYAGAIN|MOVED|CLUSTERDOWN)\b|Stream isn't writeable/
const scaling = readRepositoryFile('docs/scaling.md')

describe.skipIf(!redisAvailable())('a Redis Cluster (F29)', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => {
    cluster = await startRedisCluster()
    return () => cluster.stop()
  })
  const keysOf = async (node: { client: { keys(pattern: string): Promise<string[]> } }, name: string) =>
    (await node.client.keys(`{${name}}*`)).length

  /**
   * Chats send while jobs run and the slot of the name moves: no job is lost or overtaken or runs twice.
   * @param move is given what has been refused by then
   */
  async function whileSlotMoves(name: string, move: (refused: unknown[]) => Promise<void>): Promise<void> {
    // With the usual lock the look would give back a job whose end waits for the slot, and the job would run again.
    const { updates } = queueSettings
    const { lockMs } = updates
    Object.assign(updates, { lockMs: 60_000 })
    onTestFinished(() => void Object.assign(updates, { lockMs }))
    const stage = await openStage(cluster.address(name))
    const { backend, producer } = stage
    const ran: string[] = []
    const context = { ...stage, secrets: createSecrets(PUPPET_KEY), metrics: createMetrics() }
    const log = createLog({ level: 'silent', name: 'test' })
    const running = runQueue({ ...context, log }, 'updates', [
      handle(telegramUpdate, ({ update }) => {
        ran.push(String(update.update_id))
        return Promise.resolve(done)
      }),
    ])
    const chats = Array.from({ length: 16 }, (_, index) => index + 1)
    const refused: unknown[] = []
    const inDoubt = new Set<string>()
    let last = 1
    let moved = false
    // The updates of a chat come one after another, each again and again until it is taken, as Telegram tells them.
    const send = async (chat: number): Promise<void> => {
      for (let number = 1; number <= last; number++) {
        await eventually(() =>
          producer.add(telegramUpdate, telegramMessage(chat, number, 'brief')).then(
            () => true,
            (error: unknown) => {
              refused.push(error)
              if (!SAYS_NO.test(inspect(error))) inDoubt.add(String(chat * 1_000 + number))
            },
          ),
        )
        await eventually(() => ran.length > chats.length * (number - 20))
        if (number === last && !moved) last++
      }
    }
    const sending = Promise.all(chats.map(send))
    await eventually(() => ran.length > 100)
    await move(refused)
    moved = true
    await sending
    expect(last).toBeGreaterThan(5)
    await eventually(() => new Set(ran).size === chats.length * last)
    const first = ran.filter((key, at) => !inDoubt.has(key) || ran.indexOf(key) === at)
    for (const chat of chats)
      expect(first.filter((key) => Math.floor(Number(key) / 1_000) === chat)).toEqual(
        Array.from({ length: last }, (_, index) => String(chat * 1_000 + index + 1)),
      )
    expect(refused.filter((error) => !redisIsAway(error))).toEqual([])
    expect([await keysOf(cluster.second, name), (await keysOf(cluster.third, name)) > 0]).toEqual([0, true])
    expect(backend.servers[0]!.place).toMatch(new RegExp(`^${name}@127`))
    await running.stop(2_000)
    await stage.close()
  }

  test('a slot that moves while jobs run: none is lost, overtaken or run twice, and a door is refused at once', async () => {
    await whileSlotMoves('c', (refused) => {
      const beforehand = refused.length
      return moveSlot('c', cluster.second, cluster.third, () =>
        eventually(() => refused.length > beforehand + 16),
      )
    })
  })

  test('a slot that moves all at once while jobs run, where the server can: none is lost, overtaken or run twice', async ({
    skip,
  }) => {
    if (!(await movesAtOnce(cluster.second))) skip('before Valkey 9.0')
    await whileSlotMoves('g', () => moveSlotAtOnce('g', cluster.second, cluster.third))
  })

  describe('a shop', () => {
    let shop: Shop
    let people: Customer[]
    beforeAll(async () => {
      // The user whom docs/scaling.md describes, and what it says is added in a cluster.
      const line = /^ *ACL SETUSER (shop on >PASSWORD .+)$/m.exec(scaling)![1]!
      const added = /^In a cluster, .*?`(\+[^`]+)`/m.exec(scaling)![1]!
      const rules = `${line.replace('~tk:* ~{tk:*', '~{a}tk:* ~{b}tk:*')} ${added}`.split(' ')
      for (const { client } of cluster.nodes) await client.acl('SETUSER', rules[0]!, ...rules.slice(1))
      const [a, b] = ['a', 'b'].map((name) => cluster.address(name, 'shop:PASSWORD@')) as [string, string]
      shop = await openShop({
        mode: 'webhook',
        workers: ['bot', 'billing', 'upkeep'],
        redis: b,
        env: {
          QUEUE_PREFIX: 'tk',
          REDIS_QUEUES: JSON.stringify({ updates: [a, b], notices: a }),
        },
      })
      people = await Promise.all(Array.from({ length: 6 }, () => shop.person()))
    })

    test('sells through it, with its queues on two nodes', async () => {
      expect((await checkRedis(shop.env['REDIS_URL']!)).refuse).toBeUndefined()
      await Promise.all(people.map((person) => person.buy(3)))
      expect(await keysOf(cluster.first, 'b')).toBeGreaterThan(0)
      expect(await keysOf(cluster.third, 'a')).toBeGreaterThan(0)
    })

    test('after the death of a primary its replica takes over, and every payment is credited once', async () => {
      const paid = people.map((person) => person.buy(3))
      await cluster.first.kill()
      await Promise.all(paid)
      const has = (tokens: bigint) =>
        eventually(async () =>
          (await Promise.all(people.map((one) => one.tokens()))).every((one) => one === tokens),
        )
      await has(6n)
      expect(await cluster.replica.client.info('replication')).toContain('role:master')
      await Promise.all(people.map((person) => person.buy(3)))
      await has(9n)
      await shop.close()
      const refused = await Promise.all(
        cluster.nodes
          .filter((node) => node !== cluster.first)
          .map(async ({ client }) => (await client.acl('LOG')) as string[][]),
      )
      const optional = ['client|list', 'config|get']
      const objects = refused.flat().map((entry) => entry[entry.indexOf('object') + 1]!)
      expect(objects.filter((one) => !optional.includes(one))).toEqual([])
    })
  })
})
