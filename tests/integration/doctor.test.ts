import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UserFromGetMe } from 'grammy/types'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../bin/lib/findings.ts'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { newId } from '#shared/ids.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { createOrder } from '#shared/money/orders.ts'
import { ensurePerson } from '#shared/people.ts'
import { createSecrets } from '#shared/secrets.ts'
import { addBot } from '#shop/admin/run-time-bots.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase, createEmptyDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { startNode } from '../lib/processes.ts'
import { redisUrl, startPrivateRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BOT = { token: `7000000029:AA${'d'.repeat(33)}`, username: 'doctor_bot', name: 'Doctor' }
const ADDED = { token: `7000000030:AA${'e'.repeat(33)}`, username: 'added_bot', name: 'Added' }
const KEY = Buffer.alloc(32, 9).toString('base64')

describe.skipIf(!redisAvailable())('the doctor', () => {
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let database: TestDatabase
  let db: Db
  let env: Record<string, string>
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telekassa-doctor-'))
    telegram = await startTelegram({ bots: [BOT, ADDED] })
    database = await createDatabase()
    db = await openDb(database.url, { max: 2, name: 'test' })
    env = {
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      DATA_DIR: folder,
      BOT_TOKEN: BOT.token,
      BOTS: '',
      ADMIN_IDS: '1',
      TELEGRAM_API_ROOT: telegram.url,
      ENCRYPTION_KEY: KEY,
      PUBLIC_URL: '',
    }
  })
  afterAll(async () => {
    await db.close()
    await database.drop()
    await telegram.close()
    await rm(folder, { recursive: true })
  })

  const run = async (more: Record<string, string> = {}, entry = 'doctor', args = ['--json']) => {
    const one = startNode(`${repository}/bin/${entry}.ts`, args, { env: { ...env, ...more }, cwd: folder })
    const code = await one.ended
    const text = one.lines.join('\n')
    expect(text).not.toContain(BOT.token)
    return { code, text }
  }
  const examine = async (more: Record<string, string> = {}) => {
    const { code, text } = await run(more)
    const findings = JSON.parse(text) as Finding[]
    return { code, findings, of: (check: string) => findings.filter((one) => one.check === check) }
  }
  /** What the doctor says of the shop as it is at first, with a bot that an owner has added. */
  let healthy: Awaited<ReturnType<typeof examine>>
  beforeAll(async () => {
    await registerBots(db, [{ name: 'main', token: BOT.token, admins: [] }])
    const me = {
      id: 7_000_000_030,
      is_bot: true,
      first_name: 'Added',
      username: 'added_bot',
    } as UserFromGetMe
    const given = { token: ADDED.token, me, home: 'main', by: 1n }
    await db.tx(async (tx) => {
      await ensurePerson(tx, 1n, 'main')
      await addBot(tx, createSecrets(KEY), given)
    })
    healthy = await examine()
  })

  test('looks at bots that an owner added, with the token that was given then', () => {
    expect(healthy.of('bot added_bot')).toMatchObject([{ level: 'ok', says: '@added_bot' }])
  })

  test('of a healthy shop finds nothing wrong, and says what could be better: no backup was ever made', () => {
    const { code, findings, of } = healthy
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([])
    expect(of('backup')).toMatchObject([{ level: 'warn', says: expect.stringContaining('docs/backup.md') }])
    for (const check of [
      'node',
      'signatures',
      'database',
      'connections',
      'clock',
      'pooler',
      'ledger',
      'orders',
      'outbox',
      'backlog',
      'prices',
      'bot main',
    ]) {
      expect(of(check), check).toMatchObject([{ level: 'ok' }])
    }
    expect(code).toBe(1)
  })

  test('compares the packs of the environment with the prices that the panel keeps', async () => {
    await db.rows(q`insert into settings (bot, key, value) values ('', 'stars-per-token', '50')`)
    const [fits, large] = await Promise.all([examine(), examine({ STARS_PACKS: '10,3000' })])
    expect(fits.of('prices')).toMatchObject([{ level: 'ok' }])
    const says = expect.stringMatching(/pack of 3,000 tokens would cost 150,000 Stars.*at most 33/) as string
    expect(large.of('prices')).toMatchObject([{ level: 'warn', says }])
    await db.rows(q`delete from settings`)
  })

  test('tells an old backup, a paid order that stands still, a job that nobody moves and a paused partition, each with what to do', async () => {
    await registerBots(db, [{ name: 'main', token: '', admins: [] }])
    await ensurePerson(db, 77n, 'main')
    await createOrder(
      db,
      { id: newId(), personId: 77n, bot: 'main', good: 'stars', asset: 'RUB', price: 1n },
      'test',
    )
    await db.rows(q`update orders set state = 'fulfilling', updated_at = now() - interval '2 hours'`)
    await db.rows(
      q`insert into cursors (name, value, updated_at) values ('backup', 'x', now() - interval '40 hours')`,
    )
    await db.rows(q`
      insert into outbox (key, job, payload, run_at) values ('lost', 'upkeep.expire', '{"at":"1"}', now() - interval '1 hour')`)
    const backend = await openBackend({ kind: 'redis', url: env['REDIS_URL']! }, 'tk')
    const late = { timestamp: Date.now() - 3_600_000, delay: 1_800_000 }
    await backend.queue('fragment').add('any', { v: 1, payload: {} }, late)
    const paused = backend.queue('updates-5')
    await paused.add('any', { v: 1, payload: {} })
    await paused.pause()
    const { of } = await examine()
    await backend.queue('fragment').obliterate({ force: true })
    await paused.resume()
    await paused.obliterate({ force: true })
    await backend.close()
    expect(of('backlog').map(({ says }) => says)).toContain(
      '1 jobs wait for the end of a pause of updates: resume it in /ops/queues',
    )
    expect(of('backlog').find(({ says }) => says.includes('fragment'))).toMatchObject({
      level: 'warn',
      says: expect.stringMatching(
        /^1 jobs could run on fragment, the oldest for \d+ s; no worker takes them/,
      ),
    })
    expect(of('backup')[0]).toMatchObject({
      level: 'warn',
      says: expect.stringContaining('40 hours old: look at'),
    })
    expect(of('orders')[0]).toMatchObject({ level: 'warn', says: expect.stringContaining('1 paid orders') })
    expect(of('outbox')[0]).toMatchObject({
      level: 'warn',
      says: expect.stringContaining('does any worker run?'),
    })
  })

  test('reports wrong settings, a refused token and an unreachable Redis as findings too, with exit code 2', async () => {
    const settings = await examine({
      ENCRYPTION_KEY: 'short',
      HEALTH_PORT: 'x',
      BOT_TOKEN_FILE: '/nonexistent',
      BOT_TOKEN: '',
    })
    expect(settings.code).toBe(2)
    expect(settings.findings.map(({ check, level }) => `${check} ${level}`)).toEqual(
      Array(3).fill('settings fail'),
    )
    expect(settings.findings.map(({ says }) => says).join('\n')).toMatch(
      /BOT_TOKEN_FILE cannot be read[\s\S]*openssl/,
    )

    const redis = await examine({ REDIS_URL: 'redis://127.0.0.1:1' })
    expect([redis.code, redis.of('queue')[0]?.level]).toEqual([2, 'fail'])
    const token = await examine({ BOT_TOKEN: `7000000099:AA${'q'.repeat(33)}` })
    expect(token.of('bot main')[0]).toMatchObject({
      level: 'fail',
      says: expect.stringContaining('check its token'),
    })
    expect(token.code).toBe(2)
  })

  test('is run by the migration with --check: warnings let the roles start, an evicting Redis does not', async () => {
    const empty = await createEmptyDatabase()
    const evicting = await startPrivateRedis(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'])
    const good = await run({ DATABASE_URL: empty.url }, 'migrate', ['--check'])
    expect(good.text).toMatch(/applied: 0001[\s\S]*ok {3}database/)
    expect(good.code).toBe(0)
    const bad = await run({ DATABASE_URL: empty.url, REDIS_URL: evicting.url }, 'migrate', ['--check'])
    expect(bad.text).toContain('Set it to noeviction')
    expect(bad.code).toBe(2)
    await evicting.stop()
    await empty.drop()
  })
})
