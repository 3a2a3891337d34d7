import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect } from 'vitest'
import { countStatements } from '../lib/count-statements.ts'
import type { Counted } from '../lib/count-statements.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// What an update costs, in counts: those of a busy machine are the same as those of an idle one.

let shop: Shop
let anna: Customer
const counter = countStatements('telekassa-bot')
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'] })
  anna = await shop.person()
  await untilHandled(() => anna.start())
})
afterAll(() => counter.stop())

/** Read every few seconds, whether or not there are updates. */
const BY_ITSELF = /\bfrom (settings|admins|bots)\b|^select exists \(select from outbox/

const handled = async () => {
  const [row] = await shop.db.rows(q<{ count: number }>`select count(*)::int as count from handled_updates`)
  return row!.count
}

async function untilHandled(act: () => Promise<unknown>): Promise<void> {
  const before = await handled()
  await act()
  await eventually(async () => (await handled()) === before + 1, { what: 'the update is handled' })
}

async function cost(act: () => Promise<unknown>): Promise<Counted> {
  counter.take()
  await untilHandled(act)
  const { statements, ...rest } = counter.take()
  return {
    ...rest,
    statements: statements.filter((text) => !BY_ITSELF.test(text) || /bot_sessions/.test(text)),
  }
}

test('a menu costs two statements, and waits for the disk once', async () => {
  const { statements, commits, relays } = await cost(() => anna.say('/menu'))
  expect(statements).toHaveLength(2)
  expect(commits).toBe(1)
  expect(relays, 'nothing was owed').toBe(0)
})

test('a press that opens an invoice costs three statements, and waits for the disk twice', async () => {
  await untilHandled(() => anna.say('/buy'))
  const { message_id, inline_keyboard } = await anna.hears('⭐')
  const pack = inline_keyboard!.flat().find(({ text }) => text.includes('⭐'))!
  const { statements, commits, relays } = await cost(() => anna.tap(message_id, pack.callback_data!))
  expect(statements).toHaveLength(3)
  expect(commits).toBe(2)
  expect(relays, 'nothing was owed').toBe(0)
})

test('a menu costs at most 73 Redis commands, those inside of scripts counted', async () => {
  expect(await redisCommands(() => anna.say('/menu'))).toBeLessThanOrEqual(73)
})

/** The fewest of some rounds: workers also look by themselves now and then. */
async function redisCommands(act: () => Promise<unknown>): Promise<number> {
  const redis = new Redis(shop.redis)
  const monitor = await redis.monitor()
  let seen: string[] = []
  monitor.on('monitor', (_time: string, args: string[]) => {
    if (args.some((arg) => arg.includes(shop.config.queuePrefix))) seen.push(args.join(' '))
  })
  const figures: number[] = []
  for (let round = 0; round < 6; round++) {
    await eventually(() => /^bzpopmin/i.test(seen.at(-1) ?? 'bzpopmin'), { what: 'the partition is at rest' })
    seen = []
    await untilHandled(act)
    await eventually(() => /^bzpopmin/i.test(seen.at(-1) ?? ''), { what: 'the partition is at rest' })
    figures.push(seen.length)
  }
  monitor.disconnect()
  redis.disconnect()
  return Math.min(...figures)
}
