import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { eventually } from '../lib/eventually.ts'
import {
  launchInfra,
  pathWith,
  processesIn,
  query,
  startInfraProcess,
  tempFolder,
  usedFolder,
} from '../lib/infra.ts'
import { startProcess } from '../lib/processes.ts'
import { redisAvailable } from '../lib/requirements.ts'

test('what was written is there after a clean stop and a new start', async () => {
  const folder = await usedFolder()
  const first = await startInfraProcess(folder)
  await query(first.databaseUrl, `create table kept as select 'Ёлка' as word`)
  await first.kill('SIGINT')
  expect(await first.ended).toBe(0)
  expect(processesIn(folder)).toEqual([])

  const second = await startInfraProcess(folder)
  expect(await query(second.databaseUrl, 'select word from kept')).toEqual([{ word: 'Ёлка' }])
  await second.kill('SIGINT')
})

test('the embedded database is durable, in UTF-8, closed to others and its password is private', async () => {
  const folder = await tempFolder()
  const infra = await startInfraProcess(folder)
  const [row] = await query(
    infra.databaseUrl,
    `select current_setting('fsync') fsync, current_setting('synchronous_commit') commit,
            current_setting('server_encoding') encoding, current_setting('listen_addresses') listen,
            current_setting('max_connections')::int connections, current_setting('TimeZone') zone,
            'Ё' ilike 'ё' as case_known, current_setting('server_version_num')::int / 10000 as version`,
  )
  expect(row).toEqual({
    fsync: 'on',
    commit: 'on',
    encoding: 'UTF8',
    listen: '127.0.0.1',
    connections: 200,
    zone: 'UTC',
    case_known: true,
    version: 18,
  })
  const url = new URL(infra.databaseUrl)
  const file = join(folder, 'postgres/telekassa.password')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readFile(file, 'utf8')).trim()).toBe(url.password)
  url.password = 'guessed'
  await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed')
  await infra.kill('SIGINT')
})

test('two systems in two folders run side by side', async () => {
  const [a, b] = await Promise.all([
    startInfraProcess(await usedFolder()),
    startInfraProcess(await usedFolder()),
  ])
  await query(a.databaseUrl, 'create table only_in_a (id int)')
  expect(await query(b.databaseUrl, `select to_regclass('only_in_a') as found`)).toEqual([{ found: null }])
  await Promise.all([a.kill('SIGINT'), b.kill('SIGINT')])
})

test('a second start in the same folder is refused with the pid of the first, which goes on', async () => {
  const folder = await usedFolder()
  const first = await startInfraProcess(folder)
  const second = launchInfra(folder)
  expect(await second.ended).toBe(1)
  expect(second.lines.join('\n')).toContain(`in use by another telekassa, pid ${first.pid}`)
  expect(await query(first.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await first.kill('SIGINT')
})

test('of five starts at once in one empty folder exactly one wins', async () => {
  const folder = await tempFolder()
  const all = Array.from({ length: 5 }, () => launchInfra(folder))
  const ready = (): number => all.filter((one) => one.lines.some((line) => line.startsWith('ready '))).length
  const refused = (): number =>
    all.filter((one) => one.lines.some((line) => line.includes('in use by'))).length
  await eventually(() => ready() + refused() === 5)
  expect([ready(), refused()]).toEqual([1, 4])
})

describe.skipIf(process.platform !== 'linux')('kill -9', () => {
  test('of the system leaves no server behind, and the next start at once finds every commit', async () => {
    const folder = await usedFolder()
    const first = await startInfraProcess(folder)
    await query(first.databaseUrl, 'create table kept as select 42 as answer')
    if (first.queue.kind === 'redis') {
      const redis = new Redis(first.queue.url)
      await redis.set('kept', 'yes')
      await redis.quit()
    }
    expect(processesIn(folder).length).toBeGreaterThan(1)
    await first.kill('SIGKILL')

    const second = await startInfraProcess(folder)
    expect(await query(second.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }])
    if (second.queue.kind === 'redis') {
      const redis = new Redis(second.queue.url)
      expect(await redis.get('kept')).toBe('yes')
      await redis.quit()
    }
    await second.kill('SIGKILL')
    await eventually(() => processesIn(folder).length === 0)
  })

  test('during the creation of the database is repaired by the next start', async () => {
    const folder = await tempFolder()
    const first = launchInfra(folder)
    await eventually(async () => (await readdir(folder)).some((name) => name.startsWith('postgres.new-')), {
      everyMs: 5,
    })
    await first.kill('SIGKILL')
    expect(await readdir(folder)).not.toContain('postgres')

    const second = await startInfraProcess(folder)
    expect(await query(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
    expect((await readdir(folder)).filter((name) => name.includes('new-'))).toEqual([])
    await second.kill('SIGINT')
  })

  test('of a server is answered by a new start at the same address', async () => {
    const folder = await usedFolder()
    const infra = await startInfraProcess(folder)
    const pid = Number((await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')
    await infra.waitFor(/PostgreSQL ended by itself \(SIGKILL\), starting it again/)
    await eventually(() => query(infra.databaseUrl, 'select 1'))
    if (infra.queue.kind === 'redis') {
      process.kill(Number(await readFile(join(folder, 'redis/redis.pid'), 'utf8')), 'SIGKILL')
      await infra.waitFor(/redis-server ended by itself \(SIGKILL\), starting it again/)
      const redis = new Redis(infra.queue.url)
      redis.on('error', () => {})
      expect(await redis.ping()).toBe('PONG')
      await redis.quit()
    }
    await infra.kill('SIGINT')
    expect(await infra.ended).toBe(0)
  })
})

test('a pid file whose number now belongs to another program does not stop the start', async () => {
  const folder = await usedFolder()
  const first = await startInfraProcess(folder)
  const pidFile = await readFile(join(folder, 'postgres/postmaster.pid'), 'utf8')
  await first.kill('SIGINT')

  const stranger = startProcess(['sleep', '60'])
  await writeFile(join(folder, 'postgres/postmaster.pid'), pidFile.replace(/^\d+/, String(stranger.pid)))
  await mkdir(join(folder, 'redis'), { recursive: true })
  await writeFile(join(folder, 'redis/redis.pid'), String(stranger.pid))
  const second = await startInfraProcess(folder)
  expect(await query(second.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(() => process.kill(stranger.pid, 0)).not.toThrow()
  await Promise.all([second.kill('SIGINT'), stranger.kill('SIGKILL')])
})

test('Ctrl-C reaches us alone: the servers live until the work in flight is finished', async () => {
  const folder = await usedFolder()
  // A terminal sends SIGINT to the whole foreground group. setsid makes such a group, which the test may signal.
  const infra = await startInfraProcess(folder, { as: ['setsid'] })
  process.kill(-infra.pid, 'SIGINT')
  await infra.waitFor(/^drained$/)
  expect(await infra.ended).toBe(0)
  expect(processesIn(folder)).toEqual([])
})

test('addresses in the settings are taken as they are and nothing is started', async () => {
  const folder = await tempFolder()
  const env = { DATABASE_URL: 'postgres://u:p@db/x', REDIS_URL: 'redis://cache:6379' }
  const infra = await startInfraProcess(folder, { env })
  expect(infra.databaseUrl).toBe(env.DATABASE_URL)
  expect(infra.queue).toEqual({ kind: 'redis', url: env.REDIS_URL })
  expect(infra.lines).toContain('database: the one in DATABASE_URL')
  expect(infra.lines).toContain('queue: the Redis in REDIS_URL')
  expect(await readdir(folder)).toEqual([])
  await infra.ended
})

describe('without a usable Redis', () => {
  test('the queue lives in PostgreSQL, and the log says so', async () => {
    const folder = await usedFolder()
    const infra = await startInfraProcess(folder, { env: { PATH: await pathWith({}) } })
    expect(infra.queue).toEqual({ kind: 'postgres', url: infra.databaseUrl })
    expect(infra.lines.join('\n')).toMatch(/PostgreSQL back end.*no redis-server on PATH/)
    await infra.kill('SIGINT')
  })

  test('a server older than 6.2 is named and not used', async () => {
    const path = await pathWith({ 'redis-server': 'echo "Redis server v=5.0.14 sha=00000000:0 bits=64"' })
    const infra = await startInfraProcess(await usedFolder(), { env: { PATH: path } })
    expect(infra.queue.kind).toBe('postgres')
    expect(infra.lines.join('\n')).toMatch(/redis-server 5\.0\.14 is older than 6\.2/)
    await infra.kill('SIGINT')
  })
})

describe.skipIf(!redisAvailable())('the Redis of our own', () => {
  test('asks for its password, has every write on the disk before it answers, and evicts nothing', async () => {
    const infra = await startInfraProcess(await usedFolder())
    const redis = new Redis(infra.queue.url)
    const settings = await Promise.all(
      ['appendonly', 'appendfsync', 'maxmemory-policy', 'bind'].map(async (name) =>
        redis.config('GET', name),
      ),
    )
    expect(settings).toEqual([
      ['appendonly', 'yes'],
      ['appendfsync', 'always'],
      ['maxmemory-policy', 'noeviction'],
      ['bind', '127.0.0.1'],
    ])
    await redis.quit()
    const url = new URL(infra.queue.url)
    url.password = ''
    const stranger = new Redis(url.href, { retryStrategy: null, lazyConnect: true })
    stranger.on('error', () => {})
    await expect(stranger.get('x')).rejects.toThrow(/NOAUTH/)
    stranger.disconnect()
    await infra.kill('SIGINT')
  })
})
