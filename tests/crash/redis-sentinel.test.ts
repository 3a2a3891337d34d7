import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '#shared/log.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { owe, oweLost, relay } from '#shared/queue/outbox.ts'
import { checkRedis } from '../../bin/lib/check-redis.ts'
import { eventually } from '../lib/eventually.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startProcess } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { notice, openStage } from '../lib/puppets.ts'
import type { Stage } from '../lib/puppets.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { onPath, redisAvailable } from '../lib/requirements.ts'

const log = createLog({ level: 'silent', name: 'test' })
const portOf = (url: string) => Number(new URL(url).port)

describe.skipIf(!redisAvailable())('Redis by its Sentinel (F29)', () => {
  let servers: PrivateRedis[]
  let sentinel: TestProcess
  let client: Redis
  let stage: Stage
  let address: string

  beforeAll(async () => {
    const primary = await startPrivateRedis()
    const replica = await startPrivateRedis(['--replicaof', '127.0.0.1', new URL(primary.url).port])
    servers = [primary, replica]
    const port = await reservePort()
    const file = join(await tempFolder(), 'sentinel.conf')
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
sentinel monitor shop 127.0.0.1 ${portOf(primary.url)} 1
sentinel down-after-milliseconds shop 1000
sentinel failover-timeout shop 4000
`,
    )
    sentinel = startProcess([(onPath('redis-server') ?? onPath('valkey-server'))!, file, '--sentinel'])
    await sentinel.waitFor(/monitor master shop/)
    client = new Redis(port, '127.0.0.1')
    await eventually(
      async () => ((await client.call('SENTINEL', 'REPLICAS', 'shop')) as unknown[]).length === 1,
    )
    address = `redis+sentinel://127.0.0.1:${port}/shop`
    stage = await openStage(address)
  })
  afterAll(async () => {
    await stage.close()
    client.disconnect()
    await sentinel.kill('SIGKILL')
    await Promise.all(servers.map((one) => one.kill()))
  })

  const primaryPort = async () =>
    Number(((await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'shop')) as [string, string])[1])
  const oweSome = async (round: string) => {
    await stage.db.tx(async (tx) => {
      for (let index = 0; index < 10; index++) await owe(tx, sendNotice, notice(`${round}-${index}`, 'brief'))
    })
    await eventually(async () => {
      // A primary that is replaced may have confirmed a job that the new primary never had. Upkeep owes such a job
      // again.
      await oweLost(stage.db, 5_000)
      await relay(stage.db, stage.producer, log)
      const rows = await stage.db.rows<{ state: string }>({
        text: `select state from outbox where key like $1 and state = 'done'`,
        values: [`notice-${round}-%`],
      })
      return rows.length === 10
    })
  }

  test('jobs go on after a planned fail-over and after the death of the primary, without a restart', async () => {
    expect((await checkRedis(address)).refuse).toBeUndefined()
    await stage.puppet('notices', 'one')
    await oweSome('before')

    const first = await primaryPort()
    await eventually(async () => (await client.call('SENTINEL', 'FAILOVER', 'shop').catch(() => '')) === 'OK')
    await eventually(async () => (await primaryPort()) !== first)
    await oweSome('planned')

    const second = await primaryPort()
    // The former primary must be a replica that the Sentinel knows before the Sentinel can choose it.
    await eventually(async () => {
      const replicas = (await client.call('SENTINEL', 'REPLICAS', 'shop')) as string[][]
      return replicas.some((one) => one.join(' ').includes('master-link-status ok'))
    })
    await servers.find(({ url }) => portOf(url) === second)!.kill()
    await eventually(async () => (await primaryPort()) !== second)
    await oweSome('killed')

    const ends = (await stage.log()).filter(({ what }) => what === 'end').map(({ key }) => key)
    expect(new Set(ends).size).toBe(30)
    expect(await stage.db.rows({ text: `select key from outbox where state = 'dead'`, values: [] })).toEqual(
      [],
    )
  })
})
