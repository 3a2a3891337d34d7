import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
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

/** Passwords of the servers and of the Sentinel, where these have any. */
const WORDS = { server: 'w@rd', sentinel: 'other' }

/** How servers and Sentinels of a kind are started and reached. */
interface Kind {
  /** Settings of all of them, by name. */
  all: Record<string, string>
  server: Record<string, string>
  sentinel: string[]
  address(port: number): string
  /** What a plain client needs to talk to the Sentinel. */
  client: { password?: string; tls?: { ca: string } }
  close(): void
}

const plain: Kind = {
  all: {},
  server: {},
  sentinel: [],
  address: (port) => `redis+sentinel://127.0.0.1:${port}/shop`,
  client: {},
  close: () => {},
}

/** One certificate for all, of an authority that only this process and the processes it starts believe. */
async function withTls(): Promise<Kind> {
  const folder = await tempFolder()
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
  const names = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...pair, '-days', '1', ...names], { stdio: 'ignore' })
  const ca = readFileSync(cert, 'utf8')
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, ca])
  process.env['NODE_EXTRA_CA_CERTS'] = cert
  const files = { 'tls-cert-file': cert, 'tls-key-file': key, 'tls-ca-cert-file': cert }
  return {
    all: { port: '0', ...files, 'tls-auth-clients': 'no', 'tls-replication': 'yes' },
    server: { requirepass: WORDS.server, masterauth: WORDS.server },
    sentinel: [`requirepass ${WORDS.sentinel}`, `sentinel auth-pass shop ${WORDS.server}`],
    address: (port) =>
      `rediss+sentinel://:${encodeURIComponent(WORDS.server)}@127.0.0.1:${port}/shop?sentinelPassword=${WORDS.sentinel}`,
    client: { password: WORDS.sentinel, tls: { ca } },
    close() {
      setDefaultCACertificates(before)
      delete process.env['NODE_EXTRA_CA_CERTS']
    },
  }
}

describe
  .skipIf(!redisAvailable())
  .each([
    ['without TLS', 'port', async () => plain],
    ...(onPath('openssl') ? [['with TLS and passwords', 'tls-port', withTls] as const] : []),
  ] as const)('Redis by its Sentinel, %s (F29)', (_name, portName, kindOf) => {
  let kind: Kind
  let servers: (PrivateRedis & { port: number })[]
  let sentinel: TestProcess
  let client: Redis
  let stage: Stage
  let address: string

  async function startServer(settings: Record<string, string>) {
    const port = await reservePort()
    const all = Object.entries({ ...kind.all, ...kind.server, [portName]: String(port), ...settings })
    return { ...(await startPrivateRedis(all.flatMap(([name, value]) => [`--${name}`, value]))), port }
  }

  beforeAll(async () => {
    kind = await kindOf()
    const primary = await startServer({})
    servers = [primary, await startServer({ replicaof: `127.0.0.1 ${primary.port}` })]
    const port = await reservePort()
    const file = join(await tempFolder(), 'sentinel.conf')
    const settings = Object.entries({ ...kind.all, [portName]: String(port), bind: '127.0.0.1' })
    writeFileSync(
      file,
      [
        ...settings.map(([name, value]) => `${name} ${value}`),
        `sentinel monitor shop 127.0.0.1 ${primary.port} 1`,
        'sentinel down-after-milliseconds shop 1000',
        'sentinel failover-timeout shop 4000',
        ...kind.sentinel,
        '',
      ].join('\n'),
    )
    sentinel = startProcess([(onPath('redis-server') ?? onPath('valkey-server'))!, file, '--sentinel'])
    await sentinel.waitFor(/monitor master shop/)
    client = new Redis(port, '127.0.0.1', kind.client)
    await eventually(
      async () => ((await client.call('SENTINEL', 'REPLICAS', 'shop')) as unknown[]).length === 1,
    )
    address = kind.address(port)
    stage = await openStage(address)
  })
  afterAll(async () => {
    await stage.close()
    client.disconnect()
    await sentinel.kill('SIGKILL')
    await Promise.all(servers.map((one) => one.kill()))
    kind.close()
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
    await servers.find(({ port }) => port === second)!.kill()
    await eventually(async () => (await primaryPort()) !== second)
    await oweSome('killed')

    const ends = (await stage.log()).filter(({ what }) => what === 'end').map(({ key }) => key)
    expect(new Set(ends).size).toBe(30)
    expect(await stage.db.rows({ text: `select key from outbox where state = 'dead'`, values: [] })).toEqual(
      [],
    )
  })
})
