import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Redis } from 'ioredis'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, expect } from 'vitest'
import { countStatements } from '../lib/count-statements.ts'
import type { Counted } from '../lib/count-statements.ts'
import { eventually } from '../lib/eventually.ts'
import { testOnRedis as test } from '../lib/redis.ts'
import { openShop } from '../lib/shop.ts'
import type { Customer, Shop } from '../lib/shop.ts'

// What an update costs, in counts: a busy machine has the same counts as an idle one.

let shop: Shop
let anna: Customer
const counter = countStatements('telekassa-bot')
beforeAll(async () => {
  shop = await openShop({ workers: ['bot'] })
  anna = await shop.person()
  await untilHandled(() => anna.start())
  // What /start owes is relayed after it is handled, so the counts begin with the second menu.
  await untilHandled(() => anna.say('/menu'))
})
afterAll(() => counter.stop())

/** Statements that run every few seconds, whether or not there are updates. */
const BY_ITSELF = /\bfrom "?(settings|admins|bots)\b|^select exists \(select "id" from "outbox"/

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

const packs = async () => {
  await untilHandled(() => anna.say('/buy'))
  return anna.hears('⭐')
}

test('a menu costs two statements, and waits for the disk once', async () => {
  const { statements, commits, relays } = await cost(() => anna.say('/menu'))
  expect(statements).toHaveLength(2)
  expect(commits).toBe(1)
  expect(relays, 'nothing was owed').toBe(0)
})

test('a press that opens an invoice costs three statements, and waits for the disk twice', async () => {
  const { message_id, inline_keyboard } = await packs()
  const pack = inline_keyboard!.flat().find(({ text }) => text.includes('⭐'))!
  const { statements, commits, relays } = await cost(() => anna.tap(message_id, pack.callback_data!))
  expect(statements).toHaveLength(3)
  expect(commits).toBe(2)
  expect(relays, 'nothing was owed').toBe(0)
})

// 17 of the commands are the queue's own: adding 5, waiting 1, taking 6, ending 5 (decision 0081 says what each is
// for).
test('a menu costs at most 20 Redis commands, those inside of scripts counted', async () => {
  const bea = await shop.person()
  await untilHandled(() => bea.start())
  expect(await redisCommands(() => bea.say('/menu'), 4)).toBeLessThanOrEqual(20)
})

// From a person's sixth press within ten seconds on, three more commands tell the other processes how many presses
// there were.
test('a press that opens an invoice costs at most 23 Redis commands', async () => {
  const { message_id, inline_keyboard } = await packs()
  const pack = inline_keyboard!.flat().find(({ text }) => text.includes('⭐'))!
  expect(await redisCommands(() => anna.tap(message_id, pack.callback_data!))).toBeLessThanOrEqual(23)
})

test('of an update that is done Redis keeps nothing, and few events', async () => {
  await untilHandled(() => anna.say('/menu'))
  const redis = new Redis(shop.redis)
  const { queuePrefix } = shop.config
  await eventually(async () => (await redis.keys(`*${queuePrefix}*:update-*`)).length === 0, {
    what: 'no job is left',
  })
  for (const queue of shop.shared.producer.queues.get('updates')!)
    expect(await redis.hget(queue.toKey('meta'), 'opts.maxLenEvents')).toBe('10')
  redis.disconnect()
})

/** Returns the fewest commands of some rounds, because the worker also looks at the queue by itself now and then. */
async function redisCommands(act: () => Promise<unknown>, rounds = 6): Promise<number> {
  let seen: string[] = []
  // The socket is read by hand, because ioredis 6.0.0 takes a command that another client runs at this moment for
  // the answer to MONITOR.
  const { hostname, port, password } = new URL(shop.redis)
  const monitor = connect(Number(port), hostname)
  createInterface({ input: monitor }).on('line', (line) => {
    if (line.includes(shop.config.queuePrefix)) seen.push(line)
  })
  monitor.write(`${password && `AUTH ${password}\r\n`}MONITOR\r\n`)
  /**
   * Counts the commands for one partition from the update on until the partition is at rest, those that count
   * people and messages, and the one command by which the process waits for all partitions.
   */
  const counted = (): number | undefined => {
    const partition = /:updates-\d+:update-/.exec(seen.find((line) => line.includes(':update-')) ?? '')?.[0]
    const own = partition?.slice(0, -'update-'.length)
    const lines = seen.filter(
      (line) => (own && line.includes(own) && !ofAll(line)) || /limit-|last-known|-budget-/.test(line),
    )
    const ended = lines.findIndex((line) => line.includes('"DEL"'))
    const rests = ended > 0 && lines.slice(ended).some((line) => line.includes('"RPOPLPUSH"'))
    return rests ? lines.length + 1 : undefined
  }
  const ofAll = (line: string) => line.includes(':updates-0:') && line.includes(':updates-1:')
  const figures: number[] = []
  for (let round = 0; round < rounds; round++) {
    seen = []
    await untilHandled(act)
    figures.push(await eventually(counted, { what: 'the partition is at rest' }))
  }
  monitor.destroy()
  return Math.min(...figures)
}
