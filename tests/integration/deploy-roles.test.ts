import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workerTypes } from '#workers/run.ts'
import { openDb } from '#shared/db/db.ts'
import { checkRole, roleProblem } from '../../bin/lib/check-role.ts'
import { SECRETS, readCompose, readRepositoryFile, repository } from '../lib/compose.ts'
import { createEmptyDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startProcess } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const { services } = readCompose(SECRETS)
const health = /^HEALTHCHECK .*CMD \["[^"]+", "([^"]+)"\]/m.exec(readRepositoryFile('Dockerfile'))![1]!

/** Copies what the image holds, by the COPY lines of the Dockerfile, and nothing else. */
async function layOutImage(): Promise<string> {
  const folder = await tempFolder()
  for (const [, paths] of readRepositoryFile('Dockerfile').matchAll(/^COPY (?!--)(.+) \S+$/gm)) {
    for (const path of paths!.split(' '))
      cpSync(join(repository, path), join(folder, path), { recursive: true })
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

describe.skipIf(!redisAvailable())('the roles of docker-compose.yml, in the files of the image', () => {
  let image: string
  let database: TestDatabase
  let shopUrl: string
  let redis: string
  const runs = (role: string, ports: Record<string, string>): TestProcess => {
    const { environment = {} } = services[role]!
    const env = {
      ...environment,
      DATABASE_URL: shopUrl,
      ...(environment['MIGRATE_DATABASE_URL'] && { MIGRATE_DATABASE_URL: database.url }),
      REDIS_URL: redis,
      HOST: '127.0.0.1',
      BOT_TOKEN: '1234567:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      // Nobody listens at this address, because a role must be healthy while Telegram is away.
      TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
      ALLOW_OWNER_ROLE: '',
      ...ports,
    }
    return startProcess([process.execPath, ...services[role]!.command!], { cwd: image, env })
  }

  beforeAll(async () => {
    image = await layOutImage()
    database = await createEmptyDatabase()
    const { username, password } = new URL(services['bot']!.environment!['DATABASE_URL']!)
    const address = new URL(database.url)
    // Roles belong to the whole server, and other test files have roles of their own there.
    address.username = `${username}_${process.pid}_${Date.now()}`
    address.password = password
    shopUrl = address.href
    redis = await redisUrl()
  })
  afterAll(async () => {
    const { username } = new URL(shopUrl)
    const owner = await openDb(database.url, { max: 1, name: 'owner' })
    await owner.pool.query(`drop owned by ${username}`)
    await owner.pool.query(`drop role ${username}`)
    await owner.close()
    await database.drop()
  })

  test('F84 the migrations end with 0, twice, and make the role of all others, which cannot touch the triggers', async () => {
    expect(await runs('migrate', {}).ended).toBe(0)
    expect(await runs('migrate', {}).ended).toBe(0)
    expect(await roleProblem(shopUrl)).toBeUndefined()
  })

  test('F84 no role and no whole shop starts under the role that owns the tables, and says what to do; allowed, it is warned', async () => {
    const port = { HEALTH_PORT: String(await reservePort()), PORT: String(await reservePort()) }
    const owner = { ...port, DATABASE_URL: database.url }
    const whole = { ...process.env, ...services['gateway']!.environment, ...owner, REDIS_URL: redis }
    const tried = [
      ...['gateway', 'billing'].map((role) => runs(role, owner)),
      startProcess([process.execPath, 'bin/start.ts'], {
        cwd: image,
        env: { ...whole, BOT_TOKEN: '1234567:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', ALLOW_OWNER_ROLE: '' },
      }),
    ]
    for (const one of tried) {
      expect(await one.ended, one.lines.join('\n')).toBe(1)
      expect(one.lines.join('\n')).toMatch(
        /can switch off the triggers[\s\S]*MIGRATE_DATABASE_URL[\s\S]*npm run migrate/,
      )
    }
    const allowed = runs('billing', { ...owner, ALLOW_OWNER_ROLE: 'true' })
    await allowed.waitFor(/can switch off the triggers/)
    await allowed.waitFor(/workers are ready/)
    await allowed.kill('SIGTERM')
    expect(await checkRole(database.url, false)).toMatchObject({ level: 'fail' })
    expect(await checkRole(database.url, true)).toMatchObject({ level: 'warn' })
    expect(await checkRole(shopUrl, false)).toMatchObject({ level: 'ok' })
  })

  test.for(['gateway', ...workerTypes.map((type) => type.name)])(
    '%s becomes healthy and ends with 0 within its grace period after SIGTERM',
    async (role) => {
      const port = String(await reservePort())
      const ports: Record<string, string> = role === 'gateway' ? { PORT: port } : { HEALTH_PORT: port }
      const running = runs(role, ports)
      const healthz = `http://127.0.0.1:${port}/healthz`
      await eventually(async () => (await fetch(healthz)).ok, {
        what: `${role} answers`,
        timeoutMs: 60_000,
        everyMs: 100,
      })
      // A health check that takes longer than its 3 s is asked again, as Compose does.
      await eventually(
        async () => (await startProcess([process.execPath, health], { cwd: image, env: ports }).ended) === 0,
        { what: `${role} is healthy` },
      )
      expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200)
      expect(
        running.lines.filter((line) => /permission denied|can switch off the triggers/.test(line)),
      ).toEqual([])
      await running.kill('SIGTERM')
      expect(await running.ended, running.lines.join('\n')).toBe(0)
    },
  )
})
