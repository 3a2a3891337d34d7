import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFragment } from '../../sandbox/fragment/server.ts'
import { openDb } from '#shared/db/db.ts'
import { databaseTokenStore } from '#shop/stars-premium/token-store.ts'
import { createSecrets } from '#shared/secrets.ts'
import { createDatabase } from '../lib/database.ts'
import { startNode } from '../lib/processes.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/fragment-token.ts')
const KEY = Buffer.alloc(32, 9).toString('base64')

let simulator: Awaited<ReturnType<typeof startFragment>>
let folder: string
beforeAll(async () => {
  simulator = await startFragment()
  folder = await mkdtemp(join(tmpdir(), 'telekassa-token-'))
})
afterAll(async () => {
  await simulator.close()
  await rm(folder, { recursive: true, force: true })
})

function run(env: Record<string, string> = {}, args: string[] = []) {
  const { apiKey, phoneNumber, mnemonics } = simulator.state.settings
  const clean = {
    BOT_TOKEN: '',
    BOTS: '',
    DATABASE_URL: '',
    FRAGMENT_JWT_TOKEN: '',
    DATA_DIR: join(folder, '.data'),
  }
  return startNode(PROGRAM, args, {
    cwd: folder,
    env: {
      ...clean,
      ENCRYPTION_KEY: KEY,
      FRAGMENT_API_URL: simulator.url,
      FRAGMENT_API_KEY: apiKey,
      FRAGMENT_PHONE_NUMBER: `+${phoneNumber}`,
      FRAGMENT_MNEMONICS: mnemonics.join(' '),
      ...env,
    },
  })
}

test('writes the token into .env, keeps the other lines, and prints its last six characters only', async () => {
  const file = join(folder, '.env')
  await writeFile(file, '# mine\nBOT_NAME=main\nFRAGMENT_JWT_TOKEN=old\nPORT=9\n')
  const process = run()
  expect(await process.ended).toBe(0)
  const text = await readFile(file, 'utf8')
  const token = /^FRAGMENT_JWT_TOKEN=([\w.-]+)$/m.exec(text)![1]!
  expect(text).toBe(`# mine\nBOT_NAME=main\nFRAGMENT_JWT_TOKEN=${token}\nPORT=9\n`)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(simulator.state.tokens.has(token)).toBe(true)
  const printed = process.lines.join('\n')
  expect(printed).toContain(token.slice(-6))
  expect(printed).not.toContain(token.slice(-7))
})

test('hands the token to running workers, encrypted', async () => {
  const database = await createDatabase()
  const db = await openDb(database.url, { max: 2, name: 'test' })
  try {
    expect(await run({ DATABASE_URL: database.url }).ended).toBe(0)
    const stored = await databaseTokenStore(db, createSecrets(KEY)).get()
    expect(simulator.state.tokens.has(stored!.jwt!)).toBe(true)
  } finally {
    await db.close()
    await database.drop()
  }
})

test('says in a sentence what is missing, what is wrong, and what to do', async () => {
  const missing = run({ FRAGMENT_API_KEY: '', FRAGMENT_MNEMONICS: '' })
  expect(await missing.ended).toBe(1)
  expect(missing.lines.join()).toContain('without FRAGMENT_API_KEY and FRAGMENT_MNEMONICS')
  const none = run({ FRAGMENT_API_KEY: '', FRAGMENT_PHONE_NUMBER: '', FRAGMENT_MNEMONICS: '' })
  expect(await none.ended).toBe(1)
  expect(none.lines.join()).toContain('FRAGMENT_API_KEY, FRAGMENT_PHONE_NUMBER, FRAGMENT_MNEMONICS not set')

  const version = run({}, ['V9'])
  expect(await version.ended).toBe(1)
  expect(version.lines.join()).toContain('Name another wallet version')

  const wrong = run({ FRAGMENT_API_KEY: 'not-the-key' })
  expect(await wrong.ended).toBe(1)
  expect(wrong.lines.join()).not.toContain('not-the-key')
})
