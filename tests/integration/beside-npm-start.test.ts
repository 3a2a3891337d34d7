import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../bin/lib/findings.ts'
import { announceServers } from '../../bin/lib/servers.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { findKey } from '#shop/balance-api/keys.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { writeSecret } from '#shared/vault.ts'
import { databaseTokenStore } from '#shop/stars-premium/token-store.ts'
import { createSecrets } from '#shared/secrets.ts'
import { repository } from '../lib/compose.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { tempFolder } from '../lib/infra.ts'
import { startNode } from '../lib/processes.ts'
import { redisUrl, testOnRedis } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

// Commands find the servers of a running `npm start` by the note that it leaves in its data folder.

const KEY = Buffer.alloc(32, 3).toString('base64')
let database: TestDatabase
let db: Db
let folder: string

beforeAll(async () => {
  // The folder does not exist yet, as on a fresh clone.
  folder = join(await tempFolder(), 'not', 'yet')
  database = await createDatabase()
  db = await openDb(database.url, { max: 2, name: 'test' })
  if (!redisAvailable()) return
  announceServers(folder, { databaseUrl: database.url, queue: { kind: 'redis', url: await redisUrl() } })
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

async function command(name: string, args: string[], more: Record<string, string> = {}) {
  const nothing = { DATABASE_URL: '', REDIS_URL: '', BOT_TOKEN: '', BOTS: '', ENCRYPTION_KEY: KEY }
  const one = startNode(join(repository, `bin/${name}.ts`), args, {
    cwd: folder,
    env: { ...nothing, DATA_DIR: folder, ...more },
  })
  const code = await one.ended
  // A command that starts servers of its own would leave their folders here.
  expect(await readdir(folder)).not.toContain('postgres')
  return { code, text: one.lines.join('\n') }
}
const doctor = async (more: Record<string, string> = {}) =>
  JSON.parse((await command('doctor', ['--json'], more)).text) as Finding[]

testOnRedis('a key of the API is made, listed and revoked where the shop keeps its keys', async () => {
  const { code, text } = await command('api-key', ['create', 'my-bot'])
  expect(code, text).toBe(0)
  const key = /^tk_\S+$/m.exec(text)![0]
  const id = /Key (\S+) of my-bot/.exec(text)![1]!
  expect(await findKey(db, key)).toBeDefined()
  expect((await command('api-key', ['list'])).text).toContain(`${id}  my-bot`)
  expect(await command('api-key', ['revoke', id])).toMatchObject({ code: 0 })
  expect(await findKey(db, key)).toBeUndefined()
})

testOnRedis(
  'a backup notes itself, so that the doctor knows of it, and is not restored under a shop that runs',
  async () => {
    const backup = join(folder, 'monday')
    expect(await command('backup', [backup])).toMatchObject({ code: 0 })
    expect((await doctor()).find(({ check }) => check === 'backup')).toMatchObject({ level: 'ok' })

    // The pool closes connections that nobody needs, but a running shop always has one.
    const connection = await db.pool.connect()
    const refused = await command('backup', [backup, '--restore'])
    connection.release()
    expect(refused.code).not.toBe(0)
    expect(refused.text).toContain('stop gateway and workers first')
    await db.rows(q`delete from cursors where name = 'backup'`)
    await rm(backup, { recursive: true })
  },
)

testOnRedis('the doctor names what was kept with another key', async () => {
  await writeSecret(db, createSecrets(KEY), 'token of the bot added', '1:AA')
  const of = (findings: Finding[]) => findings.find(({ check }) => check === 'kept secrets')
  expect(of(await doctor())).toMatchObject({ level: 'ok' })
  const other = Buffer.alloc(32, 4).toString('base64')
  expect(of(await doctor({ ENCRYPTION_KEY: other }))).toMatchObject({
    level: 'fail',
    says: expect.stringContaining('token of the bot added'),
  })
  expect(of(await doctor({ ENCRYPTION_KEY: other, ENCRYPTION_OTHER_KEY: KEY }))).toMatchObject({
    level: 'ok',
  })
})

testOnRedis("the reseller's token reaches workers that run", async () => {
  const simulator = await startFragment()
  const { apiKey, phoneNumber, mnemonics } = simulator.state.settings
  const { code, text } = await command('fragment-token', [], {
    FRAGMENT_API_URL: simulator.url,
    FRAGMENT_API_KEY: apiKey,
    FRAGMENT_PHONE_NUMBER: `+${phoneNumber}`,
    FRAGMENT_MNEMONICS: mnemonics.join(' '),
  })
  expect(code, text).toBe(0)
  const kept = await databaseTokenStore(db, createSecrets(KEY)).get()
  expect(simulator.state.tokens.has(kept!.jwt!)).toBe(true)
  await simulator.close()
})

test('without a shop that runs, a key of the API that cannot be is refused before anything is started', async () => {
  const empty = await tempFolder()
  const { code, text } = await command('api-key', ['create', 'Not A Name'], { DATA_DIR: empty })
  expect([code, text]).toEqual([1, expect.stringContaining('Usage')])
  expect(await readdir(empty)).toEqual([])
})
