import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDatabaseAddress, wayTo, wayToDatabase } from '#shared/db/address.ts'
import { openDb } from '#shared/db/db.ts'
import { databaseIsDown } from '#shared/db/errors.ts'
import { migrate } from '#shared/db/migrate.ts'
import { ConfigReader } from '#shared/config/reader.ts'
import { databaseProblem } from '../../bin/lib/check-database.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase, createEmptyDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { tempFolder } from '../lib/infra.ts'
import { startNode } from '../lib/processes.ts'
import { onPath } from '../lib/requirements.ts'

const PLAIN = 'postgres://shop:word@db.example:6432/telekassa'

describe('an address of PostgreSQL', () => {
  test.each([
    [
      PLAIN,
      { host: 'db.example', port: 6432, user: 'shop', password: 'word', database: 'telekassa', ssl: false },
    ],
    ['postgresql://shop@[::1]/x', { host: '::1', port: 5432, user: 'shop', database: 'x' }],
    ['postgres://shop@/x?host=/run/postgresql', { host: '/run/postgresql', port: 5432, database: 'x' }],
    ['postgres://shop@%2Frun%2Fpostgresql/x', { host: '/run/postgresql', database: 'x' }],
    ['postgres:///x?host=/run/pg&port=5433&user=u', { host: '/run/pg', port: 5433, user: 'u' }],
    ['/run/postgresql x', { host: '/run/postgresql', database: 'x' }],
    [
      'socket://u:p@/run/postgresql?db=x',
      { host: '/run/postgresql', user: 'u', password: 'p', database: 'x' },
    ],
    [`${PLAIN}?sslmode=disable`, { ssl: false }],
    [`${PLAIN}?sslmode=require`, { ssl: { rejectUnauthorized: false, servername: 'db.example' } }],
    [`${PLAIN}?sslmode=verify-full`, { ssl: { servername: 'db.example' } }],
    [`${PLAIN}?sslmode=require&channel_binding=require&application_name=x`, { host: 'db.example' }],
    ['postgres://s%2Fp:w%23%40d@h/x', { user: 's/p', password: 'w#@d' }],
  ])('%s', (address, expected) => {
    expect(wayTo(readDatabaseAddress(address))).toMatchObject(expected)
  })

  test('of several servers asks for the one that takes writes', () => {
    const list = readDatabaseAddress('postgres://u:p@h1:5433,h2/x?target_session_attrs=read-write')
    expect(list.hosts).toEqual([
      { host: 'h1', port: 5433 },
      { host: 'h2', port: 5432 },
    ])
    expect(list.asksForWrites).toBe(true)
    expect(readDatabaseAddress('postgres://u:p@h1,h2/x').asksForWrites).toBe(true)
    expect(readDatabaseAddress(PLAIN).asksForWrites).toBe(false)
  })

  test.each([
    [`${PLAIN}?sslmode=prefer`, /DATABASE_URL: sslmode=prefer is not supported: write disable, require/],
    [`${PLAIN}?sslmode=verify-ca`, /DATABASE_URL: sslmode=verify-ca needs sslrootcert/],
    [`${PLAIN}?target_session_attrs=standby`, /DATABASE_URL: target_session_attrs=standby is not supported/],
    [`${PLAIN}?service=main`, /DATABASE_URL: its parameter service is not supported/],
    ['mysql://u:p@h/x', /DATABASE_URL must be an address like/],
    ['postgres://u:p@h:99999/x', /DATABASE_URL must be an address like/],
    ['postgres://u:what?no@h/x', /DATABASE_URL must be an address like/],
  ])('%s is refused in a sentence', (address, sentence) => {
    const read = new ConfigReader({ DATABASE_URL: address }, () => {})
    expect(read.databaseUrl('DATABASE_URL', [])).toBeUndefined()
    expect(read.problems).toEqual([expect.stringMatching(sentence)])
  })
})

/** A server that hands each connection on to PostgreSQL, unless `take` keeps the connection for itself. */
function door(take: (client: Socket, on: (stream: Socket) => void) => void, database: string): Server {
  const target = new URL(database)
  const on = (client: Socket): void => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    client.pipe(upstream).pipe(client)
  }
  return createServer((client) => take(client, on))
}

describe('an address of PostgreSQL that is tried', () => {
  let database: TestDatabase
  let url: URL
  const servers: Server[] = []
  let folder: string
  const listen = async (server: Server, at: string | number = 0) => {
    servers.push(server)
    await new Promise<void>(
      (resolve) =>
        void (typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve)),
    )
    return server
  }
  const portOf = (server: Server) => (server.address() as AddressInfo).port
  beforeAll(async () => {
    database = await createDatabase()
    url = new URL(database.url)
    folder = await tempFolder()
  })
  afterAll(async () => {
    for (const server of servers) server.close()
    await database.drop()
  })
  const own = (change: (address: URL) => void) => {
    const changed = new URL(database.url)
    change(changed)
    return changed.href
  }
  const login = () => `${url.username}:${url.password}`
  const name = () => url.pathname.slice(1)

  test('leads to a Unix socket for the pool, the migrator and the check at start alike', async () => {
    await listen(
      door((client, on) => on(client), database.url),
      join(folder, '.s.PGSQL.5432'),
    )
    const address = `postgres://${login()}@/${name()}?host=${folder}`
    const db = await openDb(address, { max: 1, name: 'socket' })
    expect(await db.rows(q`select 1 as one`)).toEqual([{ one: 1 }])
    await db.close()
    expect(await migrate(address)).toEqual([])
    expect(await databaseProblem(address)).toBeUndefined()
  })

  test('F91 of several servers leads to the one that answers and takes writes, also after that role has moved', async () => {
    let open = [true, false]
    const doors = await Promise.all(
      [0, 1].map((index) =>
        listen(door((client, on) => (open[index] ? on(client) : void client.destroy()), database.url)),
      ),
    )
    const [one, two] = doors.map(portOf)
    const address = `postgres://${login()}@127.0.0.1:1,127.0.0.1:${one},127.0.0.1:${two}/${name()}?target_session_attrs=read-write`
    expect((await wayToDatabase(address)).port).toBe(one)
    expect(await migrate(address)).toEqual([])
    const db = await openDb(address, { max: 1, name: 'list' })
    const asked = async () => {
      for (let time = 1; ; time++) {
        try {
          return await db.rows(q`select 1 as one`)
        } catch (error) {
          expect(databaseIsDown(error)).toBe(true)
          expect(time).toBeLessThan(10)
        }
      }
    }
    expect(await asked()).toEqual([{ one: 1 }])
    open = [false, true]
    await db.rows(q`select pg_terminate_backend(pg_backend_pid())`).catch(() => {})
    expect(await asked()).toEqual([{ one: 1 }])
    await db.close()
  })

  test.skipIf(!onPath('openssl'))(
    'has sslmode as libpq means it, and what is wrong with a certificate is told in a sentence',
    async () => {
      const [key, cert] = ['key.pem', 'cert.pem'].map((file) => join(folder, file)) as [string, string]
      const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert]
      execFileSync('openssl', ['req', '-x509', ...pair, '-days', '1', '-subj', '/CN=db.example'], {
        stdio: 'ignore',
      })
      const secure = await listen(
        door((client, on) => {
          client.once('data', () => {
            client.write('S')
            on(new TLSSocket(client, { isServer: true, key: readFileSync(key), cert: readFileSync(cert) }))
          })
        }, database.url),
      )
      const at = (more: string) =>
        own((address) => ((address.port = String(portOf(secure))), (address.search = more)))
      expect(await databaseProblem(at('sslmode=require'))).toBeUndefined()
      expect(await databaseProblem(at(`sslmode=verify-ca&sslrootcert=${cert}`))).toBeUndefined()
      expect(await databaseProblem(at('sslmode=verify-full'))).toMatch(/^its certificate is not accepted/)
      expect(await databaseProblem(at(`sslmode=verify-full&sslrootcert=${cert}`))).toMatch(
        /^its certificate is for another name/,
      )
      const db = await openDb(at('sslmode=require'), { max: 1, name: 'tls' })
      expect(await db.rows(q`select 1 as one`)).toEqual([{ one: 1 }])
      await db.close()
    },
  )

  test('that the database refuses is told by the reason: login, database, rights', async () => {
    const problem = (change: (address: URL) => void) => databaseProblem(own(change))
    expect(await problem((address) => (address.password = 'wrong'))).toMatch(/^it refuses the password/)
    expect(await problem((address) => (address.password = ''))).toMatch(/^it asks for a password/)
    expect(await problem((address) => (address.username = 'nobody_here'))).toMatch(
      /^it refuses the password, or has no such role/,
    )
    expect(await problem((address) => (address.pathname = '/not_there'))).toMatch(/^it has no such database/)
    expect(await problem((address) => (address.port = '1'))).toMatch(/^nothing listens there/)
    expect(await problem((address) => (address.hostname = 'nowhere.invalid'))).toMatch(
      /^its host's name is not known/,
    )
    expect(await problem((address) => (address.search = 'sslmode=require'))).toMatch(/^it speaks no TLS/)
    expect(await databaseProblem(`postgres://${login()}@/${name()}?host=${folder}/none`)).toMatch(
      /^its socket is not there/,
    )
  })

  test('a new role without rights reads from migrate which grant it needs', async () => {
    const empty = await createEmptyDatabase()
    const admin = await openDb(empty.url, { max: 1, name: 'admin' })
    const role = `role_${Math.random().toString(36).slice(2)}`
    await admin.rows({ text: `create role ${role} login password 'word'`, values: [] })
    const address = new URL(empty.url)
    address.username = role
    address.password = 'word'
    const env = {
      DATABASE_URL: address.href,
      DATA_DIR: folder,
      BOT_TOKEN: `7000000019:AA${'q'.repeat(33)}`,
      ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    }
    const one = startNode(`${repository}/bin/migrate.ts`, [], { env, cwd: folder })
    expect(await one.ended).toBe(1)
    expect(one.lines.join('\n')).toMatch(
      /its role may not use the schema public\. As its owner: grant usage, create on schema public to ROLE/,
    )
    await admin.rows({ text: `grant usage, create on schema public to ${role}`, values: [] })
    const other = startNode(`${repository}/bin/migrate.ts`, [], { env, cwd: folder })
    expect(await other.ended, other.lines.join('\n')).toBe(0)
    await admin.rows({ text: `drop owned by ${role} cascade`, values: [] })
    await admin.rows({ text: `drop role ${role}`, values: [] })
    await admin.close()
    await empty.drop()
  })
})
