import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkRedis, kindProblem, redisProblem } from '../../bin/lib/check-redis.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import { startPrivateRedis } from '../lib/redis.ts'
import type { PrivateRedis } from '../lib/redis.ts'
import { onPath, redisAvailable } from '../lib/requirements.ts'

describe.skipIf(!redisAvailable())('a Redis that cannot be used is refused in one sentence', () => {
  const servers: PrivateRedis[] = []
  const start = async (settings: string[]): Promise<string> => {
    const server = await startPrivateRedis(settings)
    servers.push(server)
    return server.url
  }
  let database: TestDatabase
  let cluster: string
  let folder: string
  beforeAll(async () => {
    database = await createDatabase()
    cluster = await start(['--cluster-enabled', 'yes', '--cluster-port', String(await reservePort())])
    folder = await tempFolder()
  })
  afterAll(async () => {
    await Promise.all(servers.map((one) => one.stop()))
    await database.drop()
  })

  const refusal = async (url: string) => (await checkRedis(url)).refuse

  test('a node of a cluster, a replica', async () => {
    expect(await refusal(cluster)).toMatch(
      /^it is a node of a Redis Cluster.* as redis\+cluster:\/\/user:password@HOST:PORT/,
    )
    const replica = await start(['--replicaof', '127.0.0.1', '1'])
    expect(await refusal(replica)).toMatch(/^it is a replica of 127.0.0.1:1 /)
  })

  test('in the words of Valkey and of newer Redis as well', () => {
    const kind = (mode: string) => kindProblem(new Map([['server_mode', mode]]), 'redis://a')
    expect(['cluster', 'sentinel', 'standalone'].map(kind)).toEqual([
      expect.stringMatching(/^it is a node of a Redis Cluster/),
      expect.stringMatching(/^it is a Sentinel/),
      undefined,
    ])
    const inScript = new Error(
      `ERR ACL failure in script: User shop has no permissions to run the 'time' command script: on @user_script:1.`,
    )
    expect(redisProblem('redis://a', inScript)).toMatch(/^its user may not do what a queue needs /)
  })

  test('a server that hangs up: it speaks TLS, or it wants a certificate of its clients', () => {
    const hangsUp = new Error('read ECONNRESET')
    expect(redisProblem('redis://a', hangsUp)).toMatch(/it runs\. If it speaks TLS, write rediss:\/\/\.$/)
    const otherName = Object.assign(new Error('IP: 10.0.0.1'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(redisProblem('rediss://a', otherName)).toMatch(/Write the host that it is for into REDIS_URL/)
    expect(redisProblem('rediss+sentinel://a/shop', otherName)).toMatch(/let Sentinels name servers by host/)
    expect(redisProblem('rediss://a', hangsUp)).toMatch(
      /no certificate of its clients \(tls-auth-clients no\)\.$/,
    )
  })

  test('an address of a cluster: no node serves its keys, it is no cluster, a login is wrong, nothing is there', async () => {
    const asCluster = (url: string) => refusal(url.replace('redis://', 'redis+cluster://'))
    expect(await asCluster(cluster)).toMatch(
      /^the cluster does not serve the keys of this address \(CLUSTERDOWN/,
    )
    expect(await asCluster(`${servers[1]!.url}/a`)).toMatch(/^it is no Redis Cluster/)
    expect(await asCluster(cluster.replace('//', '//someone:wrong@'))).toMatch(
      /^it refuses the user or the password/,
    )
    expect(await asCluster('redis://127.0.0.1:1,127.0.0.1:2')).toMatch(/^nothing listens there/)
  })

  test('a password that is missing or wrong; the right one is taken', async () => {
    const url = await start(['--requirepass', 'right'])
    expect(await refusal(url)).toMatch(/^it asks for a password/)
    for (const wrong of ['wrong@', ':wrong@', 'someone:right@']) {
      expect(await refusal(url.replace('//', `//${wrong}`)), wrong).toMatch(
        /^it refuses the user or the password/,
      )
    }
    expect(await refusal(url.replace('//', '//:right@'))).toBeUndefined()
  })

  test('a name that nobody knows, and Sentinels that are not there', async () => {
    expect(await refusal('redis://nowhere.invalid:6379')).toMatch(/^its host's name is not known here/)
    expect(await refusal('redis+sentinel://127.0.0.1:1,127.0.0.1:2/shop')).toMatch(/^none of its Sentinels/)
  })

  // Waits five seconds for an answer, so the next tests run beside it.
  test.concurrent('a dead server, and one that does not speak TLS', async () => {
    expect(await refusal('redis://127.0.0.1:1')).toMatch(
      /^nothing listens there \(.*ECONNREFUSED.*Check host and port in REDIS_URL/,
    )
    expect(await refusal(cluster.replace('redis:', 'rediss:'))).toMatch(
      /^it does not answer .* that it speaks TLS/,
    )
  })

  test.skipIf(!onPath('openssl'))('a certificate that nobody vouches for', { concurrent: true }, async () => {
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string]
    const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', ...pair, '-days', '1', '-subj', '/CN=localhost'], {
      stdio: 'ignore',
    })
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await refusal(`rediss://127.0.0.1:${port}`)).toMatch(/^its certificate is not accepted/)
    server.close()
  })

  test.concurrent('by npm start, a worker, the gateway and the doctor alike, without a stack', async () => {
    const env = {
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      BOT_TOKEN: `7000000019:AA${'q'.repeat(33)}`,
      TELEGRAM_API_ROOT: 'http://127.0.0.1:1',
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      PORT: '0',
    }
    const address = ['redis://a:1,b:2', /REDIS_URL must be one address/] as const
    const kind = [cluster, /it is a node of a Redis Cluster/] as const
    const away = ['redis://127.0.0.1:1', /nothing listens there/] as const
    // Every entry refuses the settings and a server in two ways of its own; the sentences come to all in the same way.
    const entries = [
      [['worker', 'billing'], address, away],
      [['gateway'], address, kind],
      [['doctor'], address, kind],
      [['start'], address, away],
    ] as const
    for (const [[entry, ...args], ...refusals] of entries)
      await Promise.all(
        refusals.map(async ([url, sentence]) => {
          const one = startNode(`${repository}/bin/${entry}.ts`, args, {
            env: { ...env, REDIS_URL: url },
            cwd: folder,
          })
          const code = await one.ended
          const text = one.lines.join('\n')
          expect(code, text).toBe(entry === 'doctor' ? 2 : 1)
          expect(text).toMatch(sentence)
          expect(text).not.toMatch(/^\s+at /m)
        }),
      )
  })
})
