import { join } from 'node:path'
import { sql as q } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '../../packages/client/client.js'
import { startTelegram } from '@telekassa/telegram-sandbox'
import type { Telegram } from '@telekassa/telegram-sandbox'
import { createKey } from '#shop/balance-api/keys.ts'
import { openDb } from '#shared/db/db.ts'
import type { Db } from '#shared/db/db.ts'
import { oweAdminAlert, owePersonNotice } from '#shared/notices.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { createDatabase } from '../lib/database.ts'
import type { TestDatabase } from '../lib/database.ts'
import { eventually } from '../lib/eventually.ts'
import { openPhone, visit } from '../lib/phone.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'
import type { TestProcess } from '../lib/processes.ts'
import { redisUrl } from '../lib/redis.ts'
import { redisAvailable } from '../lib/requirements.ts'

const BIN = join(import.meta.dirname, '../../bin')
const tokenOf = (number: number) => `${number}00:${'A'.repeat(35)}`
const PERSON = 9_007_199_254 // An id beyond 2^32.
const OWNER = 900
/** An admin of the second bot, and of no other bot. */
const SECOND_OWNER = 901

const OWNERS: Record<string, number[]> = { one: [OWNER], two: [OWNER, SECOND_OWNER] }

/**
 * Two deployments, of one bot and of two. Each has its own Redis, gateway and workers; they have only the database
 * in common.
 */
describe.skipIf(!redisAvailable())('one balance, three bots in two deployments', () => {
  let database: TestDatabase
  let db: Db
  let telegram: Telegram
  let processes: TestProcess[] = []
  const gateways: string[] = []

  async function deploy(number: number, ...bots: { name: string; token: string }[]): Promise<TestProcess[]> {
    const port = await reservePort()
    gateways.push(`http://127.0.0.1:${port}`)
    const env = {
      BOTS: JSON.stringify(bots.map((bot) => ({ ...bot, admins: OWNERS[bot.name] ?? [OWNER] }))),
      DATABASE_URL: database.url,
      REDIS_URL: await redisUrl(),
      ENCRYPTION_KEY: Buffer.alloc(32, number).toString('base64'),
      TELEGRAM_API_ROOT: telegram.url,
      BOT_MODE: 'polling',
      STARS_PACKS: '50',
      PORT: String(port),
      LOG_LEVEL: 'warn',
    }
    return [
      startNode(join(BIN, 'gateway.ts'), [], { env: { ...env, LOG_LEVEL: 'info' } }),
      startNode(join(BIN, 'worker.ts'), ['bot', 'billing', 'upkeep'], { env: { ...env, LOG_LEVEL: 'info' } }),
    ]
  }

  beforeAll(async () => {
    database = await createDatabase()
    db = await openDb(database.url, { max: 4, name: 'test' })
    await db.rows(q`update plans set active = false`)
    await db.rows(q`
      insert into plans (code, name, price_tokens) values
        ('ten', '{"ru":"Десятка","en":"Ten"}', 10), ('thirty', '{"ru":"Тридцатка","en":"Thirty"}', 30)`)
    const bots = ['one', 'two', 'three'].map((name, index) => ({ name, token: tokenOf(index + 1) }))
    telegram = await startTelegram({
      bots: bots.map(({ name, token }) => ({ name, token, username: `${name}_bot` })),
      settings: { chatPerSecond: 0, globalPerSecond: 0 },
    })
    processes = [...(await deploy(1, ...bots.slice(0, 1))), ...(await deploy(2, ...bots.slice(1)))]
    await Promise.all(processes.map((one) => one.waitFor(/gateway is ready|workers are ready/)))
  })
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    await telegram.close()
    const proof = await prove(db)
    await db.close()
    await database.drop()
    expect(proof.ok).toBe(true)
  })

  const has = async () => (await readBalance(db, BigInt(PERSON), 'TOK')).available

  test('A1: 50 in, 10 spent in bot 1, 40 seen and 30 spent in bot 2, 10 seen in bot 1', async () => {
    const one = await visit(telegram.url, 'one_bot', { id: PERSON, first_name: 'Ада' })
    await one.say('/buy')
    await one.press(/50 токенов/)
    await one.hears(/Номер/)
    const paid = await openPhone(`${telegram.url}/control`, 'one_bot', PERSON).payWith(/Оплатить/)
    expect(paid.outcome).toBe('paid')
    await one.hears(/Зачислено: 50 токенов/)
    await one.say('/subscription')
    await one.press(/Десятка/)
    await one.press(/Оформить/)
    await one.hears(/Десятка.*до .*продлится/)

    const two = await visit(telegram.url, 'two_bot', { id: PERSON, first_name: 'Ада' })
    await two.say('/balance')
    await two.hears(/Ваш баланс\n40 токенов/)
    await two.say('/subscription')
    await two.press(/Тридцатка/)
    await two.press(/Оформить/)
    await two.hears(/Тридцатка.*до .*продлится/)
    await one.say('/balance')
    await one.hears(/Ваш баланс\n10 токенов/)
    expect(await has()).toBe(10n)

    // XP from both bots makes one level, and one of the two bots tells of the new level.
    await eventually(async () => {
      const told = [...(await one.messages()), ...(await two.messages())]
      return told.some((message) => /Новый уровень/.test(message.text ?? ''))
    })
    await eventually(
      async () => {
        await two.say('/profile')
        return (await two.messages()).some((one) => /Уровень 4/.test(one.text ?? ''))
      },
      { everyMs: 1_000 },
    )
    const dead = await db.rows(q`select key, reason from outbox where state = 'dead'`)
    expect(dead).toEqual([])
  })

  test('100 calls of the API through both gateways and three bots spend one wallet at once: never below zero, no unit lost', async () => {
    const visitors = await Promise.all(
      ['one', 'two', 'three'].map((name) =>
        visit(telegram.url, `${name}_bot`, { id: PERSON, first_name: 'Ада' }),
      ),
    )
    const keys = await Promise.all(
      ['elsewhere', 'third'].map((bot) =>
        createKey(db, { bot, name: '', scopes: ['read', 'write'], perMinute: 1_000_000 }),
      ),
    )
    const clients = gateways.map((url, index) => createClient({ url, key: keys[index]!.key }))
    await clients[0]!.postEntry(PERSON, { asset: 'TOK', amount: '40', description: 'from elsewhere' }, 'gift')
    for (const visitor of visitors) {
      await visitor.say('/subscription')
      await visitor.press(/Десятка/)
      await visitor.hears(/Десятка на 30/)
    }
    const before = await has()
    const spent = Array.from({ length: 100 }, (_, index) =>
      clients[index % 2]!.postEntry(PERSON, { asset: 'TOK', amount: '-1' }, `spend-${index}`).then(
        () => 1n,
        (error: { status?: number }) => {
          if (error.status !== 422) throw error
          return 0n
        },
      ),
    )
    const presses = visitors.map((visitor) => visitor.press(/Оформить/))
    const taken = (await Promise.all(spent)).reduce((sum, one) => sum + one, 0n)
    await Promise.all(presses)
    const [bought] = await db.rows(q<{ count: bigint }>`
      select count(*) as count from postings where kind = 'subscription' and details ->> 'plan' = 'ten'`)
    expect(before).toBe(50n)
    expect(await has()).toBe(before - taken - 10n * (bought!.count - 1n))
    expect(await has()).toBe(0n)
  })

  test('each bot has admins, alerts, prices, blocked people and a send budget of its own', async () => {
    const boss = await visit(telegram.url, 'one_bot', { id: OWNER, first_name: 'Владелец' })
    const [one, two] = await Promise.all(
      ['one_bot', 'two_bot'].map((bot) =>
        visit(telegram.url, bot, { id: SECOND_OWNER, first_name: 'Вторая' }),
      ),
    )
    await two!.say('/admin')
    await two!.hears(/two/)
    await one!.say('/admin')
    await one!.hears(/не знаю такой команды/)
    for (const name of ['two', 'one']) {
      await db.tx((tx) => oweAdminAlert(tx, [{ name }], { key: `wrong-${name}`, text: 'alert-ledger' }))
    }
    await two!.hears(/Учёт денег не сходится/)
    await boss.hears(/Учёт денег не сходится/)
    const [told] = await db.rows(q<{ n: bigint }>`
      select count(*) as n from outbox where job = 'notice.send' and payload ->> 'text' = 'alert-ledger'
        and payload ->> 'bot' = 'one' and payload ->> 'personId' = ${String(SECOND_OWNER)}`)
    expect(told!.n).toBe(0n)

    await db.rows(q`insert into settings (bot, key, value) values ('two', 'stars-per-token', '7')`)
    await eventually(
      async () => {
        await two!.say('/buy')
        return (await two!.messages()).some((message) => /стоит 7/.test(message.text ?? ''))
      },
      { everyMs: 1_000 },
    )
    await one!.say('/buy')
    await one!.hears(/стоит 5/)

    // Telegram lets the first bot send nothing for a while, and the second bot is not affected.
    const phone = openPhone(`${telegram.url}/control`, 'one_bot', SECOND_OWNER)
    await phone.control('POST', '/faults', {
      on: 'call',
      method: 'sendMessage',
      bot: 'one_bot',
      times: 0,
      do: { retry_after: 5 },
    })
    await one!.say('/balance')
    await eventually(async () => {
      const calls = await phone.control<{ ok: boolean }[]>('GET', '/requests?bot=one_bot&method=sendMessage')
      return calls.some(({ ok }) => !ok)
    })
    await two!.say('/balance')
    await two!.hears(/Ваш баланс/)
    const texts = (await one!.messages()).map(({ text = '' }) => text)
    expect(texts.filter((text) => text.includes('Ваш баланс'))).toEqual([])
    await phone.control('PUT', '/faults', [])
    await one!.hears(/Ваш баланс/)

    // Blocking one bot changes nothing between the person and the other bot.
    await phone.control('PATCH', `/people/${SECOND_OWNER}`, { block: 'one_bot' })
    await db.tx((tx) =>
      owePersonNotice(tx, {
        key: 'to-somebody-who-blocked',
        bot: 'one',
        personId: BigInt(SECOND_OWNER),
        text: 'bot-paused',
      }),
    )
    await eventually(async () => {
      const rows = await db.rows(q<{ bot: string }>`
        select bot from bot_sessions where person_id = ${SECOND_OWNER} and blocked_at is not null`)
      return rows.length === 1 && rows[0]!.bot === 'one'
    })
  })

  test('a paused bot says so and the other one goes on', async () => {
    await db.rows(q`update bots set state = 'paused' where name = 'two'`)
    const two = await visit(telegram.url, 'two_bot', { id: PERSON + 1, first_name: 'Боб' })
    await two.hears(/на паузе/)
    const one = await visit(telegram.url, 'one_bot', { id: PERSON + 1, first_name: 'Боб' })
    await one.hears(/Магазин/)
    // The first deployment does not know who owns the bots of the second, so these are listed without keys.
    const elsewhere = await visit(telegram.url, 'one_bot', { id: OWNER, first_name: 'Владелец' })
    await elsewhere.say('/admin')
    await elsewhere.press(/^🤖 Боты/)
    const list = await elsewhere.hears(/two.*на паузе/)
    const keys = (list.inline_keyboard ?? []).flat().map(({ text }) => text)
    expect(keys.filter((text) => text.includes('one'))).toHaveLength(2)
    expect(keys.filter((text) => text.includes('two'))).toEqual([])

    const owner = await visit(telegram.url, 'two_bot', { id: OWNER, first_name: 'Владелец' })
    await owner.say('/admin')
    await owner.press(/^🤖 Боты/)
    await owner.press(/Включить: two/)
    await owner.hears(/two.*работает/)
    await two.say('/balance')
    await two.hears(/Ваш баланс/)
  })
})
