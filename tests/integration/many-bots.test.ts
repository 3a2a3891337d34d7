import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createConnections } from '../../src/gateway/connections.ts'
import type { Db } from '#shared/db/db.ts'
import { createLog } from '#shared/log.ts'
import { createMetrics } from '#shared/metrics.ts'
import type { QueueBackend } from '#shared/queue/backend.ts'
import { serveBot } from '#shared/telegram/bots.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import { registerBots } from '#shared/telegram/identify.ts'
import { readConfig } from '#shop/config.ts'
import { findLostStars } from '#shop/payments/reconcile-stars.ts'
import { createOnCall } from '#workers/bot/on-call.ts'
import { readBacklog } from '#workers/upkeep/vitals.ts'
import { SECRETS } from '../lib/compose.ts'
import { createDatabase, openTestDb } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'

const log = createLog({ level: 'silent', name: 'many-bots' })
const metrics = createMetrics()
const tokenOf = (number: number) => `${1_000 + number}:${'A'.repeat(35)}`

let database: TestDatabase
let db: Db
let statements = 0

beforeAll(async () => {
  database = await createDatabase()
  const plain = await openTestDb(database.url, { max: 5, name: 'many-bots' })
  db = Object.assign(Object.create(plain) as Db, {
    rows: (query: never) => {
      statements++
      return plain.rows(query)
    },
  })
  await registerBots(db, settingsOf(200))
})
afterAll(async () => {
  await db.close()
  await database.drop()
})

const settingsOf = (count: number) =>
  Array.from({ length: count }, (_, number) => ({
    name: `many${number}`,
    token: tokenOf(number),
    admins: [],
  }))

let now = 0
let most = 0
let asked: string[] = []
beforeEach(() => {
  asked = []
  most = 0
  statements = 0
})

/** Bots whose Telegram answers only after every other bot had a turn. */
function manyBots(count: number, answers: Record<string, unknown>): Map<string, ServedBot> {
  return new Map(
    settingsOf(count).map((settings, number) => {
      const call = (method: string) => async () => {
        asked.push(`${method} ${settings.name}`)
        most = Math.max(most, ++now)
        for (let time = 0; time < 20; time++) await turn()
        now--
        return method === 'getMe'
          ? { id: 1_000 + number, is_bot: true, first_name: 'B', username: `many${number}_bot` }
          : answers[method]
      }
      const methods = [
        'getMe',
        'setWebhook',
        'getWebhookInfo',
        'getStarTransactions',
        'getMyStarBalance',
        'deleteWebhook',
      ]
      const api = Object.fromEntries(methods.map((method) => [method, call(method)]))
      return [settings.name, { ...settings, api, parked: false, closing: false } as unknown as ServedBot]
    }),
  )
}

test('a thousand bots of the settings have their rows by one statement, and again none changes', async () => {
  await registerBots(db, settingsOf(1_000))
  expect(statements).toBe(1)
  await db.rows(q`update bots set state = 'removed' where name = 'many7'`)
  await db.rows(q`update bots set home = 'many0' where name = 'many8'`)
  await registerBots(db, settingsOf(1_000))
  const rows = await db.rows(q<{ state: string; home: string | null; bots: bigint }>`
    select state, home, count(*) as bots from bots where name like 'many%' group by 1, 2`)
  expect(rows).toEqual([{ state: 'active', home: null, bots: 1_000n }])
})

test('bots are connected side by side, and no more of them than the database has patience for', async () => {
  const config = readConfig({
    ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY,
    PUBLIC_URL: 'https://shop.example.com',
    BOT_TOKEN: tokenOf(0),
    DATA_DIR: '/tmp',
  })
  const bots = manyBots(200, { setWebhook: true })
  const connections = createConnections({ config, db, log, metrics } as unknown as Parameters<
    typeof createConnections
  >[0])
  connections.follow(bots)
  await connections.connected()
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(50)
  expect(asked.filter((one) => one.startsWith('setWebhook'))).toHaveLength(200)
  expect(connections.webhooksRefused()).toBeUndefined()
  await connections.stop()
})

test('a stop does not wait until all others had their turn', async () => {
  const config = readConfig({
    ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY,
    PUBLIC_URL: 'https://shop.example.com',
    BOT_TOKEN: tokenOf(0),
    DATA_DIR: '/tmp',
  })
  const connections = createConnections({ config, db, log, metrics } as unknown as Parameters<
    typeof createConnections
  >[0])
  connections.follow(manyBots(200, { setWebhook: true }))
  await connections.stop()
  expect(asked.filter((one) => one.startsWith('getMe')).length).toBeLessThanOrEqual(50)
})

test('lost Stars and what Telegram holds are asked of ten bots side by side, of each once, and one that fails stops none', async () => {
  const bots = manyBots(40, {
    getStarTransactions: { transactions: [] },
    getMyStarBalance: { amount: 0 },
    getWebhookInfo: { pending_update_count: 3 },
  })
  Object.assign(bots.get('many5')!.api, { getWebhookInfo: () => Promise.reject(new Error('away')) })
  await findLostStars({ db, log, bots })
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(10)
  expect(new Set(asked.filter((one) => one.startsWith('getStarTransactions'))).size).toBe(40)
  expect(asked.filter((one) => one.startsWith('getMyStarBalance'))).toHaveLength(40)
  most = 0
  await readBacklog({ bots, metrics, log })
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(10)
  expect(asked.filter((one) => one.startsWith('getWebhookInfo'))).toHaveLength(39)
})

test('whom to tell of an outage is read of all bots by two statements, with the language that each reads', async () => {
  await db.rows(q`insert into persons (id, language) values (71, 'ru'), (72, 'de'), (73, 'ru')`)
  await db.rows(q`insert into bot_sessions (bot, person_id, language) values ('many2', 71, 'en')`)
  await db.rows(q`insert into admins (bot, person_id, role, added_by)
    values ('many1', 71, 'admin', 1), ('many2', 71, 'owner', 1), ('many2', 73, 'support', 1)`)
  const bots = manyBots(100, {})
  Object.assign(bots.get('many2')!, { admins: [72n, 74n] })
  statements = 0
  const onCall = createOnCall({ db, bots })
  await onCall.refresh()
  expect(statements).toBe(2)
  expect(onCall.of(bots.get('many1')!)).toEqual(new Map([[71n, 'ru']]))
  expect(onCall.of(bots.get('many2')!)).toEqual(
    new Map([
      [71n, 'en'],
      [72n, 'en'],
      [74n, expect.stringMatching(/^(ru|en)$/)],
    ]),
  )
  expect(onCall.of(bots.get('many3')!)).toEqual(new Map())
})

test('a bot takes less than 100 kB of memory', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const backend = { redis: undefined, key: (name: string) => name } as unknown as QueueBackend
  const context = { apiRoot: 'http://127.0.0.1:9', backend, metrics, sendRate: 30, chatRate: 1 }
  serveBot(settingsOf(1)[0]!, context)
  collect()
  const before = process.memoryUsage()
  const served = settingsOf(1_000).map((settings) => serveBot(settings, context))
  collect()
  const after = process.memoryUsage()
  expect(served).toHaveLength(1_000)
  expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(1_000 * 100_000)
})
